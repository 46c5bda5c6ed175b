// Takes the compression off a stream, a step at a time.
//
// Promises  what came out before an error is handed out; no more memory than its window (128 MiB at
//           most), its buffer and some tables; never waits, never allocates more for longer
//           streams.
#pragma once

#include "cfwarden/archives/archive_form.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace cfwarden {

class Unpacker {
 public:
  static constexpr std::size_t buffer_bytes = 128 * 1024;

  enum class State {
    on,       // More input is wanted; where there is none, another step.
    at_end,   // Of all there is: whatever follows is not of this format.
    cut_off,  // The input ended too early.
    damaged,
    too_wide,  // It asks for a larger window.
  };
  struct Step {
    std::string_view output;  // Until the next step.
    State state = State::on;
  };

  // gzip, zstd, xz or bzip2. Throws bad_alloc.
  explicit Unpacker(ArchiveForm form);
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker();

  // Takes from the front of `input` what it can. Empty: there is no more.
  Step step(std::string_view& input);

 private:
  struct Streams;
  std::unique_ptr<Streams> streams_;
};

}  // namespace cfwarden
