// By what somebody gets at a file: its own bits and ACL, or a directory above it.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/model/file_facts.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cfwarden {

// Ordered as the clauses are told: the file first, then directories from the root down.
struct Way {
  std::size_t directory = 0;  // 0: the file itself; else its index in the ancestors plus one.
  bool owns = false;          // The directory.
  AclTag by = AclTag::others;
  std::uint32_t id = 0;
  auto operator<=>(const Way&) const = default;
};

// Which of the directories above one file holds which. Those of a link are no part of the way: its
// target has a name without them. Borrows the facts; its cost is linear in their number.
class Above {
 public:
  explicit Above(const FileFacts& facts);
  explicit Above(FileFacts&&) = delete;  // It would be gone before the first question.

  const FileFacts& facts() const { return facts_; }
  // For each directory whether `who` can get to it, and last whether to the file.
  std::vector<bool> reached_by(const Principal& who) const;
  bool file_reached_by(const Principal& who) const { return closed_to(who) == nullptr; }
  // The first directory on the way to the file that is closed to `who`; nullptr when there is none.
  const DirectoryFacts* closed_to(const Principal& who) const;

 private:
  bool searches(std::size_t index, const Principal& who) const;

  const FileFacts& facts_;
  std::vector<std::size_t> holders_;  // Of each directory, and last of the file: index plus one.
};

std::vector<Way> ways_to_read(const Above& above, const Principal& who);
std::vector<Way> ways_to_write(const Above& above, const Principal& who);

}  // namespace cfwarden
