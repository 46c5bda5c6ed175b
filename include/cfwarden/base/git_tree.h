// What a commit of git holds: the tree that it names, and what a tree lists. As git-mktree(1) and
// gitformat-commit say it. Pure.
//
// Promises  linear in the bytes and bounded in memory, whatever they are; what does not parse to
// its
//           end is none.
#pragma once

#include "cfwarden/base/git_index.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// The id (hexadecimal) of its tree; "" for what is no commit.
std::string tree_of_git_commit(std::string_view commit);

// Names without their directory, modes as an index would have them. `id_bytes`: 20 or 32.
std::optional<std::vector<GitEntry>> entries_in_git_tree(std::string_view tree,
                                                         std::size_t id_bytes);

bool is_git_id(std::string_view text);  // 40 or 64 hexadecimal digits, small letters.

}  // namespace cfwarden
