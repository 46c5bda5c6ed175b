#include "cfwarden/sweep/decoder_pool.h"

#include "cfwarden/host/system_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;

constexpr unsigned most_stillborn = 16;
constexpr std::size_t most_heard_at_once = 1024 * 1024;
constexpr milliseconds patience_at_the_end{1000};
constexpr milliseconds forking_pause{100};

bool has_waiting(int queue) {
  char byte = 0;
  return recv(queue, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

// Nobody can send any more, and nothing is left.
bool is_closed(int queue) {
  char byte = 0;
  return recv(queue, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

Result<DecoderPool> DecoderPool::start(const SpotFinder& finder, const DecoderTerms& terms) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error("socketpair", errno);
  Descriptor sending{ends[0]};
  Descriptor receiving{ends[1]};
  // Files go one way, and nothing comes back by it.
  if (shutdown(receiving.get(), SHUT_WR) != 0) return system_error("shutdown", errno);
  return DecoderPool{finder, terms, std::move(sending), std::move(receiving)};
}

DecoderPool::DecoderPool(const SpotFinder& finder, const DecoderTerms& terms, Descriptor sending,
                         Descriptor receiving)
    : finder_{&finder},
      terms_{terms},
      sending_{std::move(sending)},
      receiving_{std::move(receiving)} {}

Result<Done> DecoderPool::hand_over(int descriptor, const HandOver& file) {
  return try_hand_over(sending_.get(), descriptor, file);
}

std::vector<Answered> DecoderPool::take(milliseconds timeout, int also) {
  const Clock::time_point until = Clock::now() + timeout;
  bool goes_on = true;
  while (goes_on && answered_.empty() && !is_finished()) {
    staff();
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    goes_on = listen(std::max(left, milliseconds::zero()), also) && left > milliseconds::zero();
  }
  return std::exchange(answered_, {});
}

void DecoderPool::excuse(Clock::duration time) {
  for (Decoding& one : decoders_) {
    one.deadline += time;
    if (one.deaf_since) *one.deaf_since += time;
  }
}

bool DecoderPool::is_finished() const {
  return decoders_.empty() && answered_.empty() && is_closed(receiving_.get());
}

bool DecoderPool::is_working() const {
  return std::ranges::any_of(decoders_, [](const Decoding& one) { return one.file.has_value(); });
}

std::vector<Answered> DecoderPool::finish() {
  close_queue();
  while (!decoders_.empty() || !is_closed(receiving_.get())) {
    staff();
    (void)listen(milliseconds{1000});
  }
  return std::exchange(answered_, {});
}

bool DecoderPool::has_idle() const {
  return std::ranges::any_of(decoders_, [](const Decoding& one) { return !one.file; });
}

bool DecoderPool::may_fork() const {
  return !has_idle() && decoders_.size() < terms_.decoders && stillborn_ < most_stillborn &&
         Clock::now() >= fork_again_;
}

void DecoderPool::staff() {
  if (may_fork() && has_waiting(receiving_.get()) && !fork_one()) {
    ++stillborn_;
    fork_again_ = Clock::now() + forking_pause;
  }
  // Without any decoder those who hand over would wait for ever.
  const bool is_hopeless = decoders_.empty() && stillborn_ >= most_stillborn;
  if (is_hopeless) serve_nobody("no decoder for it could be started");
}

bool DecoderPool::fork_one() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  Descriptor answers{ends[0]};
  const Descriptor report{ends[1]};
  (void)fcntl(answers.get(), F_SETFL, O_NONBLOCK);  // A pipe always takes it.
  const DecoderOrder order{.queue = receiving_.get(),
                           .answers = report.get(),
                           .user = geteuid(),
                           .finder = finder_,
                           .decode = terms_.decode,
                           .time = terms_.time};
  const pid_t parent = getpid();
  auto child = ChildProcess::start([&order, parent] { decode_handed_over(order, parent); });
  if (!child) return false;
  decoders_.push_back(Decoding{.process = std::move(*child), .answers = std::move(answers)});
  return true;
}

void DecoderPool::serve_nobody(const std::string& why) {
  while (true) {
    const auto handed = receive_file(receiving_.get(), Receive::at_once);
    if (!handed && handed.error().code == 0) continue;
    if (!handed || !*handed) return;
    answer((*handed)->file.path, Error{why});
  }
}

// False when a signal came, or something by `also`.
bool DecoderPool::listen(milliseconds timeout, int also) {
  std::vector<pollfd> polled;
  for (const Decoding& one : decoders_) polled.push_back({one.answers.get(), POLLIN, 0});
  // Work only matters where there may be one more to do it.
  const bool wants_work = may_fork() && !is_closed(receiving_.get());
  polled.push_back({wants_work ? receiving_.get() : -1, POLLIN, 0});
  polled.push_back({also, POLLIN, 0});
  const int count =
      poll(polled.data(), polled.size(), static_cast<int>(until_next(timeout).count()));
  const bool is_interrupted = count < 0 || polled.back().revents != 0;
  std::vector<Decoding> before = std::exchange(decoders_, {});
  for (Decoding& one : before) {
    if (goes_on(one)) decoders_.push_back(std::move(one));
  }
  note_deafness();
  return !is_interrupted;
}

milliseconds DecoderPool::until_next(milliseconds timeout) const {
  if (Clock::now() < fork_again_) timeout = std::min(timeout, forking_pause);
  for (const Decoding& one : decoders_) {
    if (!one.file) timeout = std::min(timeout, std::min(terms_.deafness, milliseconds{1000}));
    if (!one.file) continue;
    const auto left = std::chrono::ceil<milliseconds>(one.deadline - Clock::now());
    timeout = std::min(timeout, std::max(left, milliseconds::zero()));
  }
  return timeout;
}

// False when it has ended, one way or the other: what it was at is answered.
bool DecoderPool::goes_on(Decoding& decoder) {
  if (!hear(decoder)) return false;
  return is_in_time(decoder);
}

// All that it has said so far, so that no answer counts as late because nobody listened; but not
// what one says who never ends.
bool DecoderPool::hear(Decoding& decoder) {
  std::array<char, 64 * 1024> chunk;
  for (std::size_t heard = 0; heard < most_heard_at_once;) {
    const ssize_t count = read(decoder.answers.get(), chunk.data(), chunk.size());
    if (count < 0) return true;
    if (count == 0) {
      bury(decoder);
      return false;
    }
    heard += static_cast<std::size_t>(count);
    decoder.received.append(chunk.data(), static_cast<std::size_t>(count));
    if (!take_words(decoder)) {
      decoder.process.kill();
      if (decoder.file) answer(decoder.file->path, Error{"its decoder answered nonsense"});
      return false;
    }
    if (decoder.is_at_last && !decoder.file) {
      decoder.process.kill();
      return false;
    }
    if (static_cast<std::size_t>(count) < chunk.size()) break;
  }
  return true;
}

bool DecoderPool::take_words(Decoding& decoder) {
  std::string_view rest = decoder.received;
  while (true) {
    auto word = take_word(rest);
    if (!word) return false;
    if (!*word) break;
    decoder.deaf_since = std::nullopt;
    decoder.has_worked = true;
    stillborn_ = 0;
    if (auto* const took = std::get_if<TookFile>(&**word)) {
      if (decoder.file || decoder.is_at_last) return false;
      decoder.deadline = Clock::now() + time_for(took->size, terms_.time) + terms_.grace;
      decoder.file = std::move(*took);
    } else if (std::holds_alternative<LastFile>(**word)) {
      if (!decoder.file) return false;
      decoder.is_at_last = true;
    } else {
      if (!decoder.file) return false;
      answer(std::move(decoder.file->path), std::get<FileFindings>(std::move(**word)));
      decoder.file = std::nullopt;
    }
  }
  decoder.received.erase(0, decoder.received.size() - rest.size());
  return true;
}

bool DecoderPool::is_in_time(Decoding& decoder) {
  const Clock::time_point now = Clock::now();
  if (decoder.file && now >= decoder.deadline) {
    decoder.process.kill();
    answer(decoder.file->path, Error{"takes too long to search"});
    return false;
  }
  if (decoder.deaf_since && now - *decoder.deaf_since >= terms_.deafness) {
    decoder.process.kill();
    return false;
  }
  return true;
}

// Of one that has closed its end.
void DecoderPool::bury(Decoding& decoder) {
  const auto status = decoder.process.reap(patience_at_the_end);
  if (!decoder.has_worked && !is_closed(receiving_.get())) ++stillborn_;
  if (decoder.file)
    answer(decoder.file->path, Error{"the decoder that read it " + how_it_ended(status)});
}

// One that waits takes what comes at once. A moment in which nothing waits clears it.
void DecoderPool::note_deafness() {
  const bool is_waited_for =
      !has_idle() ? false : has_waiting(receiving_.get()) || !sending_.is_open();
  for (Decoding& one : decoders_) {
    if (one.file || !is_waited_for) {
      one.deaf_since = std::nullopt;
    } else if (!one.deaf_since) {
      one.deaf_since = Clock::now();
    }
  }
}

void DecoderPool::answer(std::string path, Result<FileFindings> findings) {
  ++answered_count_;
  answered_.push_back(Answered{.path = std::move(path), .findings = std::move(findings)});
}

}  // namespace cfwarden
