// One question about the bytes of one file, asked where its parser can do no harm: in a forked
// worker that reads it as its owner, gives up every right, and then answers in a few bytes.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct FileQuestion {
  const Opened* file = nullptr;                               // Of Opener; a regular file.
  std::uint32_t gid = 65534;                                  // See ReadRequest.
  std::size_t most_bytes = 0;                                 // A larger file is not read.
  std::size_t most_answer = 0;                                // A longer answer is none.
  std::function<std::string(std::string_view bytes)> answer;  // Pure.
  std::chrono::milliseconds patience{10'000};
};

// The answer is a hostile parser's: to be checked by whoever asks. An Error: why there is none.
Result<std::string> ask_in_worker(const FileQuestion& question);

// The same of several files of one territory, by one worker; `question` without a file, its
// patience is for all. Where the worker dies, or says more than `most_in_all`, there are fewer
// answers than files: whoever needs the others asks again.
std::vector<Result<std::string>> ask_of_each(std::span<const Opened* const> files,
                                             const FileQuestion& question, std::size_t most_in_all);

// One question about several files of one territory together, such as an index and what it is of:
// its answer reads them itself.
struct FilesQuestion {
  std::uint32_t gid = 65534;  // See ReadRequest.
  std::size_t most_answer = 0;
  // Descriptors in the order of the files, to be read by bytes_at(); -1 where the owner of the
  // territory cannot open one.
  std::function<std::string(std::span<const int> files)> answer;
  std::chrono::milliseconds patience{10'000};
};

Result<std::string> ask_of_all(std::span<const Opened* const> files, const FilesQuestion& question);

// Several texts in one: each with its length in 8 bytes before it, least first.
inline constexpr std::size_t frame_head_bytes = 8;
std::string frame_head(std::size_t length);
// Takes one off the front; nullopt where it is not there to its end.
std::optional<std::string_view> take_framed(std::string_view& texts);

// For such an answer: up to `count` bytes from there on, fewer at the end of the file.
std::string bytes_at(int file, std::uint64_t at, std::size_t count);

}  // namespace cfwarden
