#include "cfwarden/spots/keyed_values.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/spots/key_scopes.h"
#include "cfwarden/spots/sighting.h"
#include "cfwarden/spots/value_start.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;

// Names are compared in lower case and without what joins their words.
enum class Match { whole, ending };

struct KeyRow {
  std::string_view name;
  Match match;
  KeyRole role;
  KeyStrength strength = KeyStrength::strong;
};

constexpr KeyRow tunnel_secret{"tunnelsecret", Match::ending, KeyRole::secret};

constexpr std::array rows{
    tunnel_secret,
    KeyRow{"tunnelcreatesecret", Match::ending, KeyRole::secret},
    KeyRow{"secret", Match::whole, KeyRole::secret, KeyStrength::weak},
    KeyRow{"b64std", Match::whole, KeyRole::secret, KeyStrength::weak},
    KeyRow{"accountid", Match::ending, KeyRole::account},
    KeyRow{"accounttag", Match::ending, KeyRole::account},
    KeyRow{"account", Match::ending, KeyRole::account, KeyStrength::weak},
    KeyRow{"tunnelid", Match::ending, KeyRole::tunnel},
    KeyRow{"tunneluuid", Match::ending, KeyRole::tunnel},
    KeyRow{"tunnel", Match::whole, KeyRole::tunnel, KeyStrength::weak},
    KeyRow{"id", Match::whole, KeyRole::tunnel, KeyStrength::weak},
};

// What each byte means here, by its value: every byte of a large file is asked.
enum class Meaning : std::uint8_t { nothing, name, brace };

constexpr std::array<Meaning, 256> meanings = [] {
  std::array<Meaning, 256> table{};
  for (const char byte : {'{', '}'}) table[static_cast<unsigned char>(byte)] = Meaning::brace;
  for (const char byte : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789_-"}) {
    table[static_cast<unsigned char>(byte)] = Meaning::name;
  }
  return table;
}();

Meaning meaning_of(char byte) {
  return meanings[static_cast<unsigned char>(byte)];
}

bool is_quote(char byte) {
  return byte == '"' || byte == '\'';
}

char folded(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool ends_folded(std::string_view name, std::string_view ending, Match match) {
  while (!ending.empty()) {
    while (!name.empty() && (name.back() == '_' || name.back() == '-')) name.remove_suffix(1);
    if (name.empty() || folded(name.back()) != ending.back()) return false;
    name.remove_suffix(1);
    ending.remove_suffix(1);
  }
  return match == Match::ending || name.find_first_not_of("_-") == npos;
}

const KeyRow* row_of(std::string_view name) {
  const auto* const row = std::ranges::find_if(
      rows, [name](const KeyRow& known) { return ends_folded(name, known.name, known.match); });
  return row == rows.end() ? nullptr : row;
}

bool is_command_quote(char byte) {
  return is_quote(byte) || byte == '`';
}

// Those in which a command stands: opened before it on its line. An apostrophe is none.
std::string quotes_around(std::string_view line) {
  std::string open;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char before = at == 0 ? ' ' : line[at - 1];
    if (!is_command_quote(line[at]) || before == '\\') continue;
    const std::size_t opened = open.find(line[at]);
    if (opened != npos) open.resize(opened);
    if (opened == npos && meaning_of(before) != Meaning::name) open.push_back(line[at]);
  }
  return open;
}

// Follows a command until another begins, which has secrets of its own: behind a sign, on the next
// line unless this one goes on there, or where the quotes or parentheses end that the command
// stands in.
class CommandEnd {
 public:
  explicit CommandEnd(std::string_view line_before) : quotes_{quotes_around(line_before)} {}

  bool is_at(std::string_view before, char byte) {
    switch (byte) {
      case ';':
      case '&':
      case '|':
        return true;
      case '\n':
        return !before.ends_with('\\') && !before.ends_with("\\\r");
      case '(':
        ++parentheses_;
        return false;
      case ')':
        return --parentheses_ < 0;
      case '"':
      case '\'':
      case '`':
        return !before.ends_with('\\') && quotes_.find(byte) != npos;
      default:
        return false;
    }
  }

 private:
  std::string quotes_;
  int parentheses_ = 0;
};

