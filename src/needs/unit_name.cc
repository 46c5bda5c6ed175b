#include "cfwarden/needs/unit_name.h"

#include "cfwarden/base/ascii.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace cfwarden {
namespace {

constexpr std::string_view suffix = ".service";
constexpr std::size_t max_name = 255;

// The bytes that systemd allows in the name of a unit.
bool is_valid_byte(char byte) {
  constexpr std::string_view marks = "@:-_.\\";
  return is_lower(byte) || is_upper(byte) || is_digit(byte) || marks.find(byte) != marks.npos;
}

std::optional<char> escaped_byte(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() < 4) return std::nullopt;
  if (!is_hex_digit(text[2]) || !is_hex_digit(text[3])) return std::nullopt;
  return static_cast<char>(hex_value(text[2]) * 16 + hex_value(text[3]));
}

// "foo-bar" -> "foo-", "foo-" and "foo" -> "".
std::string shortened(std::string_view prefix) {
  while (prefix.ends_with('-')) prefix.remove_suffix(1);
  const std::size_t dash = prefix.rfind('-');
  return dash == prefix.npos || dash == 0 ? std::string{} : std::string{prefix.substr(0, dash + 1)};
}

// The names of an instance with many dashes grow with their square.
constexpr std::size_t max_drop_in_names = 64;

void append_drop_in_names(const UnitName& name, std::vector<std::string>& names) {
  if (name.full.empty() || names.size() == max_drop_in_names) return;
  // A template is met again at every shorter name: the first place counts.
  if (std::ranges::find(names, name.full) != names.end()) return;
  names.push_back(name.full);
  if (name.is_instance) append_drop_in_names(service_name_of(name.name_of_template()), names);
  const std::string shorter = shortened(name.prefix);
  if (shorter.empty()) return;
  const std::string at = name.is_instance ? "@" + name.instance : std::string{};
  append_drop_in_names(service_name_of(shorter + at + std::string{suffix}), names);
}

}  // namespace

UnitName service_name_of(std::string_view file_name) {
  UnitName name;
  if (!file_name.ends_with(suffix) || file_name.size() == suffix.size() ||
      file_name.size() > max_name || !std::ranges::all_of(file_name, is_valid_byte)) {
    return name;
  }
  const std::string_view stem = file_name.substr(0, file_name.size() - suffix.size());
  const std::size_t at = stem.find('@');
  if (at == 0) return name;
  name.full = file_name;
  name.prefix = stem.substr(0, at);
  if (at == stem.npos) return name;
  name.instance = stem.substr(at + 1);
  name.is_instance = !name.instance.empty();
  name.is_template = name.instance.empty();
  return name;
}

std::string unescaped_unit_name(std::string_view escaped) {
  std::string text;
  while (!escaped.empty()) {
    const std::optional<char> byte = escaped_byte(escaped);
    text += byte ? *byte : escaped.front() == '-' ? '/' : escaped.front();
    escaped.remove_prefix(byte ? 4 : 1);
  }
  return text;
}

std::vector<std::string> drop_in_names_of(const UnitName& name) {
  std::vector<std::string> names;
  append_drop_in_names(name, names);
  return names;
}

}  // namespace cfwarden
