#include "cfwarden/sweep/sweeper_process.h"

#include "cfwarden/archives/archive.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/spots/wrapping.h"
#include "cfwarden/sweep/credential_names.h"
#include "cfwarden/sweep/gap_list.h"
#include "cfwarden/sweep/reader_walls.h"
#include "cfwarden/sweep/sweeper_words.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {

namespace {

// What a hole would add to it costs nobody anything, and is no reason for more time; but a file
// system that compresses stores a log in a tenth of what has to be read. 0 where it is not known:
// there is a least time.
std::uint64_t readable_in(const Descriptor& file) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return 0;
  constexpr std::uint64_t block_bytes = 512;
  constexpr std::uint64_t best_compression = 16;
  return std::min(static_cast<std::uint64_t>(status.st_size),
                  static_cast<std::uint64_t>(status.st_blocks) * block_bytes * best_compression);
}

// Collects words and writes many at a time. Any thread's.
class Mouth {
 public:
  explicit Mouth(int report) : report_{report} {}

  void say(const SweeperWord& word) {
    const std::lock_guard lock{mutex_};
    said_ += frame_of(word);
    if (said_.size() >= enough) write_all();
  }

  // Before what is done next. False when nobody listens any more.
  bool say_at_once(const SweeperWord& word) {
    const std::lock_guard lock{mutex_};
    said_ += frame_of(word);
    write_all();
    return is_heard_;
  }
  bool is_heard() const { return is_heard_; }

 private:
  static constexpr std::size_t enough = 32 * 1024;

  void write_all() {
    std::string_view rest = said_;
    while (is_heard_ && !rest.empty()) {
      const ssize_t count = write(report_, rest.data(), rest.size());
      if (count < 0 && errno != EINTR) is_heard_ = false;
      if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
    }
    said_.clear();
  }

  int report_;
  std::mutex mutex_;
  std::string said_;
  std::atomic<bool> is_heard_{true};
};

class Sweeper {
 public:
  explicit Sweeper(const SweeperOrder& order) : order_{order}, mouth_{order.report} {}

  bool run(int parent) {
    const auto walls = allow_only_reading(parent, {.report = order_.report, .queue = order_.queue});
    if (!walls) {
      return mouth_.say_at_once(ToldFailure{walls.error().what});
    }
    mouth_.say(ToldWalls{*walls == WriteLock::landlock});
    SweepOptions options = order_.options;
    if (order_.search != nullptr) options.overlap = order_.search->longest() - 1;
    return tell(sweep(options, events(), order_.board->progress));
  }

 private:
  SweepEvents events() {
    SweepEvents events;
    if (order_.excluded)
      events.excluded = [this](const SweptName& name) { return order_.excluded(name.path()); };
    if (order_.search == nullptr) {
      events.name = [this](const SweptName& name) { look_at(name); };
    } else {
      events.chunk = [this](const SweptFile&, const SweptChunk& chunk) { return look_at(chunk); };
      events.again = [this](const SweptFile& file) { hand_over(file); };
    }
    events.keep_going = [this] { return mouth_.is_heard() && !order_.board->stop; };
    return events;
  }

  bool is_wanted(const SweptName& name) const {
    return order_.inodes.empty() ? is_credential_name(name.name)
                                 : std::ranges::binary_search(order_.inodes, name.inode);
  }

  void look_at(const SweptName& name) {
    if (name.type != FileType::regular || !is_wanted(name)) return;
    std::string path = name.path();
    if (path.size() <= longest_told_path) {
      mouth_.say(ToldName{std::move(path)});
    } else {
      gaps_.add(std::move(path), "has a credential's name, but is too deep to be told");
    }
  }

  Wanted look_at(const SweptChunk& chunk) const {
    const bool names_itself =
        chunk.offset == 0 && (is_archive(chunk.bytes) || wrapping_of_all(chunk.bytes) != nullptr);
    return names_itself || order_.search->has_hit_in(chunk.bytes) ? Wanted::again : Wanted::no;
  }

  void hand_over(const SweptFile& file) {
    HandOver handed{.path = file.path(), .size = readable_in(file.descriptor())};
    if (handed.path.size() > longest_handed_path) {
      gaps_.add(std::move(handed.path), "was not looked into: it is too deep to be handed over");
      return;
    }
    const SweptFile::Facts& facts = file.facts();
    if (!mouth_.say_at_once(ToldHandOver{handed.path, facts.id, facts.links > 1})) return;
    std::atomic<std::uint32_t>& waiting = order_.board->handing_over;
    ++waiting;
    // Where it fails nobody answers for the file, and the supervisor says so.
    (void)order_.hand_over(order_.queue, file.descriptor().get(), handed);
    --waiting;
  }

  bool tell(const SweepOutcome& outcome) {
    for (const Gap& gap : outcome.gaps) gaps_.add(gap.path, gap.why);
    gaps_.leave_out(outcome.more_gaps);
    for (Gap& gap : gaps_.sorted()) mouth_.say(std::move(gap));
    for (const SkippedMount& mount : outcome.skipped) mouth_.say(mount);
    return mouth_.say_at_once(ToldEnd{.more_gaps = gaps_.left_out(), .stopped = outcome.stopped});
  }

  const SweeperOrder& order_;
  Mouth mouth_;
  GapList gaps_;  // Of what was not told, or not handed over.
};

void keep_only_outlets(const SweeperOrder& order) {
  std::vector<int> kept{order.report};
  if (order.queue >= 0) kept.push_back(order.queue);
  if (under_sanitizer) kept.push_back(STDERR_FILENO);
  std::ranges::sort(kept);
  close_all_but(kept);
}

}  // namespace

bool run_sweeper(const SweeperOrder& order, int parent) {
  // A ^C reaches the whole group: the supervisor says what becomes of it. Who does not listen any
  // more is told by write().
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    (void)std::signal(ignored, SIG_IGN);
  }
  keep_only_outlets(order);
  return Sweeper{order}.run(parent);
}

}  // namespace cfwarden
