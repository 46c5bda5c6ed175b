// The record of a journal's line as JSON, without the checksum. Pure.
//
// Expects   of a record to write: that it is sound (journal_line.h).
// Promises  json_text() is one line of ASCII. record_in() takes whatever has an `op` that is known:
//           what is missing, too large or of another type becomes an empty value, so that the
//           caller finds it by writing the record again.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/mend/journal_line.h"
#include "cfwarden/model/words.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

std::string json_text(const JournalLine& line);

Result<JournalLine> record_in(std::string_view json);

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
