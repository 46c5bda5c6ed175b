// What a sweep told, for tests: every name, and every byte of every file put together again.
#pragma once

#include "cfwarden/sweep/sweep.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

using Paths = std::multiset<std::string>;

struct HeardChunk {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::size_t repeated = 0;
  bool is_last = false;
};

struct Heard {
  std::mutex mutex;
  Paths names;
  std::map<std::string, std::vector<HeardChunk>> chunks;
  std::map<std::string, std::string> contents;
  std::set<unsigned> threads;
  SweepProgress progress;
  SweepOutcome outcome;

  std::map<std::string, std::string> gaps() const {
    std::map<std::string, std::string> found;
    for (const Gap& gap : outcome.gaps) found[gap.path] = gap.why;
    return found;
  }
  std::map<std::string, std::string> skipped() const {
    std::map<std::string, std::string> found;
    for (const SkippedMount& mount : outcome.skipped)
      found[mount.path] = mount.type + ": " + mount.why;
    return found;
  }
};

inline SweepEvents names_into(Heard& heard) {
  SweepEvents events;
  events.name = [&heard](const SweptName& name) {
    std::string path = name.path();
    const std::lock_guard lock{heard.mutex};
    heard.names.insert(std::move(path));
    heard.threads.insert(name.thread);
  };
  return events;
}

inline void hear(Heard& heard, const SweptFile& file, const SweptChunk& chunk) {
  const std::string path = file.path();
  const std::lock_guard lock{heard.mutex};
  const std::uint64_t end = chunk.offset + chunk.bytes.size();
  heard.chunks[path].push_back({chunk.offset, end, chunk.repeated, chunk.is_last});
  std::string& content = heard.contents[path];
  if (content.size() < end) content.resize(end);
  content.replace(chunk.offset, chunk.bytes.size(), chunk.bytes);
  heard.threads.insert(file.facts().thread);
}

inline SweepEvents contents_into(Heard& heard) {
  SweepEvents events;
  events.chunk = [&heard](const SweptFile& file, const SweptChunk& chunk) {
    hear(heard, file, chunk);
    return Wanted::no;
  };
  return events;
}

inline void sweep_into(Heard& heard, const SweepOptions& options, const SweepEvents& events) {
  heard.outcome = sweep(options, events, heard.progress);
}

}  // namespace cfwarden
