#include "cfwarden/spots/keyed_values.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/spots/key_scopes.h"
#include "cfwarden/spots/sighting.h"

#include <algorithm>
#include <array>
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

constexpr std::array rows{
    KeyRow{"tunnelsecret", Match::ending, KeyRole::secret},
    KeyRow{"secret", Match::whole, KeyRole::secret, KeyStrength::weak},
    KeyRow{"accountid", Match::ending, KeyRole::account},
    KeyRow{"accounttag", Match::ending, KeyRole::account},
    KeyRow{"account", Match::ending, KeyRole::account, KeyStrength::weak},
    KeyRow{"tunnelid", Match::ending, KeyRole::tunnel},
    KeyRow{"tunneluuid", Match::ending, KeyRole::tunnel},
    KeyRow{"tunnel", Match::whole, KeyRole::tunnel, KeyStrength::weak},
    KeyRow{"id", Match::whole, KeyRole::tunnel, KeyStrength::weak},
};

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
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
  const char last = folded(name.back());
  if (last != 't' && last != 'd' && last != 'g' && last != 'l') return nullptr;
  const auto* const row = std::ranges::find_if(
      rows, [name](const KeyRow& known) { return ends_folded(name, known.name, known.match); });
  return row == rows.end() ? nullptr : row;
}

// Where values begin, one step after the other, in whatever syntax they are written.
class ValueStart {
 public:
  ValueStart(std::string_view text, std::size_t name_end) : text_{text}, at_{name_end} {}

  // Of the value of the key that ends here; npos when none is given.
  std::size_t find() {
    skip_closing();
    skip_blanks();
    if (!take_separator()) return npos;
    skip_blanks();
    if (peeks('{')) return inner_value();
    if (peeks('|') || (peeks('>') && !text_.substr(at_).starts_with(">="))) skip_block_start();
    if (peeks('!')) skip_tag();
    skip_element();
    return at_;
  }

 private:
  bool peeks(char byte) const { return at_ < text_.size() && text_[at_] == byte; }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_space() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  // The quote of a key, or the end of an element.
  void skip_closing() {
    if (at_ < text_.size() && is_quote(text_[at_])) ++at_;
    if (text_.substr(at_).starts_with("</")) {
      const std::size_t end = text_.substr(at_, longest_element).find('>');
      if (end != npos) at_ += end + 1;
      is_element_ = end != npos;
    }
  }

  bool take_separator() {
    if (is_element_) {
      skip_space();
      return peeks('<');
    }
    if (peeks(':') || peeks('=')) {
      const bool is_assignment = peeks(':');
      ++at_;
      if (peeks('>') || (is_assignment && peeks('='))) ++at_;  // => and :=
      return !peeks('=');
    }
    if (at_ < text_.size() && is_quote(text_[at_]) && is_blank(text_[at_ - 1])) return true;  // UCI
    return take_value_key();
  }

  // The rows of a list: name: KEY, value: VALUE.
  bool take_value_key() {
    if (peeks(',')) ++at_;
    skip_space();
    const std::size_t quote = at_ < text_.size() && is_quote(text_[at_]) ? 1 : 0;
    if (!text_.substr(at_ + quote).starts_with("value")) return false;
    at_ += 2 * quote + std::string_view{"value"}.size();
    skip_blanks();
    if (!peeks(':') && !peeks('=')) return false;
    ++at_;
    return true;
  }

  // { "sensitive": true, "value": VALUE } of an output.
  std::size_t inner_value() {
    constexpr std::size_t longest_object = 256;
    const std::string_view object = text_.substr(at_, longest_object);
    const std::size_t key = object.substr(0, object.find('}')).find("value");
    if (key == npos) return npos;
    at_ += key + std::string_view{"value"}.size();
    if (at_ < text_.size() && is_quote(text_[at_])) ++at_;
    skip_blanks();
    if (!peeks(':') && !peeks('=')) return npos;
    ++at_;
    skip_blanks();
    return at_;
  }

  void skip_block_start() {
    const std::size_t end = text_.find_first_not_of("|>+-0123456789 \t\r", at_);
    if (end == npos || text_[end] != '\n') return;
    at_ = end;
    skip_space();
  }

  void skip_tag() {
    at_ = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
    skip_blanks();
  }

  void skip_element() {
    if (!is_element_) return;
    const std::size_t end = text_.substr(at_, longest_element).find('>');
    if (end != npos) at_ += end + 1;
    skip_space();
  }

  static constexpr std::size_t longest_element = 64;

  std::string_view text_;
  std::size_t at_;
  bool is_element_ = false;
};

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

class KeyReader {
 public:
  explicit KeyReader(std::string_view text) : text_{text}, scopes_{text} {}

  KeyedValues all() && {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = name_end(at);
      if (end == at) {
        scopes_.take(at++);
        continue;
      }
      scopes_.take(at);  // A name may be the first of its line.
      take_name(at, end);
      at = end;
    }
    found_.scopes = std::move(scopes_).all();
    return std::move(found_);
  }

 private:
  std::size_t name_end(std::size_t at) const {
    while (at < text_.size() && is_name_byte(text_[at])) ++at;
    return at;
  }

  void take_name(std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(begin, end - begin);
    if (ends_folded(name, "type", Match::whole)) take_type(end);
    const KeyRow* const row = row_of(name);
    if (row == nullptr) return;
    const std::size_t start = ValueStart{text_, end}.find();
    if (start == npos) return;
    const std::optional<Written> written = written_at(text_, start);
    if (written) add(*row, *written);
  }

  // "type": "cloudflare_tunnel", in a state file; type: cloudflare:Tunnel, in a stack.
  void take_type(std::size_t end) {
    constexpr std::size_t longest_type = 96;
    const std::string_view rest = text_.substr(end, longest_type);
    if (names_tunnel(rest.substr(0, rest.find_first_of(",\n}")))) scopes_.mark_tunnel();
  }

  void add(const KeyRow& row, const Written& written) {
    const std::string_view value = text_.substr(written.begin, written.end - written.begin);
    if (written.is_text && is_nothing(value)) return;
    const bool is_id = row.role == KeyRole::account  ? is_account_id(value)
                       : row.role == KeyRole::tunnel ? is_tunnel_id(value)
                                                     : true;
    if (!is_id && row.strength == KeyStrength::weak) return;
    if (found_.values.size() == most_keyed_values) {
      found_.is_complete = false;
      return;
    }
    found_.values.push_back({.role = row.role,
                             .strength = row.strength,
                             .begin = written.begin,
                             .end = written.end,
                             .scope = scopes_.current(),
                             .is_placeholder = !is_id || !written.is_text});
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
