#include "cfwarden/base/git_refs.h"

#include "cfwarden/base/git_tree.h"

#include <algorithm>
#include <cstddef>

namespace cfwarden {

bool is_git_ref_name(std::string_view name) {
  constexpr std::size_t longest_name = 4096;
  if (!name.starts_with("refs/") || name.size() > longest_name) return false;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    if (part.empty() || part.front() == '.' || part.find('\0') != part.npos) return false;
    if (end + 1 == name.size()) return false;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return true;
}

GitRef git_ref_in(std::string_view file) {
  file = file.substr(0, file.find_last_not_of(" \t\r\n") + 1);
  constexpr std::string_view key = "ref:";
  if (!file.starts_with(key))
    return {.leads_to = {}, .id = std::string{is_git_id(file) ? file : ""}};
  file.remove_prefix(key.size());
  file.remove_prefix(std::min(file.find_first_not_of(" \t"), file.size()));
  return {.leads_to = std::string{is_git_ref_name(file) ? file : ""}, .id = {}};
}

std::string id_in_packed_refs(std::string_view packed_refs, std::string_view ref) {
  while (!packed_refs.empty()) {
    const std::size_t end = std::min(packed_refs.find('\n'), packed_refs.size());
    const std::string_view line = packed_refs.substr(0, end);
    packed_refs.remove_prefix(std::min(end + 1, packed_refs.size()));
    const std::size_t space = line.find(' ');
    if (space == line.npos || line.substr(space + 1) != ref) continue;
    if (is_git_id(line.substr(0, space))) return std::string{line.substr(0, space)};
  }
  return {};
}

}  // namespace cfwarden
