// A sweep of whole trees in processes of their own: one that may read everything and understands
// nothing, others that understand what it hands them and may open nothing.
//
// Supplies  sweep_contents(): starts them, hears them, and puts together what they say.
// Expects   a process without other threads, before it is confined: it makes sockets and forks.
// Promises  what was not looked at is a gap, a process that died included. Memory is bounded, and
//           what is beyond the bounds a gap; what is kept is the same from run to run. Comes back
//           though every other process hangs or is stopped.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/process.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/sweep/decoder_pool.h"
#include "cfwarden/sweep/found.h"
#include "cfwarden/sweep/sweep.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class SweptPart { names, contents };  // names: no file is opened.

struct SweepPace {
  std::uint64_t names = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::chrono::milliseconds elapsed{0};
};

struct ContentSweepTerms {
  // A sweeper that comes no further for so long, though no decoder keeps it waiting, is killed.
  std::chrono::milliseconds stall{60'000};
  // After an interrupt: for everybody to say what they have.
  std::chrono::milliseconds farewell{5'000};
  std::chrono::milliseconds beat{100};  // Between two calls of `progress`.
  DecoderTerms decoders{};              // Their number is that of the threads.
};

using HandOverMore = std::function<Result<Done>(int descriptor, const HandOver& file)>;

struct ContentSweepRequest {
  SweepOptions options;  // `overlap` is not looked at.
  SweptPart part = SweptPart::contents;
  std::string hmac_key;
  // Of a sweep of names: those of files with these inode numbers, sorted, instead of credentials'.
  std::vector<std::uint64_t> inodes;
  std::function<bool(std::string_view path)> excluded;  // Pure. May be empty.
  // Hands over what is no file of a tree, such as what processes were started with, once all trees
  // have been walked. Its answers are among the found. May be empty.
  std::function<void(const HandOverMore&)> more;
  // Called once, when the first credential was found: there is time for what will be asked of the
  // host then, while others walk and read. Of a sweep of names never. May be empty.
  std::function<void()> on_first_found;
  std::function<void(const SweepPace&)> progress;  // May be empty.
  std::function<bool()> is_interrupted = interrupted;
  ContentSweepTerms terms;
};

struct FoundFile {
  std::string path;
  FileId id;               // Of the file that was read.
  bool is_linked = false;  // It had other names, too.
  bool is_process = false;
  std::vector<FoundCredential> found;
};

struct ContentSweep {
  std::vector<FoundFile> found;    // Sorted by path; each has something.
  std::vector<std::string> names;  // Sorted; of a sweep of names.
  std::vector<Gap> gaps;           // Sorted.
  std::uint64_t more_gaps = 0;     // Than are listed.
  std::vector<SkippedMount> skipped;
  SweepPace pace;
  bool has_all_names = false;  // Of a sweep of names: none was beyond a bound, nor cut off.
  bool has_landlock = false;   // The kernel itself keeps the sweeper from writing.
  bool stopped = false;        // By an interrupt.
};

// An Error when nothing could be begun.
Result<ContentSweep> sweep_contents(const ContentSweepRequest& request);

}  // namespace cfwarden
