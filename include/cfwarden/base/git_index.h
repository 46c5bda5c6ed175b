// Which files a git index lists: its versions 2 to 4, with ids of SHA-1 or SHA-256. Pure.
//
// Promises  linear in the bytes and bounded in memory, whatever they are. What does not parse to
// its
//           end is no index; one that leaves its names to another file (a split index) is not
//           understood.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// For each of `names`, whether the index lists it; nullopt for what is no index, or not understood.
// Names are paths below the top of the work tree, without a slash in front, sorted, each once.
std::optional<std::vector<bool>> listed_by_git(std::string_view index,
                                               std::span<const std::string> names);

// One entry: what is to be committed under that name.
struct GitEntry {
  std::string name;  // Below the top of the work tree. Hostile bytes.
  std::string id;    // Of the object, in hexadecimal.
  std::uint32_t mode = 0;
  bool is_only_intended = false;  // `git add --intent-to-add`: it has no content yet.
};

// All of them, in the index's order; nullopt as above.
std::optional<std::vector<GitEntry>> entries_in_git_index(std::string_view index);

// Where the file that stands in place of .git leads to: "gitdir: PATH". "" for none.
std::string git_directory_of(std::string_view link_file);

}  // namespace cfwarden
