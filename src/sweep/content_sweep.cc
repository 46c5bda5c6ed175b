#include "cfwarden/sweep/content_sweep.h"

#include "cfwarden/host/system_error.h"
#include "cfwarden/sweep/first_by_path.h"
#include "cfwarden/sweep/gap_list.h"
#include "cfwarden/sweep/sweeper_watch.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <poll.h>
#include <sys/stat.h>

namespace cfwarden {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Far more than a machine has, and little enough for one: a user can fill a disk with invented
// credentials, and shall not fill the memory.
constexpr KeptBound most_found{.number = 100'000, .bytes = std::size_t{64} << 20};

// Far more than the queue and all decoders hold: no sweeper of ours comes near.
constexpr std::size_t most_given = 65'536;

constexpr std::size_t most_misses_of_file = 8;

std::size_t bytes_of(const FoundFile& file) {
  std::size_t bytes = sizeof file + file.path.size();
  for (const FoundCredential& one : file.found) {
    const Credential& credential = one.credential;
    bytes += sizeof one + one.member.size() + credential.scope.account.size() +
             credential.scope.tunnel.size() + credential.fingerprint.size();
  }
  return bytes;
}

std::string path_of(const std::string& file, const std::string& member) {
  return member.empty() ? file : file + "!" + member;
}

// Time that passed while we could have seen something happen: what passes while this process is
// stopped, too, is nobody's fault.
class Standstill {
 public:
  // `seen` changes when there is progress.
  milliseconds look(std::uint64_t seen, bool is_excused) {
    constexpr milliseconds longest_turn{1000};
    const Clock::time_point now = Clock::now();
    const auto turn = std::chrono::duration_cast<milliseconds>(now - last_);
    last_ = now;
    const bool is_still = seen == seen_ && !is_excused;
    stood_ = is_still ? stood_ + std::min(turn, longest_turn) : milliseconds{0};
    seen_ = seen;
    return stood_;
  }

 private:
  Clock::time_point last_ = Clock::now();
  milliseconds stood_{0};
  std::uint64_t seen_ = 0;
};

class ContentSweeper {
 public:
  explicit ContentSweeper(const ContentSweepRequest& request) : request_{request} {}

  Result<ContentSweep> run();

 private:
  struct Given {
    FileId id;
    bool is_linked = false;
    bool is_process = false;
  };

  Result<Done> start();
  void turn();
  void hear();
  void settle(Answered&& answered);
  void keep(FoundFile&& file, FileFindings&& findings);
  void tell_first_found();
  void tell_misses(const std::string& path, std::vector<FileFindings::Miss>&& misses);
  void hand_over_more();
  Result<Done> hand_over(int descriptor, const HandOver& file);
  void watch_interrupt();
  void watch_time();
  bool stands_still();
  void give_up(const char* why);
  SweepPace pace() const;
  void tell_progress();
  void tell_lost();
  ContentSweep result();

  const ContentSweepRequest& request_;
  GapList gaps_;
  std::optional<SpotFinder> finder_;
  std::optional<DecoderPool> pool_;
  std::optional<SweeperWatch> sweeper_;
  std::multimap<std::string, Given> given_;  // To decoders, and not answered yet.
  FirstByPath<FoundFile> found_{most_found};
  Standstill standstill_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point told_ = began_;
  std::optional<Clock::time_point> interrupted_;
  bool has_told_first_ = false;
};

Result<ContentSweep> ContentSweeper::run() {
  if (auto started = start(); !started) return started.error();
  while (!sweeper_->is_over()) turn();
  if (pool_) {
    hand_over_more();
    if (pool_) pool_->close_queue();
  }
  while (pool_ && !pool_->is_finished()) turn();
  tell_lost();
  return result();
}

Result<Done> ContentSweeper::start() {
  SweeperOrder order{
      .options = request_.options, .inodes = request_.inodes, .excluded = request_.excluded};
  if (request_.part == SweptPart::contents) {
    finder_.emplace(request_.hmac_key);
    DecoderTerms terms = request_.terms.decoders;
    terms.decoders = std::max(request_.options.threads, 1U);
    auto pool = DecoderPool::start(*finder_, terms);
    if (!pool) return pool.error();
    pool_.emplace(std::move(*pool));
    order.search = &finder_->search();
    order.queue = pool_->queue();
    order.hand_over = cfwarden::hand_over;
  }
  auto sweeper = SweeperWatch::start(std::move(order), gaps_);
  if (!sweeper) return sweeper.error();
  sweeper_.emplace(std::move(*sweeper));
  return Done{};
}

void ContentSweeper::turn() {
  hear();
  tell_first_found();
  watch_time();
  tell_progress();
}

// A file is told by the sweeper before a decoder can have it: what answers there are is taken
// first, and then what they are answers to is known.
void ContentSweeper::hear() {
  const milliseconds beat = request_.terms.beat;
  const int also = sweeper_->is_over() ? -1 : sweeper_->descriptor();
  std::vector<Answered> answers;
  if (pool_) {
    answers = pool_->take(beat, also);
  } else {
    pollfd polled{also, POLLIN, 0};
    (void)poll(&polled, 1, static_cast<int>(beat.count()));  // A signal only makes it shorter.
  }
  sweeper_->listen();
  for (ToldHandOver& told : sweeper_->take_handed_over())
    given_.emplace(std::move(told.path), Given{.id = told.id, .is_linked = told.is_linked});
  if (given_.size() > most_given) sweeper_->kill("said what it cannot have seen");
  for (Answered& answered : answers) settle(std::move(answered));
}

void ContentSweeper::settle(Answered&& answered) {
  const auto given = given_.find(answered.path);
  if (given == given_.end()) {
    gaps_.add(std::move(answered.path), "a decoder answered for it that had not been given it");
    return;
  }
  FoundFile file{.path = given->first,
                 .id = given->second.id,
                 .is_linked = given->second.is_linked,
                 .is_process = given->second.is_process,
                 .found = {}};
  given_.erase(given);
  if (answered.findings) {
    keep(std::move(file), std::move(*answered.findings));
  } else {
    gaps_.add(std::move(file.path), "was not looked into: " + answered.findings.error().what);
  }
}

void ContentSweeper::keep(FoundFile&& file, FileFindings&& findings) {
  tell_misses(file.path, std::move(findings.misses));
  if (findings.found.empty()) return;
  file.found = std::move(findings.found);
  std::string path = file.path;
  const std::size_t bytes = bytes_of(file);
  found_.add(std::move(path), std::move(file), bytes);
}

// Nobody was heard meanwhile: that is no decoder's fault.
void ContentSweeper::tell_first_found() {
  if (has_told_first_ || found_.size() == 0 || interrupted_ || !request_.on_first_found) return;
  has_told_first_ = true;
  const Clock::time_point before = Clock::now();
  request_.on_first_found();
  if (pool_) pool_->excuse(Clock::now() - before);
}

// Those of the file itself first. Few of one archive, so that no one's archives take the room of
// everybody's gaps.
void ContentSweeper::tell_misses(const std::string& path,
                                 std::vector<FileFindings::Miss>&& misses) {
  std::ranges::stable_sort(misses, std::ranges::greater{},
                           [](const FileFindings::Miss& miss) { return miss.member.empty(); });
  const std::size_t told = std::min(misses.size(), most_misses_of_file);
  for (std::size_t i = 0; i < told; ++i) {
    gaps_.add(path_of(path, misses[i].member), std::move(misses[i].why));
  }
  if (told == misses.size()) return;
  gaps_.add(path, "holds " + std::to_string(misses.size() - told) +
                      " more places that were not looked at");
}

void ContentSweeper::hand_over_more() {
  if (!request_.more || interrupted_) return;
  request_.more(
      [this](int descriptor, const HandOver& file) { return hand_over(descriptor, file); });
}

Result<Done> ContentSweeper::hand_over(int descriptor, const HandOver& file) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return system_error("fstat", errno);
  const Given given{.id = {.device = status.st_dev, .inode = status.st_ino},
                    .is_process = file.is_process};
  watch_interrupt();
  while (pool_ && !interrupted_) {
    auto handed = pool_->hand_over(descriptor, file);
    if (handed) given_.emplace(file.path, given);
    if (handed || handed.error().code != EAGAIN) return handed;
    turn();
  }
  return Error{interrupted_ ? "the sweep was stopped" : "no decoder took it"};
}

void ContentSweeper::watch_interrupt() {
  if (interrupted_ || !request_.is_interrupted || !request_.is_interrupted()) return;
  interrupted_ = Clock::now();
  sweeper_->board().stop = true;
}

void ContentSweeper::watch_time() {
  watch_interrupt();
  const Clock::time_point now = Clock::now();
  if (interrupted_ && now - *interrupted_ >= request_.terms.farewell) give_up("was stopped");
  if (stands_still()) give_up("came no further");
}

// Neither does the sweeper come further nor any decoder, and none of them has reason to.
bool ContentSweeper::stands_still() {
  const SweepBoard& board = sweeper_->board();
  const SweepProgress& progress = board.progress;
  const std::uint64_t seen = progress.directories + progress.names + progress.files +
                             progress.bytes + (pool_ ? pool_->answered() : 0);
  const bool is_decoding = pool_ && pool_->is_working();
  const bool is_excused = is_decoding && (sweeper_->is_over() || board.handing_over > 0);
  return standstill_.look(seen, is_excused) >= request_.terms.stall;
}

// The sweeper first: what it has handed over is looked into all the same, if there is time.
void ContentSweeper::give_up(const char* why) {
  const bool is_walking = !sweeper_->is_over();
  if (is_walking) sweeper_->kill(why);
  if (!is_walking || interrupted_) pool_.reset();
  standstill_ = {};
}

SweepPace ContentSweeper::pace() const {
  const SweepProgress& progress = sweeper_->board().progress;
  return {.names = progress.names,
          .files = progress.files,
          .bytes = progress.bytes,
          .elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - began_)};
}

