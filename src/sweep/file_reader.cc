#include "cfwarden/sweep/file_reader.h"

#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <sys/types.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr std::size_t page = 4096;

ssize_t read_at(int descriptor, char* begin, std::size_t length, std::uint64_t offset) {
  while (true) {
    const ssize_t count = pread(descriptor, begin, length, static_cast<off_t>(offset));
    if (count >= 0 || errno != EINTR) return count;
  }
}

char* aligned_after(char* storage, std::size_t room) {
  void* begin = storage + room;
  std::size_t left = page;
  return static_cast<char*>(std::align(page, 1, begin, left));
}

}  // namespace

std::string_view SweptFile::window(std::uint64_t offset, std::size_t length) const {
  length = std::min(length, longest_window);
  if (window_.size() < length) window_.resize(length);
  std::size_t filled = 0;
  while (filled < length) {
    const ssize_t count =
        read_at(descriptor_.get(), window_.data() + filled, length - filled, offset + filled);
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return {window_.data(), filled};
}

FileReader::FileReader(SweepState& state)
    : state_{state},
      overlap_{std::min(state.options.overlap, longest_overlap)},
      storage_{state.events.chunk ? new char[overlap_ + page + chunk_bytes + SweptChunk::slack]
                                  : nullptr},
      begin_{storage_ ? aligned_after(storage_.get(), overlap_) : nullptr} {}

// The end of what was handed out moves before the place of the next bytes.
std::size_t FileReader::keep_end_of(std::string_view bytes) {
  const std::size_t kept = std::min(overlap_, bytes.size());
  std::memmove(begin_ - kept, bytes.data() + (bytes.size() - kept), kept);
  return kept;
}

FileRead FileReader::read(const SweptFile& file, const FilePart& part) {
  const std::uint64_t size = file.facts().size;
  const bool to_end = part.end == size;
  const std::uint64_t limit = to_end ? size + growth : part.end;
  std::size_t repeated = part.continues ? std::min<std::uint64_t>(overlap_, part.begin) : 0;
  std::uint64_t position = part.begin - repeated;
  std::size_t before = 0;  // So many bytes of the last chunk stand before begin_.
  FileRead done;
  while (position < limit && state_.goes_on()) {
    const std::size_t asked = std::min<std::uint64_t>(chunk_bytes, limit - position);
    const ssize_t count = read_at(file.descriptor().get(), begin_, asked, position);
    if (count < 0) done.error = system_error("read", errno);
    if (count <= 0) break;
    const auto fresh = static_cast<std::size_t>(count);
    const std::uint64_t end = position + fresh;
    const SweptChunk chunk{.offset = position - before,
                           .bytes = {begin_ - before, before + fresh},
                           .repeated = std::min(repeated, before + fresh),
                           .is_last = end >= size};
    done.is_wanted = state_.events.chunk(file, chunk) == Wanted::again;
    bytes_read_ += chunk.bytes.size() - chunk.repeated;
    if (done.is_wanted) break;
    if (end >= size && fresh < asked) break;  // There is no more, without asking.
    position = end;
    // A chunk that is shorter than the overlap stands in the next one as a whole.
    before = keep_end_of(chunk.bytes);
    repeated = before;
  }
  return done;
}

FileRead FileReader::read_all(const SweptFile& file) {
  const std::uint64_t size = file.facts().size;
  // One read is quicker than asking for holes.
  if (size <= chunk_bytes) return read(file, {.begin = 0, .end = size});
  PartCursor cursor{file.descriptor().get(), size, size};
  while (const auto part = cursor.next()) {
    FileRead one = read(file, *part);
    if (one.is_wanted || one.error || !state_.goes_on()) return one;
  }
  return {};
}

}  // namespace cfwarden
