// Everything that stands in one open file: in its text, or in the members of an archive.
//
// Expects   a regular file, or one of a process in /proc; hostile in every byte.
// Promises  read by pread() alone: the descriptor's position means nothing. Holes are skipped. A
//           file that is an archive is told by its members, and what else stands in it as it is by
//           the file, without a line; one that only looks like an archive is searched as it is.
//           What was not looked at is a miss. Nothing is unpacked that `unpacks` was not told of.
#pragma once

#include "cfwarden/sweep/found.h"
#include "cfwarden/sweep/hand_over.h"
#include "cfwarden/sweep/text_stream.h"

#include <functional>

namespace cfwarden {

// The first ones. Whoever fills a file with invented ones shall not take the room of other files.
inline constexpr std::size_t most_found_in_file = 256;

struct DecodingEvents {
  std::function<bool()> keep_going;  // False: the time is over. Asked often.
  // An archive or compressed file is about to be read by what unpacks it. May be empty.
  std::function<void()> unpacks;
};

// `stream` is what text goes through, kept from file to file for its memory.
FileFindings decode_file(TextStream& stream, int descriptor, const HandOver& file,
                         const DecodingEvents& events);

}  // namespace cfwarden
