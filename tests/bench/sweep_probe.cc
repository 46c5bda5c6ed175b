// The sweep's mechanism alone, for tests/bench/sweep: what it costs to see all names and to read
// all files, before anything is looked for in them.
//
// Usage: sweep_probe names THREADS SUFFIX PATH   prints the files whose name ends so
//        sweep_probe read THREADS PATH           prints how many files and bytes were read
#include "cfwarden/sweep/sweep.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>

namespace {

using namespace cfwarden;

int tell(const SweepOutcome& outcome) {
  for (const Gap& gap : outcome.gaps) std::cerr << gap.path << ": " << gap.why << '\n';
  for (const SkippedMount& mount : outcome.skipped)
    std::cerr << mount.path << ": skipped, " << mount.type << ": " << mount.why << '\n';
  return outcome.gaps.empty() ? 0 : 3;
}

int list_names(const SweepOptions& options, std::string_view suffix) {
  std::mutex mutex;
  std::string found;
  SweepEvents events;
  events.name = [&](const SweptName& name) {
    if (name.type != FileType::regular || !name.name.ends_with(suffix)) return;
    const std::string path = name.path() + '\n';
    const std::lock_guard lock{mutex};
    found += path;
  };
  SweepProgress progress;
  const int code = tell(sweep(options, events, progress));
  std::cout << found;
  return code;
}

int read_files(const SweepOptions& options) {
  SweepEvents events;
  events.chunk = [](const SweptFile&, const SweptChunk&) { return Wanted::no; };
  SweepProgress progress;
  const int code = tell(sweep(options, events, progress));
  std::cout << progress.files << ' ' << progress.bytes << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const bool by_name = mode == "names" && argc == 5;
  if (!by_name && (mode != "read" || argc != 4)) {
    std::cerr << "usage: sweep_probe names THREADS SUFFIX PATH | read THREADS PATH\n";
    return 2;
  }
  SweepOptions options;
  options.threads = static_cast<unsigned>(std::atoi(argv[2]));
  options.paths = {argv[argc - 1]};
  return by_name ? list_names(options, argv[3]) : read_files(options);
}
