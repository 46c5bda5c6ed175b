#include "cfwarden/archives/archive.h"

#include "cfwarden/archives/archive_form.h"
#include "cfwarden/archives/archive_reading.h"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace cfwarden {
namespace {

constexpr std::size_t read_bytes = 128 * 1024;

constexpr std::array<std::string_view, 12> misses{
    "is encrypted",
    "is damaged, and was looked at up to there",
    "ends before its time, and was looked at up to there",
    "is compressed by a method that is not read",
    "is an archive too deep inside of others",
    "would take too much memory to unpack",
    "unpacks to far more than its size, as a bomb does",
    "unpacks to more than is looked at",
    "has more members than are looked at",
    "takes too long to unpack",
    "cannot be read to its end",
    "has more that was not looked at",
};
static_assert(misses.size() == static_cast<std::size_t>(ArchiveMiss::more) + 1);

std::optional<std::string_view> read_at(int descriptor, std::uint64_t position, char* buffer) {
  for (;;) {
    const ssize_t count = pread(descriptor, buffer, read_bytes, static_cast<off_t>(position));
    if (count >= 0) return std::string_view{buffer, static_cast<std::size_t>(count)};
    if (errno != EINTR) return std::nullopt;
  }
}

// Counts no further than so many stretches: of more each is small, and so is the sum.
constexpr int most_stretches = 65'536;

// What lies between holes.
std::uint64_t stored_in(int descriptor, off_t size) {
  std::uint64_t stored = 0;
  off_t at = 0;
  for (int stretches = 0; at < size && stretches < most_stretches; ++stretches) {
    const off_t begin = lseek(descriptor, at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) break;
    const off_t hole = begin < 0 ? begin : lseek(descriptor, begin, SEEK_HOLE);
    if (hole <= begin) return stored + static_cast<std::uint64_t>(size - at);
    stored += static_cast<std::uint64_t>(hole - begin);
    at = hole;
  }
  return stored;
}

}  // namespace

bool is_archive(std::string_view beginning) {
  return archive_form_of(beginning) != ArchiveForm::none;
}

std::string_view name_of(ArchiveMiss miss) {
  return misses[static_cast<std::size_t>(miss)];
}

void read_archive(int descriptor, const std::string& file_name, const ArchiveLimits& limits,
                  const ArchiveEvents& events) {
  // fstat() is another call in other C libraries, and nothing but what a parser needs is allowed.
  const off_t size = lseek(descriptor, 0, SEEK_END);
  if (size < 0) return events.miss("", ArchiveMiss::unreadable);
  const std::unique_ptr<char[]> buffer{new char[read_bytes]};
  const ArchiveStore store{
      static_cast<std::uint64_t>(size), stored_in(descriptor, size),
      [&](std::uint64_t position) { return read_at(descriptor, position, buffer.get()); }};
  ArchiveReading{store, limits, events}.read(file_name);
}

void read_archive(std::string_view bytes, const std::string& file_name, const ArchiveLimits& limits,
                  const ArchiveEvents& events) {
  const ArchiveStore store{bytes.size(), bytes.size(), [&](std::uint64_t position) {
                             const std::size_t at = std::min<std::uint64_t>(position, bytes.size());
                             return std::optional{bytes.substr(at, read_bytes)};
                           }};
  ArchiveReading{store, limits, events}.read(file_name);
}

}  // namespace cfwarden
