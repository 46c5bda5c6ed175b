// Any bytes as an archive: members begin and end in turn, their content comes in order, nothing is
// larger, deeper or more than the limits say, and whoever asks for the end gets it.
#include "cfwarden/archives/archive.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace cfwarden;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Seen {
  bool is_open = false;
  std::uint64_t next_offset = 0;
  std::uint64_t members = 0;
  std::uint64_t bytes = 0;
  std::size_t misses = 0;
  int questions = 0;
};

ArchiveEvents events_into(Seen& seen) {
  ArchiveEvents events;
  events.begin = [&](std::string_view name) {
    demand(!seen.is_open && name.size() <= longest_member);
    demand(std::count(name.begin(), name.end(), '\0') == 0);
    seen.is_open = true;
    seen.next_offset = 0;
    ++seen.members;
  };
  events.content = [&](std::string_view bytes, std::uint64_t offset) {
    demand(seen.is_open && !bytes.empty() && offset >= seen.next_offset);
    seen.next_offset = offset + bytes.size();
    seen.bytes += bytes.size();
  };
  events.end = [&] {
    demand(seen.is_open);
    seen.is_open = false;
  };
  events.miss = [&](std::string_view name, ArchiveMiss why) {
    demand(name.size() <= longest_member && !name_of(why).empty());
    ++seen.misses;
  };
  events.keep_going = [&] { return ++seen.questions < 20'000; };
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const ArchiveLimits limits{.free_bytes = 1 << 20,
                             .most_ratio = 20,
                             .most_bytes = 1 << 20,
                             .usual_ratio = 20,
                             .most_members = 1000,
                             .most_misses = 20};
  Seen seen;
  read_archive(bytes, "x.gz", limits, events_into(seen));
  demand(!seen.is_open && seen.members <= limits.most_members);
  demand(seen.misses <= limits.most_misses + 2);
  demand(is_archive(bytes) || seen.members + seen.misses == 0);
  // A tar's content is no more than what it came from; a zip's counts.
  demand(seen.bytes <= size + std::max<std::uint64_t>(limits.free_bytes, size * limits.most_ratio));
  return 0;
}
