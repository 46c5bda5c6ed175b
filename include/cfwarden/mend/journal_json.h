// The record of a journal's line as JSON, without the checksum. Pure. The way back:
// read_journal_json.h.
//
// Expects   that the record is sound (journal_line.h).
// Promises  one line of ASCII, in which an `op` says what it is of: run, intent, move, moved (the
//           same again, with both files as they then are), end, or one of fate_ops. Paths and names
//           are base64, moments nanoseconds, null is what an inode does not tell.
#pragma once

#include "cfwarden/mend/journal_line.h"
#include "cfwarden/model/words.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

std::string json_text(const JournalLine& line);

// The words of the format: never rename one.
inline constexpr unsigned journal_version = 1;

inline constexpr std::array fate_ops{
    Word<Fate>{Fate::done, "done"},     Word<Fate>{Fate::failed, "fail"},
    Word<Fate>{Fate::undone, "undone"}, Word<Fate>{Fate::being_undone, "undoing"},
    Word<Fate>{Fate::left, "left"},
};

inline constexpr std::array journalled_types{
    Word<FileType>{FileType::regular, "regular"},
    Word<FileType>{FileType::directory, "directory"},
};

// As in setfacl, where the owner and a named user differ by whether there is an id.
struct AclTagLetter {
  AclTag tag;
  std::string_view letter;
  bool has_id;
};
inline constexpr std::array acl_tag_letters{
    AclTagLetter{AclTag::owner, "u", false}, AclTagLetter{AclTag::user, "u", true},
    AclTagLetter{AclTag::group, "g", false}, AclTagLetter{AclTag::named_group, "g", true},
    AclTagLetter{AclTag::mask, "m", false},  AclTagLetter{AclTag::others, "o", false},
};
inline constexpr std::size_t max_acl_entries = 8192;  // Linux keeps no more.

template <class E, std::size_t size>
constexpr std::string_view word_in(const std::array<Word<E>, size>& words, E value) {
  for (const Word<E>& word : words) {
    if (word.value == value) return word.name;
  }
  return "";
}

}  // namespace cfwarden
