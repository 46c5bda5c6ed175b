#include "cfwarden/base/git_tree.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/git_id.h"

#include <algorithm>
#include <cstdint>

namespace cfwarden {
namespace {

constexpr std::size_t longest_name = 4096;
constexpr std::size_t longest_mode = 6;

std::optional<std::uint32_t> octal(std::string_view text) {
  if (text.empty() || text.size() > longest_mode) return std::nullopt;
  std::uint32_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7') return std::nullopt;
    number = number * 8 + static_cast<std::uint32_t>(digit - '0');
  }
  return number;
}

// Trees of old hold 0664; an index knows two sorts of file.
std::uint32_t as_in_index(std::uint32_t mode) {
  constexpr std::uint32_t type_bits = 0170000;
  constexpr std::uint32_t regular = 0100000;
  if ((mode & type_bits) != regular) return mode;
  return (mode & 0100U) != 0 ? 0100755 : 0100644;
}

}  // namespace

bool is_git_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::ranges::all_of(text, [](char byte) { return is_hex_digit(byte) && !is_upper(byte); });
}

std::string tree_of_git_commit(std::string_view commit) {
  constexpr std::string_view key = "tree ";
  if (!commit.starts_with(key)) return {};
  const std::size_t end = commit.find('\n');
  if (end == commit.npos) return {};
  const std::string_view id = commit.substr(key.size(), end - key.size());
  return is_git_id(id) ? std::string{id} : std::string{};
}

std::optional<std::vector<GitEntry>> entries_in_git_tree(std::string_view tree,
                                                         std::size_t id_bytes) {
  std::vector<GitEntry> entries;
  while (!tree.empty()) {
    const std::size_t space = tree.substr(0, longest_mode + 1).find(' ');
    if (space == tree.npos) return std::nullopt;
    const auto mode = octal(tree.substr(0, space));
    const std::size_t end = tree.find('\0', space);
    if (!mode || end == tree.npos || tree.size() - end - 1 < id_bytes) return std::nullopt;
    const std::string_view name = tree.substr(space + 1, end - space - 1);
    const bool is_name = !name.empty() && name.size() <= longest_name &&
                         name.find('/') == name.npos && name != "." && name != "..";
    if (!is_name) return std::nullopt;
    entries.push_back({.name = std::string{name},
                       .id = git_id_text(tree.substr(end + 1, id_bytes)),
                       .mode = as_in_index(*mode)});
    tree.remove_prefix(end + 1 + id_bytes);
  }
  return entries;
}

}  // namespace cfwarden
