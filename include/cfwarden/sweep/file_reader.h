// One thread's buffers, and the reading of open files into them, a chunk at a time.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/sweep/large_file.h"
#include "cfwarden/sweep/sweep_state.h"
#include "cfwarden/sweep/swept.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cfwarden {

// Either ends the reading.
struct FileRead {
  bool is_wanted = false;  // Again.
  std::optional<Error> error;
};

class FileReader {
 public:
  static constexpr std::size_t chunk_bytes = 256 * 1024;
  static constexpr std::size_t longest_overlap = 64 * 1024;
  static constexpr std::uint64_t growth = 64 * 1024;  // Read at most, past the size at opening.

  explicit FileReader(SweepState& state);

  // Hands out one part. A file that grows is read a little further, one that shrinks up to its end.
  FileRead read(const SweptFile& file, const FilePart& part);
  // All parts, one after the other.
  FileRead read_all(const SweptFile& file);

  std::vector<char>& window() { return window_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::size_t keep_end_of(std::string_view bytes);

  SweepState& state_;
  std::size_t overlap_;
  // Not initialised: a thread that reads small files touches few pages of it.
  std::unique_ptr<char[]> storage_;
  char* begin_;  // Where a read goes: at a page, with room for the overlap before it.
  std::vector<char> window_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace cfwarden
