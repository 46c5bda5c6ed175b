#include "cfwarden/kinds/embedded.h"

#include "cfwarden/kinds/repair.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

std::vector<Finds::Find> in_order(const Finds& finds) {
  std::vector<Finds::Find> sorted = finds.all();
  std::ranges::stable_sort(sorted, {}, &Finds::Find::offset);
  return sorted;
}

}  // namespace

void Finds::add(std::size_t offset, Credential credential) {
  const bool known = std::ranges::any_of(all_, [&credential](const Find& find) {
    return find.credential.kind == credential.kind &&
           find.credential.fingerprint == credential.fingerprint;
  });
  if (known || more_) return;
  more_ = all_.size() == most_;
  if (!more_) all_.push_back({.offset = offset, .credential = std::move(credential)});
}

EmbeddedCredentials embedded_credentials(const Sample& sample, std::size_t most) {
  if (sample.bytes.size() > max_credential_bytes) return {};
  const PlainText plain{sample.bytes};
  Finds finds{most};
  find_account_certificates(plain.reveal(), sample.hmac_key, finds);
  find_tunnel_credentials(plain.reveal(), sample.hmac_key, finds);
  find_tunnel_tokens(plain.reveal(), sample.hmac_key, finds);
  find_access_service_token(plain.reveal(), sample.hmac_key, finds);
  EmbeddedCredentials embedded{.found = {}, .more = finds.more()};
  for (Finds::Find& find : in_order(finds)) {
    embedded.found.push_back(
        {.line = plain.line_of(find.offset), .credential = std::move(find.credential)});
  }
  return embedded;
}

}  // namespace cfwarden
