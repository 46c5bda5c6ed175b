#include "cfwarden/needs/text_variables.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_nesting = 8;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_name_byte(text[size])) ++size;
  return size > 0 && text[0] >= '0' && text[0] <= '9' ? 0 : size;
}

// The byte behind the brace that closes what `text` begins with ("{"); npos for none.
std::size_t behind_braces(std::string_view text) {
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '{') ++open;
    if (text[at] == '}' && --open == 0) return at + 1;
  }
  return text.npos;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\v\f";
  const std::size_t start = text.find_first_not_of(blank);
  if (start == text.npos) return "";
  return text.substr(start, text.find_last_not_of(blank) - start + 1);
}

// Of a value in double quotes, up to its end; inside single quotes nothing is special.
std::string quoted_value(std::string_view text) {
  const char quote = text[0];
  std::string value;
  for (std::size_t at = 1; at < text.size() && text[at] != quote; ++at) {
    const bool escapes = quote == '"' && text[at] == '\\' && at + 1 < text.size();
    if (escapes && (text[at + 1] == '"' || text[at + 1] == '\\' || text[at + 1] == '$')) ++at;
    value += text[at];
  }
  return value;
}

std::string plain_value(std::string_view text) {
  const std::size_t comment = std::min(text.find(" #"), text.find("\t#"));
  return std::string{trimmed(text.substr(0, comment))};
}

std::string value_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('#')) return "";
  const bool is_quoted = text.starts_with('"') || text.starts_with('\'');
  return is_quoted ? quoted_value(text) : plain_value(text);
}

}  // namespace

std::string TextVariables::as_compose(std::string_view text) {
  std::string out;
  append_compose(text, 0, out);
  return out;
}

void TextVariables::append_compose(std::string_view text, std::size_t depth, std::string& out) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('$'), text.size());
    append(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t name = name_size(text.substr(1));
    const bool is_braced = text.starts_with("${") && depth < max_nesting;
    const std::size_t braces = is_braced ? behind_braces(text.substr(1)) : text.npos;
    if (is_braced && braces == text.npos) {
      append(text, out);  // Compose takes no such file.
      return;
    }
    if (text.starts_with("$$")) {
      append("$", out);
      text.remove_prefix(2);
    } else if (is_braced) {
      append_braced(text.substr(2, braces - 2), depth, out);
      text.remove_prefix(braces + 1);
    } else if (name > 0) {
      const std::string* value = find(text.substr(1, name));
      append(value != nullptr ? *value : unknown_, out);
      text.remove_prefix(name + 1);
    } else {
      append("$", out);
      text.remove_prefix(1);
    }
  }
}

// What stands between the braces: a name, and what to take without or instead of its value.
void TextVariables::append_braced(std::string_view inside, std::size_t depth, std::string& out) {
  const std::string_view name = inside.substr(0, name_size(inside));
  std::string_view rest = inside.substr(name.size());
  const bool empty_counts_as_unset = rest.starts_with(':');
  if (empty_counts_as_unset) rest.remove_prefix(1);
  const char operation = rest.empty() ? '\0' : rest[0];
  const bool was_unknown = took_unknown_;
  const std::string* value = find(name);
  const bool is_known = value != nullptr;
  if (is_known && empty_counts_as_unset && value->empty()) value = nullptr;
  if (operation == '+') {
    took_unknown_ = was_unknown;
    if (value != nullptr) append_compose(rest.substr(1), depth + 1, out);
  } else if (value != nullptr) {
    append(*value, out);
  } else if (operation == '-') {
    took_unknown_ = was_unknown;
    append_compose(rest.substr(1), depth + 1, out);
  } else if (!is_known) {
    append(unknown_, out);
  }
}

std::string TextVariables::as_kubernetes(std::string_view text) {
  std::string out;
  const std::size_t last_closing = text.rfind(')');
  const char* const begin = text.data();
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('$'), text.size());
    append(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto at = static_cast<std::size_t>(text.data() - begin);
    std::size_t taken = text.starts_with("$$") ? 2 : 1;
    std::string_view written = "$";
    if (text.starts_with("$(") && last_closing != text.npos && at < last_closing) {
      const std::size_t end = text.find(')');
      const std::string* value = find(text.substr(2, end - 2));
      taken = end + 1;
      written = value != nullptr ? std::string_view{*value} : text.substr(0, taken);
    }
    append(written, out);
    text.remove_prefix(taken);
  }
  return out;
}

const std::string* TextVariables::find(std::string_view name) {
  const auto found = known_.find(name);
  (found == known_.end() ? took_unknown_ : took_known_) = true;
  return found == known_.end() ? nullptr : &found->second;
}

void TextVariables::append(std::string_view text, std::string& out) {
  const std::size_t room = std::min(budget_.bytes_left, max_expanded_bytes - out.size());
  text = text.substr(0, room);
  budget_.bytes_left -= text.size();
  out += text;
}

std::vector<EnvFileLine> compose_env_file(std::string_view text) {
  std::vector<EnvFileLine> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = trimmed(line);
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find_first_of("=:");
    const std::string_view name = trimmed(line.substr(0, equals));
    if (name.empty()) continue;
    EnvFileLine& added = lines.emplace_back();
    added.name = name;
    if (equals != line.npos) added.value = value_of(line.substr(equals + 1));
  }
  return lines;
}

}  // namespace cfwarden
