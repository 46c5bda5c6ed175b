#include "cfwarden/spots/value_start.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

bool is_quote(char byte) {
  return byte == '"' || byte == '\'';
}

bool is_space(char byte) {
  return is_blank(byte) || byte == '\n' || byte == '\r';
}

// One step after the other, from behind the key.
class ValueStart {
 public:
  ValueStart(std::string_view text, std::size_t key, std::size_t key_end)
      : text_{text}, key_{key}, at_{key_end} {}

  std::optional<ValuePlace> find() {
    if (peeks('>') && key_ > 0 && text_[key_ - 1] == '<') {  // <key>value</key>
      ++at_;
      skip_space();
      return ValuePlace{at_, Bond::written};
    }
    const std::size_t key_end = at_;
    skip_closing();
    const bool is_quoted = at_ > key_end;
    skip_blanks();
    if (is_quoted && peeks('{')) return inner_value();  // variable "key" { default = value }
    const std::optional<Bond> bond = separator(key_end);
    if (!bond) return std::nullopt;
    skip_blanks();
    if (*bond == Bond::written) {
      if (peeks('{')) return inner_value();
      skip_yaml();
    }
    skip_conversion();
    skip_element();
    return ValuePlace{at_, *bond};
  }

 private:
  static constexpr std::size_t longest_element = 64;

  std::string_view rest() const { return text_.substr(at_); }
  bool peeks(char byte) const { return at_ < text_.size() && text_[at_] == byte; }
  bool peeks_quote() const { return at_ < text_.size() && is_quote(text_[at_]); }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // The quote of a key, or the end of an element.
  void skip_closing() {
    if (peeks_quote()) ++at_;
    if (!rest().starts_with("</")) return;
    const std::size_t end = text_.substr(at_, longest_element).find('>');
    if (end != npos) at_ += end + 1;
    is_element_ = end != npos;
  }

  std::optional<Bond> separator(std::size_t key_end) {
    if (is_element_) {
      skip_space();
      return peeks('<') ? std::optional{Bond::written} : std::nullopt;
    }
    if (peeks(':') || peeks('=') || rest().starts_with("?=")) return after_sign();
    // UCI quotes its values. Elsewhere a blank joins an argument to its flag, and a zero byte does
    // where the kernel keeps arguments.
    const bool is_apart = at_ > key_end && is_blank(text_[at_ - 1]);
    if (is_apart && peeks_quote()) return Bond::written;
    if (take("||") || take("??") || take(std::string_view{"\0", 1})) return Bond::beside;
    if (is_apart && take_type()) return Bond::written;
    const bool is_row = peeks(',') || peeks('\n') || peeks('\r') || rest().starts_with("value");
    return is_apart && !is_row ? Bond::beside : after_comma();
  }

  std::optional<Bond> after_sign() {
    if (take("?=") || take("::=") || take(":=") || take("=>")) return Bond::written;
    const bool is_colon = peeks(':');
    ++at_;
    if (peeks('=')) return std::nullopt;  // ==
    const bool is_default = is_colon && peeks('-') && text_.substr(0, key_).ends_with("${");
    if (is_default) ++at_;  // ${KEY:-value}
    skip_blanks();
    if (is_colon) take_type();
    return Bond::written;
  }

  // KEY: str = value
  bool take_type() {
    constexpr std::size_t longest = 32;
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_&<>[]'|? ";
    const std::string_view reach = text_.substr(at_, longest);
    const std::size_t sign = reach.find_first_not_of(letters);
    const bool is_type = sign != npos && sign > 1 && reach.substr(sign - 1).starts_with(" = ");
    if (is_type) at_ += sign + 1;
    return is_type;
  }

  // The rows of a list, name: KEY, value: VALUE, or attributes; or an argument of a call, or of a
  // list of them.
  std::optional<Bond> after_comma() {
    const bool is_list = take(",");
    skip_space();
    const std::size_t quote = peeks_quote() ? 1 : 0;
    if (text_.substr(at_ + quote).starts_with("value")) {
      at_ += 2 * quote + std::string_view{"value"}.size();
      skip_blanks();
      if (take(":") || take("=")) return Bond::written;
      return std::nullopt;
    }
    return is_list && quote > 0 ? std::optional{Bond::beside} : std::nullopt;
  }

  // { "sensitive": true, "value": VALUE } of an output, { default = VALUE } of a variable.
  std::optional<ValuePlace> inner_value() {
    constexpr std::size_t longest_object = 256;
    const std::string_view object = text_.substr(at_, longest_object);
    const std::string_view own = object.substr(0, object.find('}'));
    for (const std::string_view key : {"value", "default"}) {
      const std::size_t found = own.find(key);
      if (found == npos) continue;
      at_ += found + key.size();
      if (peeks_quote()) ++at_;
      skip_blanks();
      if (!take(":") && !take("=")) return std::nullopt;
      skip_blanks();
      return ValuePlace{at_, Bond::written};
    }
    return std::nullopt;
  }

  // What stands before a value of YAML: an anchor, a tag, the sign of a block.
  void skip_yaml() {
    if (peeks('|') || (peeks('>') && !rest().starts_with(">="))) skip_block_start();
    for (int i = 0; i < 2 && (peeks('!') || peeks('&')); ++i) {
      const std::string_view word = text_.substr(at_, longest_element);
      const std::size_t end = word.find_first_of(" \t\r\n=");
      if (end == npos || word[end] == '=') return;  // A query's next parameter.
      at_ += end;
      skip_blanks();
    }
  }

  void skip_block_start() {
    const std::size_t end = text_.find_first_not_of("|>+-0123456789 \t\r", at_);
    if (end == npos || text_[end] != '\n') return;
    at_ = end;
    skip_space();
  }

  // What only tells a compiler the type of a value that is written out.
  void skip_conversion() {
    constexpr std::array<std::string_view, 6> conversions{
        "[]byte(", "uuid.MustParse(", "sensitive(", "pulumi.secret(", "str(", "UUID("};
    for (const std::string_view conversion : conversions) {
      if (!rest().starts_with(conversion)) continue;
      const std::size_t inside = at_ + conversion.size();
      if (inside < text_.size() && is_quote(text_[inside])) at_ = inside;
      return;
    }
  }

  void skip_element() {
    if (!is_element_) return;
    const std::size_t end = text_.substr(at_, longest_element).find('>');
    if (end != npos) at_ += end + 1;
    skip_space();
  }

  std::string_view text_;
  std::size_t key_;
  std::size_t at_;
  bool is_element_ = false;
};

}  // namespace

std::optional<ValuePlace> value_place(std::string_view text, std::size_t key, std::size_t key_end) {
  return ValueStart{text, key, key_end}.find();
}

}  // namespace cfwarden