void ContentSweeper::tell_progress() {
  const Clock::time_point now = Clock::now();
  if (!request_.progress || now - told_ < request_.terms.beat) return;
  told_ = now;
  request_.progress(pace());
}

void ContentSweeper::tell_lost() {
  const char* const why = interrupted_ ? "was not looked into: the sweep was stopped"
                                       : "was not looked into: no decoder took it";
  for (const auto& [path, given] : given_) gaps_.add(path, why);
  if (found_.left_out() > 0) {
    gaps_.add("/", "credentials were found in " + std::to_string(found_.left_out()) +
                       " more files than a report can hold");
  }
}

ContentSweep ContentSweeper::result() {
  SweeperHeard heard = sweeper_->finish();
  ContentSweep done{.found = {},
                    .names = std::move(heard.names),
                    .gaps = gaps_.sorted(),
                    .more_gaps = gaps_.left_out(),
                    .skipped = std::move(heard.skipped),
                    .pace = pace(),
                    .has_all_names = heard.has_all_names,
                    .has_landlock = heard.has_landlock,
                    .stopped = interrupted_.has_value()};
  for (auto& [path, file] : found_.take()) {
    // Named as a path of its own, too.
    const bool is_told =
        !done.found.empty() && done.found.back().path == path && done.found.back().id == file.id;
    if (!is_told) done.found.push_back(std::move(file));
  }
  done.names.erase(std::unique(done.names.begin(), done.names.end()), done.names.end());
  return done;
}

}  // namespace

Result<ContentSweep> sweep_contents(const ContentSweepRequest& request) {
  return ContentSweeper{request}.run();
}

}  // namespace cfwarden
