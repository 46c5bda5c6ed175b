#include "cfwarden/host/file_question.h"

#include "cfwarden/host/owner_view.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/system_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;

// An answer begins with one of these.
constexpr char answered = 'A';
constexpr char refused = 'R';  // With the reason, in our own words.

std::string reply_to(const FileQuestion& question, const Opening& opening) {
  if (!opening.refusal.empty()) return refused + opening.refusal;
  const auto bytes = read_settled(opening.fd, question.most_bytes + 1);
  if (!bytes) return refused + bytes.error().what;
  if (bytes->size() > question.most_bytes) {
    return refused + ("is larger than " + std::to_string(question.most_bytes) + " bytes");
  }
  return answered + question.answer(bytes->reveal());
}

void send(int report, std::string_view reply) {
  while (!reply.empty()) {
    const ssize_t count = write(report, reply.data(), reply.size());
    if (count < 0 && errno != EINTR) return;
    if (count > 0) reply.remove_prefix(static_cast<std::size_t>(count));
  }
}

void send_reply(int report, const std::string& reply) {
  send(report, frame_head(reply.size()));
  send(report, reply);
}

using Files = std::span<const Opened* const>;

void reply_to_all(Files files, const FileQuestion& question, int report, int parent) {
  std::vector<Opening> openings;
  const auto inside =
      enter_sandbox({files.front()->territory, question.gid, files}, parent, openings);
  for (std::size_t i = 0; i < files.size(); ++i) {
    send_reply(report, inside ? reply_to(question, openings[i])
                              : refused + ("no sandbox to read it in: " + inside.error().what));
  }
}

// The inside of a worker: of all descriptors only those of the files stay.
template <class Reply>
[[noreturn]] void work(Files files, int report, Reply reply) {
  try {
    std::vector<int> kept{report};
    for (const Opened* file : files) kept.push_back(file->descriptor->get());
    if (under_sanitizer) kept.push_back(STDERR_FILENO);
    std::ranges::sort(kept);
    close_all_but(kept);
    reply();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

// All that comes until the worker closes its end, takes too long, or says too much.
std::string received(int replies, std::size_t most, Clock::time_point deadline) {
  std::string reply;
  std::array<char, 4096> buffer{};
  while (reply.size() <= most) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd polled{replies, POLLIN, 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR && !interrupted()) continue;
    if (ready <= 0) break;
    const ssize_t count = read(replies, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    reply.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return reply;
}

// It may hang in the kernel: then it is left behind, holds nothing of ours, and dies with us.
void dismiss(pid_t pid) {
  (void)kill(pid, SIGKILL);  // It may have gone already.
  constexpr long longest_pause = 1'000'000;
  timespec pause{0, 20'000};
  for (int i = 0; i < 200; ++i) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) return;
    nanosleep(&pause, nullptr);
    pause.tv_nsec = std::min(2 * pause.tv_nsec, longest_pause);
  }
}

constexpr std::size_t most_reason = 1024;

Result<std::string> answer_in(std::string_view reply, std::size_t most_answer) {
  if (reply.empty()) return Error{"its parser failed, or took too long", 0};
  std::string text{reply.substr(1)};
  if (reply.front() == answered && text.size() <= most_answer) return text;
  const bool is_reason = reply.front() == refused && text.size() <= most_reason;
  return Error{is_reason ? text : "its parser answered nonsense", 0};
}

struct Bounds {
  std::size_t most = 0;
  std::chrono::milliseconds patience{0};
};

// What a worker says that runs `reply(report, parent)`.
template <class Reply>
Result<std::string> said_by_worker(Files files, const Bounds& bounds, Reply reply) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("no worker: pipe", errno);
  const Descriptor replies{ends[0]};
  const pid_t parent = getpid();
  pid_t pid = -1;
  {
    const Descriptor report{ends[1]};
    pid = fork();
    if (pid < 0) return system_error("no worker: fork", errno);
    if (pid == 0) work(files, report.get(), [&] { reply(report.get(), parent); });
  }
  std::string all = received(replies.get(), bounds.most, Clock::now() + bounds.patience);
  dismiss(pid);
  return all;
}

void reply_of_all(Files files, const FilesQuestion& question, int report, int parent) {
  std::vector<Opening> openings;
  const auto inside =
      enter_sandbox({files.front()->territory, question.gid, files}, parent, openings);
  if (!inside) {
    return send_reply(report, refused + ("no sandbox to read it in: " + inside.error().what));
  }
  std::vector<int> descriptors;
  for (const Opening& opening : openings)
    descriptors.push_back(opening.refusal.empty() ? opening.fd : -1);
  send_reply(report, answered + question.answer(descriptors));
}

}  // namespace

std::vector<Result<std::string>> ask_of_each(std::span<const Opened* const> files,
                                             const FileQuestion& question,
                                             std::size_t most_in_all) {
  const Result<std::string> all = said_by_worker(
      files, {most_in_all, question.patience},
      [&](int report, int parent) { reply_to_all(files, question, report, parent); });
  if (!all) return {all.error()};
  std::vector<Result<std::string>> answers;
  for (std::string_view rest = *all; answers.size() < files.size();) {
    const auto reply = take_framed(rest);
    if (!reply) break;
    answers.push_back(answer_in(*reply, question.most_answer));
  }
  return answers;
}

Result<std::string> ask_in_worker(const FileQuestion& question) {
  const std::array<const Opened*, 1> files{question.file};
  const std::size_t most = std::max(question.most_answer, most_reason) + 1 + frame_head_bytes;
  std::vector<Result<std::string>> answers = ask_of_each(files, question, most);
  return answers.empty() ? answer_in({}, 0) : std::move(answers.front());
}

Result<std::string> ask_of_all(std::span<const Opened* const> files,
                               const FilesQuestion& question) {
  const std::size_t most = std::max(question.most_answer, most_reason) + 1 + frame_head_bytes;
  const Result<std::string> said = said_by_worker(
      files, {most, question.patience},
      [&](int report, int parent) { reply_of_all(files, question, report, parent); });
  if (!said) return said;
  std::string_view rest = *said;
  return answer_in(take_framed(rest).value_or(std::string_view{}), question.most_answer);
}

std::string frame_head(std::size_t length) {
  std::string bytes(frame_head_bytes, '\0');
  for (std::size_t i = 0; i < frame_head_bytes; ++i) {
    bytes[i] = static_cast<char>(length >> (8 * i) & 0xffU);
  }
  return bytes;
}

std::optional<std::string_view> take_framed(std::string_view& texts) {
  if (texts.size() < frame_head_bytes) return std::nullopt;
  std::uint64_t length = 0;
  for (std::size_t i = frame_head_bytes; i-- != 0;) {
    length = length << 8U | static_cast<unsigned char>(texts[i]);
  }
  if (length > texts.size() - frame_head_bytes) return std::nullopt;
  const std::string_view text = texts.substr(frame_head_bytes, length);
  texts.remove_prefix(frame_head_bytes + length);
  return text;
}

std::string bytes_at(int file, std::uint64_t at, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t got = 0;
  while (got < count) {
    const ssize_t more = pread(file, bytes.data() + got, count - got, static_cast<off_t>(at + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

}  // namespace cfwarden
