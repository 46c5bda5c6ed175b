// Looks into archives: .gz, .zst, .xz and .bz2 files, tar and zip, and archives in those.
//
// Supplies  is_archive(), and the members of an archive as streams, never whole in memory.
// Expects   to run behind walls: hostile bytes meet zlib, liblzma, libarchive here.
// forbid_opening()
//           has settled the time zone before; RLIMIT_AS bounds what libraries allocate.
// Promises  opens nothing, loads no locale, shows no text of a library. Whatever is not looked at
// is
//           a miss. 0.6 MiB of buffers for each level, and a window of 128 MiB at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cfwarden {

// Of the first bytes of a file; tar shows from 512 bytes on.
bool is_archive(std::string_view beginning);

enum class ArchiveMiss : std::uint8_t {
  encrypted,
  damaged,         // From there on; what came out before was handed out.
  cut_off,         // Likewise.
  unknown_method,  // Of compression, in a zip.
  too_deep,        // Not looked into; handed out as it is.
  window,          // It would take too much memory.
  ratio,           // A bomb. From here on they end the reading of the whole file:
  size,
  members,
  time,
  unreadable,
  more,  // Too many misses to list.
};

// All there are, for a person and to check what somebody else says.
std::string_view name_of(ArchiveMiss miss);

// All levels of one file share them, and each level's bytes count. A small file may unpack to
// `free_bytes`, a middling one to most_ratio times its size, a large one to usual_ratio times: text
// is packed 5 to 50 times, a log that repeats one line some 1000 times, zeros in a bomb even more.
struct ArchiveLimits {
  std::uint64_t free_bytes = std::uint64_t{64} << 20;
  std::uint64_t most_ratio = 1000;
  std::uint64_t most_bytes = std::uint64_t{1} << 30;  // Or, where that is more,
  std::uint64_t usual_ratio = 64;                     // so many times the size of the file.
  std::uint64_t most_members = 1'000'000;
  unsigned most_depth = 3;  // a.tar.gz!b.zip!c.gz!c is as deep as that.
  std::size_t most_misses = 256;
};

// Names are hostile bytes, of at most longest_member. Of a member in an inner archive it is
// "inner.zip!name", of the file itself "".
inline constexpr std::size_t longest_member = 4096;

struct ArchiveEvents {
  std::function<void(std::string_view member)> begin;
  // `offset` in the member: where it jumps there is a hole. Never empty.
  std::function<void(std::string_view bytes, std::uint64_t offset)> content;
  std::function<void()> end;  // After each begin, whatever happened.
  std::function<void(std::string_view member, ArchiveMiss miss)> miss;
  std::function<bool()> keep_going;  // Asked for every 128 KiB or oftener. May be empty.
};

// A regular file, read by pread(). The one member of a compressed file has the name of the file
// without its suffix; a compressed tar is a tar.
void read_archive(int descriptor, const std::string& file_name, const ArchiveLimits& limits,
                  const ArchiveEvents& events);
void read_archive(std::string_view bytes, const std::string& file_name, const ArchiveLimits& limits,
                  const ArchiveEvents& events);

}  // namespace cfwarden
