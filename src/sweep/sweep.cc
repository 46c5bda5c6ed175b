#include "cfwarden/sweep/sweep.h"

#include "cfwarden/sweep/sweep_lead.h"
#include "cfwarden/sweep/sweep_state.h"
#include "cfwarden/sweep/sweep_worker.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>

namespace cfwarden {

namespace {

// What one thread holds at most: the directory it lists, the one it remembers, the next on its way
// there, a file, and a large file that another thread finishes.
constexpr int descriptors_of_a_thread = 5;
constexpr int most_kept = 256;  // By directories. More make nothing quicker.
constexpr int plenty = 1024;    // From here on it is not worth counting those that are open.

// How many descriptors can still be opened.
int room_for_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= plenty) return plenty / 2;
  int room = 0;
  for (int fd = 0; fd < static_cast<int>(limit.rlim_cur); ++fd) {
    if (fcntl(fd, F_GETFD) < 0) ++room;
  }
  return room;
}

unsigned threads_for(unsigned wanted, int room) {
  const auto possible = static_cast<unsigned>(std::max(room / descriptors_of_a_thread, 1));
  return std::clamp(wanted, 1U, possible);
}

// The threads besides the calling one. They end before it is gone.
class SweepThreads {
 public:
  SweepThreads(SweepState& state, unsigned count) : state_{state}, count_{count} {}
  SweepThreads(const SweepThreads&) = delete;
  SweepThreads& operator=(const SweepThreads&) = delete;
  ~SweepThreads() {
    state_.stop();
    join();
  }

  void start();
  void join();
  void rethrow() {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void work(unsigned thread) noexcept;

  SweepState& state_;
  unsigned count_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

// Where no more threads are allowed, those that there are do the work.
void SweepThreads::start() {
  for (unsigned thread = 1; thread <= count_; ++thread) {
    try {
      threads_.emplace_back([this, thread] { work(thread); });
    } catch (const std::system_error&) {
      return;
    }
    state_.pool.join_in();
  }
}

void SweepThreads::join() {
  state_.pool.close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void SweepThreads::work(unsigned thread) noexcept {
  try {
    SweepWorker worker{state_, thread};
    while (auto task = state_.pool.take()) worker.work_off(std::move(*task));
  } catch (...) {
    const std::lock_guard lock{mutex_};
    failure_ = std::current_exception();
    state_.stop();
  }
}

std::vector<FileId> directories_among(const std::vector<SweepStart>& starts) {
  std::vector<FileId> ids;
  for (const SweepStart& start : starts) {
    if (start.type == FileType::directory) ids.push_back(start.id);
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

SweepOutcome sweep(const SweepOptions& options, const SweepEvents& events,
                   SweepProgress& progress) {
  const int room = room_for_descriptors();
  const unsigned count = threads_for(options.threads, room);
  const int kept =
      std::clamp(room - static_cast<int>(count) * descriptors_of_a_thread, 0, most_kept);
  SweepState state{.options = options,
                   .events = events,
                   .progress = progress,
                   .mounts = {},
                   .opener = EntryOpener{AT_FDCWD},
                   .budget = DescriptorBudget{kept},
                   .starts = {}};
  if (auto mounts = Mounts::current()) state.mounts = std::move(*mounts);
  const std::vector<SweepStart> starts = starts_of(options, state.gaps);
  state.starts = directories_among(starts);

  SweepThreads threads{state, count - 1};
  state.call_help = [&threads] { threads.start(); };
  SweepLead lead{state};
  lead.begin(starts);
  lead.run();
  threads.join();
  threads.rethrow();
  return {.gaps = state.gaps.sorted(),
          .more_gaps = state.gaps.left_out(),
          .skipped = state.skipped.sorted(),
          .stopped = state.stopped};
}

}  // namespace cfwarden
