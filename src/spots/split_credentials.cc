#include "cfwarden/base/base64.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/spots/keyed_values.h"
#include "cfwarden/spots/sighting.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

// An id that belongs to a secret, or what only holds its place.
struct Partner {
  const KeyedValue* value = nullptr;
  std::size_t distance = 0;  // Scopes outwards from the secret's own.
};

class Joiner {
 public:
  Joiner(std::string_view text, std::string_view hmac_key)
      : text_{text}, hmac_key_{hmac_key}, keyed_{keyed_values(text)} {
    for (const KeyedValue& value : keyed_.values) {
      if (value.role == KeyRole::account) accounts_.push_back(&value);
      if (value.role == KeyRole::tunnel) {
        (value.strength == KeyStrength::strong ? tunnels_ : weak_tunnels_).push_back(&value);
      }
    }
  }

  SplitCredentials all() const {
    SplitCredentials split{.found = {}, .is_complete = keyed_.is_complete};
    for (const KeyedValue& value : keyed_.values) {
      if (value.role != KeyRole::secret || value.is_placeholder) continue;
      if (auto credential = joined(value)) {
        split.found.push_back({value.begin, value.end, std::move(*credential), false});
      }
    }
    return split;
  }

 private:
  static constexpr std::size_t most_scopes = 64;

  std::optional<Credential> joined(const KeyedValue& secret) const {
    const Partner account = partner_of(secret, accounts_);
    Partner tunnel = partner_of(secret, tunnels_);
    if (!is_beside(tunnel)) {
      const Partner weak = partner_of(secret, weak_tunnels_);
      if (is_beside(weak)) tunnel = weak;
    }
    if (is_beside_placeholder(account) || is_beside_placeholder(tunnel)) return std::nullopt;
    const bool is_told = secret.strength == KeyStrength::strong || is_in_tunnel(secret) ||
                         (is_beside(account) && is_beside(tunnel));
    if (!is_told) return std::nullopt;
    const std::string account_id = id_of(account.value);
    const std::string tunnel_id = id_of(tunnel.value);
    const bool is_encoded = is_encoded_beside(account) || is_encoded_beside(tunnel);
    const auto plain = is_encoded ? decode_base64(text_of(secret)) : std::nullopt;
    const Decoded decoded =
        decode_tunnel_secret({.secret = plain ? plain->reveal() : text_of(secret),
                              .account = account_id,
                              .tunnel = tunnel_id,
                              .hmac_key = hmac_key_});
    const auto* const credential = std::get_if<Credential>(&decoded);
    return credential == nullptr ? std::nullopt : std::optional{*credential};
  }

  std::string_view text_of(const KeyedValue& value) const {
    return text_.substr(value.begin, value.end - value.begin);
  }

  // "" of none, and of what only holds its place.
  std::string id_of(const KeyedValue* value) const {
    if (value == nullptr || value->is_placeholder) return {};
    const auto id = value->is_encoded ? decode_base64(text_of(*value)) : std::nullopt;
    return std::string{id ? id->reveal() : text_of(*value)};
  }

  static bool is_encoded_beside(const Partner& partner) {
    return is_beside(partner) && partner.value->is_encoded;
  }
  static bool is_beside(const Partner& partner) {
    return partner.value != nullptr && partner.distance == 0;
  }
  static bool is_beside_placeholder(const Partner& partner) {
    return is_beside(partner) && partner.value->is_placeholder;
  }

  // A resource's type stands in its head, or a few objects further out.
  bool is_in_tunnel(const KeyedValue& secret) const {
    constexpr std::size_t most_outwards = 4;
    std::size_t scope = secret.scope;
    for (std::size_t i = 0; i < most_outwards && scope != 0; ++i) {
      if (keyed_.scopes[scope].is_tunnel) return true;
      scope = keyed_.scopes[scope].outer;
    }
    return false;
  }

  // Of the nearest one before and behind the secret, that in the narrower scope; the nearer one, if
  // both are in the same.
  Partner partner_of(const KeyedValue& secret, const std::vector<const KeyedValue*>& ids) const {
    const auto behind = std::ranges::upper_bound(
        ids, secret.begin, {}, [](const KeyedValue* value) { return value->begin; });
    const KeyedValue* const next = behind == ids.end() ? nullptr : *behind;
    const KeyedValue* const last = behind == ids.begin() ? nullptr : *std::prev(behind);
    std::size_t scope = secret.scope;
    for (std::size_t distance = 0; distance < most_scopes; ++distance) {
      const bool has_next = belongs(next, secret, scope);
      const bool has_last = belongs(last, secret, scope);
      if (has_next && has_last) {
        const bool is_next_nearer = next->begin - secret.begin < secret.begin - last->begin;
        return {is_next_nearer ? next : last, distance};
      }
      if (has_next || has_last) return {has_next ? next : last, distance};
      if (scope == 0) break;
      scope = keyed_.scopes[scope].outer;
    }
    return {};
  }

  bool belongs(const KeyedValue* id, const KeyedValue& secret, std::size_t scope) const {
    if (id == nullptr) return false;
    const bool is_weak = id->role == KeyRole::tunnel && id->strength == KeyStrength::weak;
    if (is_weak && id->scope != secret.scope) return false;
    return id->begin >= keyed_.scopes[scope].begin && id->begin < keyed_.scopes[scope].end;
  }

  std::string_view text_;
  std::string_view hmac_key_;
  KeyedValues keyed_;
  std::vector<const KeyedValue*> accounts_;
  std::vector<const KeyedValue*> tunnels_;
  std::vector<const KeyedValue*> weak_tunnels_;
};

}  // namespace

SplitCredentials split_credentials(std::string_view text, std::string_view hmac_key) {
  return Joiner{text, hmac_key}.all();
}

}  // namespace cfwarden
