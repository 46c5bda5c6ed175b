// The inside of a decoder: what a child of the pool does from the fork on. Used by DecoderPool
// only.
//
// Promises  every privilege, and the right to open anything, goes before a file is received; where
//           that fails each file is answered with the reason. Of the parent's descriptors two stay.
//           Before it unpacks what belongs to somebody else than root and whoever sweeps, its way
//           to further files is closed: what takes it over from there has that one file. (And what
//           the libraries may have left in its memory of archives of root's that it unpacked
//           before. To be root's is to belong to uid 0, in a container, too.)
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/spots/spots.h"
#include "cfwarden/sweep/decode_file.h"
#include "cfwarden/sweep/found.h"
#include "cfwarden/sweep/hand_over.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cfwarden {

// How long one file may take. Files of more than some 12 GB get no more than the longest.
struct DecodingTime {
  std::chrono::milliseconds least{10'000};
  std::uint64_t bytes_a_second = 20'000'000;
  std::chrono::milliseconds most{600'000};
};
std::chrono::milliseconds time_for(std::uint64_t size, const DecodingTime& terms);

// What it runs; tests put in what misbehaves.
using DecodeFile = FileFindings (*)(TextStream& stream, int descriptor, const HandOver& file,
                                    const DecodingEvents& events);

struct DecoderOrder {
  int queue = -1;          // Files come in by it,
  int answers = -1;        // and what is found goes out by this pipe.
  std::uint32_t user = 0;  // Who sweeps.
  const SpotFinder* finder = nullptr;
  DecodeFile decode = decode_file;
  DecodingTime time;
};

// Until nobody can hand over a file any more, or it may take none. `parent`: the pid before the
// fork.
void decode_handed_over(const DecoderOrder& order, int parent);

// What it says, word by word: a file it took, perhaps that this is its last one, and then what is
// in that file.
struct TookFile {
  std::string path;
  std::uint64_t size = 0;
};
struct LastFile {};
using DecoderWord = std::variant<TookFile, LastFile, FileFindings>;

// As a frame: its length in four bytes, then itself.
std::string frame_of(const TookFile& took);
std::string frame_of(LastFile);
std::string frame_of(const FileFindings& findings);

// Takes the first frame off the bytes; nullopt when it is not all there. An Error: no decoder says
// that.
Result<std::optional<DecoderWord>> take_word(std::string_view& bytes);

}  // namespace cfwarden
