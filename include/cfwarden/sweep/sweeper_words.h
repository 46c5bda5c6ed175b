// What the sweeper tells its supervisor, as bytes on a pipe: each word in a frame, bounded, and
// checked when it comes back.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/sweep/sweep.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cfwarden {

// A path as long as 8,000 directories of the longest names can make it. The rest is a gap.
inline constexpr std::size_t longest_told_path = std::size_t{2} << 20;

struct ToldName {
  std::string path;
};

// Of a file that is about to be handed over: said before it is.
struct ToldHandOver {
  std::string path;
  FileId id;
  bool is_linked = false;  // It has other names, too.
};

struct ToldWalls {
  bool has_landlock = false;
};

// There are no walls, and nothing was looked at.
struct ToldFailure {
  std::string why;  // Our own words.
};

// The last word. Without it the sweep was cut off.
struct ToldEnd {
  std::uint64_t more_gaps = 0;
  bool stopped = false;
};

using SweeperWord =
    std::variant<ToldWalls, ToldFailure, ToldName, ToldHandOver, Gap, SkippedMount, ToldEnd>;

std::string frame_of(const SweeperWord& word);

// Takes bytes as they come and gives whole words.
class SweeperEar {
 public:
  // The words that end in these bytes. An Error is for good: the sweeper is not to be believed.
  Result<std::vector<SweeperWord>> hear(std::string_view bytes);

 private:
  std::string received_;  // Less than one frame.
};

}  // namespace cfwarden