// Whether what begins behind it is an argument of `cloudflared tunnel create`.
bool is_in_tunnel_create(std::string_view before) {
  constexpr std::size_t longest_command = 256;
  constexpr std::string_view words = "tunnel create ";
  // With the line that it stands on, as far as it can matter.
  before.remove_prefix(before.size() - std::min(before.size(), 2 * longest_command));
  const std::size_t begin = before.rfind(words);
  if (begin == npos || before.size() - begin > longest_command) return false;
  if (begin > 0 && meaning_of(before[begin - 1]) == Meaning::name) return false;
  const std::string_view above = before.substr(0, begin);
  CommandEnd end{above.substr(above.rfind('\n') + 1)};
  for (std::size_t at = begin + words.size(); at < before.size(); ++at) {
    if (end.is_at(before.substr(0, at), before[at])) return false;
  }
  return true;
}

// `tunnel.secret`, of Cloudflare's or nobody's tunnel: others have secrets, too.
bool is_tunnel_prefix(std::string_view before) {
  constexpr std::size_t longest_name = 64;
  before.remove_prefix(before.size() - std::min(before.size(), longest_name));
  std::string name;  // With all that it is a part of, without what joins the words.
  for (const char byte : before) {
    const bool joins = byte == '.' || byte == '_' || byte == '-';
    if (!joins && meaning_of(byte) != Meaning::name) name.clear();
    if (!joins && meaning_of(byte) == Meaning::name) name.push_back(folded(byte));
  }
  if (name == "tunnel" || name == "cftunnel" || name.ends_with("argotunnel")) return true;
  return name.ends_with("tunnel") && name.find("cloudflare") != npos;
}

// Whether what stands before the bare name `secret` says that it is a tunnel's.
bool is_of_tunnel(std::string_view before, std::string_view name) {
  if (before.ends_with('.')) return name.find('-') == npos && is_tunnel_prefix(before);
  return name.starts_with('-') && is_in_tunnel_create(before);
}

constexpr std::size_t longest_value = 1024;

// A value that is written out. What is computed or stands elsewhere is none: var.x, "${X}", f(x).
struct Written {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_text = true;  // Not of words and blanks, as what tells a reader what belongs there.
};

std::optional<Written> written_at(std::string_view text, std::size_t at) {
  const bool is_quoted = at < text.size() && is_quote(text[at]);
  const char quote = is_quoted ? text[at] : '\0';
  if (is_quoted) ++at;
  const std::string_view reach = text.substr(0, at + longest_value);
  std::size_t end = at;
  while (end < reach.size() && is_base64_letter(reach[end])) ++end;
  while (end < reach.size() && reach[end] == '=') ++end;
  const char next = end < text.size() ? text[end] : '\n';
  constexpr std::string_view computes = ".($[{:@%";
  if (computes.find(next) != npos) return std::nullopt;
  if (is_quoted && next != quote) return Written{at, end, false};
  if (end == at) return next == '<' ? std::optional{Written{at, end, false}} : std::nullopt;
  return Written{at, end};
}

bool is_nothing(std::string_view value) {
  constexpr std::array<std::string_view, 6> words{"", "null", "nil", "true", "false", "None"};
  return std::ranges::find(words, value) != words.end();
}

bool is_tunnel_id(std::string_view value) {
  constexpr std::size_t hyphenated = 36;
  const auto uuid = parse_uuid(value);
  return uuid && !uuid->is_nil() && value.size() == hyphenated;
}

bool is_meant(KeyRole role, std::string_view value) {
  switch (role) {
    case KeyRole::account:
      return is_account_id(value);
    case KeyRole::tunnel:
      return is_tunnel_id(value);
    case KeyRole::secret:
      break;
  }
  return true;
}

// As a Secret of Kubernetes holds it.
bool is_encoded_id(KeyRole role, std::string_view value) {
  constexpr std::size_t shortest = 42;  // Of 32 bytes.
  constexpr std::size_t longest = 48;   // Of a UUID.
  if (value.size() < shortest || value.size() > longest) return false;
  const auto id = decode_base64(value);
  return id && is_meant(role, id->reveal());
}

// Not a word of a sentence or of a program, which have no digits or one letter case.
bool looks_random(std::string_view value) {
  constexpr std::size_t shortest = 42;
  constexpr std::string_view digits = "0123456789";
  const auto is_upper = [](char byte) { return byte >= 'A' && byte <= 'Z'; };
  const auto is_lower = [](char byte) { return byte >= 'a' && byte <= 'z'; };
  return value.size() >= shortest && value.find_first_of(digits) != npos &&
         std::ranges::any_of(value, is_upper) && std::ranges::any_of(value, is_lower);
}

