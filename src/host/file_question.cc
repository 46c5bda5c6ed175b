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
#include <vector>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;

// An answer begins with one of these.
constexpr char answered = 'A';
constexpr char refused = 'R';  // With the reason, in our own words.

std::string reply_to(const FileQuestion& question, int parent) {
  const std::array<const Opened*, 1> files{question.file};
  std::vector<Opening> openings;
  const auto inside =
      enter_sandbox({question.file->territory, question.gid, files}, parent, openings);
  if (!inside) return refused + ("no sandbox to read it in: " + inside.error().what);
  if (!openings.front().refusal.empty()) return refused + openings.front().refusal;
  const auto bytes = read_settled(openings.front().fd, question.most_bytes + 1);
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

[[noreturn]] void work(const FileQuestion& question, int report, int parent) {
  try {
    std::vector<int> kept{report, question.file->descriptor->get()};
    if (under_sanitizer) kept.push_back(STDERR_FILENO);
    std::ranges::sort(kept);
    close_all_but(kept);
    send(report, reply_to(question, parent));
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

// All that comes until the worker closes its end; "" when that takes too long, or is too much.
std::string received(int replies, std::size_t most, Clock::time_point deadline) {
  std::string reply;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd polled{replies, POLLIN, 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR && !interrupted()) continue;
    if (ready <= 0) return {};
    const ssize_t count = read(replies, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? reply : std::string{};
    reply.append(buffer.data(), static_cast<std::size_t>(count));
    if (reply.size() > most) return {};
  }
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

}  // namespace

Result<std::string> ask_in_worker(const FileQuestion& question) {
  constexpr std::size_t most_reason = 1024;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("no worker: pipe", errno);
  const Descriptor replies{ends[0]};
  const pid_t parent = getpid();
  pid_t pid = -1;
  {
    const Descriptor report{ends[1]};
    pid = fork();
    if (pid < 0) return system_error("no worker: fork", errno);
    if (pid == 0) work(question, report.get(), parent);
  }
  const std::string reply = received(replies.get(), std::max(question.most_answer, most_reason) + 1,
                                     Clock::now() + question.patience);
  dismiss(pid);
  if (reply.empty()) return Error{"its parser failed, or took too long", 0};
  std::string text = reply.substr(1);
  if (reply.front() == answered && text.size() <= question.most_answer) return text;
  const bool is_reason = reply.front() == refused && text.size() <= most_reason;
  return Error{is_reason ? text : "its parser answered nonsense", 0};
}

}  // namespace cfwarden
