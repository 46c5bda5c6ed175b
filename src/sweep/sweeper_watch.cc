#include "cfwarden/sweep/sweeper_watch.h"

#include "cfwarden/host/system_error.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace cfwarden {

namespace {

using Clock = std::chrono::steady_clock;

// Twice is enough for all that was there. It shall not be heard for ever.
constexpr int most_reads = 16;

// With a process that was killed: one that hangs in the kernel is left behind.
constexpr std::chrono::milliseconds patience{2000};

template <class... Takers>
struct ByWord : Takers... {
  using Takers::operator()...;
};
template <class... Takers>
ByWord(Takers...) -> ByWord<Takers...>;

}  // namespace

Result<SweeperWatch> SweeperWatch::start(SweeperOrder order, GapList& gaps) {
  auto board = SharedBoard::make();
  if (!board) return board.error();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe", errno);
  Descriptor heard{ends[0]};
  (void)fcntl(heard.get(), F_SETFL, O_NONBLOCK);  // A pipe always takes it.
  const Descriptor said{ends[1]};
  order.report = said.get();
  order.board = &**board;
  const int parent = getpid();
  auto child = ChildProcess::start([&] { (void)run_sweeper(order, parent); });
  if (!child) return child.error();
  if (const auto kept = board->keep_from_later_children(); !kept) return kept.error();
  return SweeperWatch{{.board = std::move(*board),
                       .child = std::move(*child),
                       .report = std::move(heard),
                       .paths = std::move(order.options.paths)},
                      gaps};
}

void SweeperWatch::listen() {
  // As much as a pipe holds.
  static std::array<char, 64 * 1024> bytes;
  for (int reads = 0; !is_over_ && reads < most_reads; ++reads) {
    const ssize_t count = read(parts_.report.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    is_over_ = count <= 0 || !take({bytes.data(), static_cast<std::size_t>(count)});
    if (count < static_cast<ssize_t>(bytes.size())) break;
  }
  if (killed_ && Clock::now() - *killed_ >= patience) is_over_ = true;
}

// False when it said what no sweeper says.
bool SweeperWatch::take(std::string_view bytes) {
  auto words = ear_.hear(bytes);
  if (!words) {
    kill(words.error().what);
    return false;
  }
  for (SweeperWord& word : *words) take(std::move(word));
  return true;
}

void SweeperWatch::take(SweeperWord&& word) {
  std::visit(ByWord{
                 [this](ToldWalls& walls) { has_landlock_ = walls.has_landlock; },
                 [this](ToldFailure& failure) { failure_ = "has no walls: " + failure.why; },
                 [this](ToldName& name) {
                   const std::size_t bytes = name.path.size();
                   names_.add(std::move(name.path), {}, bytes);
                 },
                 [this](ToldHandOver& handed) { handed_over_.push_back(std::move(handed)); },
                 [this](Gap& gap) { gaps_.add(std::move(gap.path), std::move(gap.why)); },
                 [this](SkippedMount& mount) {
                   const std::size_t bytes = mount.path.size();
                   std::string path = mount.path;
                   mounts_.add(std::move(path), std::move(mount), bytes);
                 },
                 [this](ToldEnd& end) { end_ = end; },
             },
             word);
}

void SweeperWatch::kill(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  if (!killed_) killed_ = Clock::now();
  parts_.child.kill();
}

SweeperHeard SweeperWatch::finish() {
  const auto status = parts_.child.reap(patience);
  const bool is_sound = end_ && failure_.empty() && status == 0;
  if (!is_sound) tell_cut_off(failure_.empty() ? how_it_ended(status) : failure_);
  if (end_) gaps_.leave_out(end_->more_gaps);
  if (names_.left_out() > 0)
    gaps_.add("/", std::to_string(names_.left_out()) + " more names than a report can hold");
  if (mounts_.left_out() > 0)
    gaps_.add("/", std::to_string(mounts_.left_out()) + " more mounts were kept away from");
  SweeperHeard heard{.names = {},
                     .skipped = {},
                     .has_all_names = is_sound && names_.left_out() == 0,
                     .has_landlock = has_landlock_,
                     .stopped = end_ && end_->stopped};
  for (auto& [path, kept] : names_.take()) heard.names.push_back(std::move(path));
  for (auto& [path, mount] : mounts_.take()) heard.skipped.push_back(std::move(mount));
  return heard;
}

// How far it had come is not known but by number.
void SweeperWatch::tell_cut_off(const std::string& why) {
  const std::uint64_t names = board().progress.names;
  for (const std::string& path : parts_.paths) {
    gaps_.add(path, "the sweep was cut off: its sweeper " + why + "; nothing after " +
                        std::to_string(names) + " names was looked at");
  }
}

}  // namespace cfwarden