class KeyReader {
 public:
  explicit KeyReader(std::string_view text) : text_{text}, scopes_{text} {}

  KeyedValues all() && {
    bool line_starts = true;
    for (std::size_t at = 0; at < text_.size();) {
      const Meaning meaning = meaning_of(text_[at]);
      // A name may be the first of its line.
      if (line_starts || meaning == Meaning::brace) scopes_.take(at);
      line_starts = text_[at] == '\n';
      const std::size_t end = meaning == Meaning::name ? name_end(at) : at + 1;
      if (meaning == Meaning::name) take_name(at, end);
      at = end;
    }
    found_.scopes = std::move(scopes_).all();
    return std::move(found_);
  }

 private:
  std::size_t name_end(std::size_t at) const {
    while (at < text_.size() && meaning_of(text_[at]) == Meaning::name) ++at;
    return at;
  }

  void take_name(std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(begin, end - begin);
    switch (folded(name.back())) {
      case 'e':
        if (ends_folded(name, "type", Match::whole)) take_type(end);
        if (ends_folded(name, "name", Match::whole)) take_own_name(end);
        return;
      case 'd':
      case 'g':
      case 'l':
      case 't':
        return take_key(name, begin);
      case 's':  // The flag's other name.
        if (name == "-s" && is_in_tunnel_create(text_.substr(0, begin))) {
          take_value(tunnel_secret, begin, end);
        }
        return;
      default:  // No key ends so.
        return;
    }
  }

  void take_key(std::string_view name, std::size_t begin) {
    const std::size_t end = begin + name.size();
    const KeyRow* row = row_of(name);
    if (row == nullptr) return;
    const bool is_bare = row->role == KeyRole::secret && row->strength == KeyStrength::weak;
    if (is_bare && is_of_tunnel(text_.substr(0, begin), name)) row = &tunnel_secret;
    take_value(*row, begin, end);
  }

  void take_value(const KeyRow& row, std::size_t key, std::size_t key_end) {
    const std::optional<ValuePlace> place = value_place(text_, key, key_end);
    if (!place || (place->bond == Bond::beside && row.strength == KeyStrength::weak)) return;
    const std::optional<Written> written = written_at(text_, place->begin);
    if (written) add(row, *written, place->bond);
  }

  // "type": "cloudflare_tunnel", in a state file; type: cloudflare:Tunnel, in a stack.
  void take_type(std::size_t end) {
    constexpr std::size_t longest_type = 96;
    const std::string_view rest = text_.substr(end, longest_type);
    if (names_tunnel(rest.substr(0, rest.find_first_of(",\n}")))) scopes_.mark_tunnel();
  }

  // "type": "random_id", "name": "tunnel_secret", in a state file: what the secret is made of.
  void take_own_name(std::size_t end) {
    constexpr std::size_t longest_name = 64;
    const std::string_view rest = text_.substr(end, longest_name);
    const std::string_view name = rest.substr(0, rest.find_first_of(",\n}"));
    if (name.find("tunnel_secret") != npos) scopes_.mark_tunnel();
  }

  void add(const KeyRow& row, const Written& written, Bond bond) {
    const std::string_view value = text_.substr(written.begin, written.end - written.begin);
    if (written.is_text && is_nothing(value)) return;
    const bool is_encoded =
        row.role != KeyRole::secret && !is_meant(row.role, value) && is_encoded_id(row.role, value);
    const bool is_id = is_encoded || is_meant(row.role, value);
    const bool may_be_other = row.strength == KeyStrength::weak || bond == Bond::beside;
    if (!is_id && may_be_other) return;
    if (bond == Bond::beside && row.role == KeyRole::secret && !looks_random(value)) return;
    if (found_.values.size() == most_keyed_values) {
      found_.is_complete = false;
      return;
    }
    found_.values.push_back({.role = row.role,
                             .strength = row.strength,
                             .begin = written.begin,
                             .end = written.end,
                             .scope = scopes_.current(),
                             .is_placeholder = !is_id || !written.is_text,
                             .is_encoded = is_encoded});
  }

  std::string_view text_;
  ScopeReader scopes_;
  KeyedValues found_;
};

}  // namespace

KeyedValues keyed_values(std::string_view text) {
  return KeyReader{text}.all();
}

}  // namespace cfwarden
