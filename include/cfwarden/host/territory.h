// Who controls the directories on the way to an object, decided from what stat says of them.
//
// A directory keeps what it holds trusted if root owns it and nobody else may write in it. An ACL
// entry that lets somebody write shows in the mode too: the group bits are its mask.
#pragma once

#include "cfwarden/model/file_facts.h"

#include <cstdint>

namespace cfwarden {

inline constexpr std::uint32_t nobody_uid = 65534;

struct Territory {
  bool trusted = true;  // Every directory is root's and closed to others' writes.
  std::uint32_t uid =
      0;  // Otherwise: as whom content is read. 65534 for an open directory of root's.
  friend bool operator==(const Territory&, const Territory&) = default;
};

// What holds for the entries of one directory.
struct Standing {
  Territory territory;
  std::uint32_t gid = 0;  // Of the directory that ended the trust.
  // Root's sticky directory (/tmp) in trusted territory: nobody can rename or replace what another
  // owns, so that a directory in it is judged by itself. Anything else in it is nobody's.
  bool sticky = false;
};

// Of the entries of `directory`, which was found in a directory with the standing `above`.
Standing standing_in(const Permissions& directory, const Standing& above);

}  // namespace cfwarden
