#include "cfwarden/host/reader.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/reply.h"
#include "cfwarden/host/starts_reply.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t max_batch = max_readings;
constexpr std::size_t max_workers = 4;
constexpr std::size_t frame_head = 4;

// What came of one item, of whatever sort.
using Reply = std::variant<Unread, Examination, Starts>;

// nullopt for what an answer to this item cannot be.
std::optional<Reply> decoded_reply(const WorkItem& item, std::string_view bytes) {
  if (item.services != nullptr) {
    if (auto starts = decode_starts(bytes)) return std::move(*starts);
  }
  auto readings = decode_reply(bytes, 1);
  if (!readings) return std::nullopt;
  if (auto* unread = std::get_if<Unread>(&readings->front())) return std::move(*unread);
  if (item.services != nullptr) return std::nullopt;
  return std::get<Examination>(std::move(readings->front()));
}

// Of an item that is no definition of services.
Reading reading_of(Reply&& reply) {
  if (auto* examination = std::get_if<Examination>(&reply)) return std::move(*examination);
  return std::get<Unread>(std::move(reply));
}

// Files that one worker reads. `files` are indices into the items and replies of a Crew.
struct Batch {
  Territory territory;
  std::uint32_t gid = 65534;
  std::vector<std::size_t> files;
};

struct Worker {
  Batch batch;
  pid_t pid = -1;
  Descriptor replies;
  Clock::time_point started;
  Clock::time_point deadline;
  std::string received;      // Less than one frame.
  std::size_t answered = 0;  // Files of the batch, from the front.
  bool reaped = false;       // Then the pid may already be someone else's.
};

// How a worker came to its end, as far as is known.
std::string reason_of(std::optional<int> status) {
  if (!status) return "its worker did not end";
  if (!WIFSIGNALED(*status)) return "its worker failed";
  switch (WTERMSIG(*status)) {
    case SIGSYS:
      return "its parser made a forbidden system call";
    case SIGXCPU:
      return "takes more processor time than a parser may have";
    case SIGKILL:
      return "its worker was killed";
    default:
      return "its parser crashed (signal " + std::to_string(WTERMSIG(*status)) + ")";
  }
}

// Waits for the end of a child; false where the kernel has no descriptors of processes.
bool await(pid_t pid, milliseconds patience) {
  const Descriptor process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  if (!process.is_open()) return false;
  pollfd polled{process.get(), POLLIN, 0};
  return poll(&polled, 1, static_cast<int>(patience.count())) >= 0;
}

// The exit status within `patience`. A process that hangs in the kernel is left behind: it dies
// with us, and holds nothing of ours.
std::optional<int> reap(pid_t pid, milliseconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  const timespec pause{0, 50'000};
  const bool awaited = await(pid, patience);
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if ((ended < 0 && errno != EINTR) || Clock::now() >= deadline) return std::nullopt;
    if (!awaited) nanosleep(&pause, nullptr);
  }
}

// Sends every batch through a worker, a few at a time, and gathers what they say.
class Crew {
 public:
  Crew(std::vector<WorkItem> items, std::string_view hmac_key, Losses& losses,
       const WorkerTerms& terms)
      : items_{std::move(items)},
        hmac_key_{hmac_key},
        losses_{losses},
        terms_{terms},
        replies_(items_.size(), Unread{"stopped before it was read"}) {}

  std::vector<Reply> run(std::deque<Batch> batches) {
    waiting_ = std::move(batches);
    while (!waiting_.empty() || !running_.empty()) {
      if (interrupted()) break;
      hire();
      listen();
    }
    for (Worker& worker : running_) dismiss(worker);
    return std::move(replies_);
  }

 private:
  void hire() {
    while (running_.size() < max_workers && !waiting_.empty()) {
      Batch batch = std::move(waiting_.front());
      waiting_.pop_front();
      const milliseconds left = terms_.patience - lost_to(batch.territory);
      if (left <= milliseconds::zero()) {
        give_up(batch, "the worker for the files of this user failed too often");
      } else {
        start(std::move(batch), left);
      }
    }
  }

  void start(Batch batch, milliseconds patience) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return give_up(batch, system_failure("pipe"));
    Descriptor replies{ends[0]};
    const Descriptor report{ends[1]};
    const WorkOrder order = order_for(batch);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return give_up(batch, system_failure("fork"));
    if (pid == 0) work(order, report.get(), parent);
    const Clock::time_point now = Clock::now();
    running_.push_back(
        Worker{std::move(batch), pid, std::move(replies), now, now + patience, {}, 0, false});
  }

  WorkOrder order_for(const Batch& batch) const {
    WorkOrder order{batch.territory, batch.gid, {}, hmac_key_, terms_};
    for (const std::size_t file : batch.files) order.items.push_back(items_[file]);
    return order;
  }

  static std::string system_failure(const char* call) {
    return "no worker to read it: " + system_error(call, errno).what;
  }

  // Waits until a worker says something or runs out of time, and deals with each that did.
  void listen() {
    std::vector<pollfd> polled;
    for (const Worker& worker : running_) polled.push_back({worker.replies.get(), POLLIN, 0});
    if (poll(polled.data(), polled.size(), time_left()) < 0) {
      for (pollfd& one : polled) one.revents = 0;  // A signal came instead.
    }
    std::vector<Worker> still_running;
    std::vector<Worker> before = std::move(running_);
    running_.clear();
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (goes_on(before[i], polled[i].revents != 0)) {
        still_running.push_back(std::move(before[i]));
      }
    }
    running_ = std::move(still_running);
  }

  int time_left() const {
    auto first = Clock::time_point::max();
    for (const Worker& worker : running_) first = std::min(first, worker.deadline);
    if (running_.empty()) return 0;
    const auto left = std::chrono::ceil<milliseconds>(first - Clock::now());
    return static_cast<int>(std::max(left, milliseconds::zero()).count());
  }

  // False when the worker has ended, one way or the other.
  bool goes_on(Worker& worker, bool has_news) {
    if (has_news) {
      char chunk[16 * 1024];
      const ssize_t count = read(worker.replies.get(), chunk, sizeof chunk);
      if (count < 0 && errno == EINTR) return true;
      if (count <= 0) {
        const auto status = reap(worker.pid, milliseconds{100});
        worker.reaped = status.has_value();
        fail(worker, reason_of(status));
        return false;
      }
      worker.received.append(chunk, static_cast<std::size_t>(count));
      if (!take_answers(worker)) {
        fail(worker, "its worker answered nonsense");
        return false;
      }
      if (worker.answered == worker.batch.files.size()) {
        dismiss(worker);
        return false;
      }
    }
    if (Clock::now() < worker.deadline) return true;
    fail(worker, "takes too long to read");
    return false;
  }

  // Moves complete answers out of `received`; false when one is not what a worker may say.
  bool take_answers(Worker& worker) {
    std::string_view rest = worker.received;
    while (rest.size() >= frame_head && worker.answered < worker.batch.files.size()) {
      std::size_t size = 0;
      for (std::size_t i = 0; i < frame_head; ++i) {
        size |= std::size_t{static_cast<unsigned char>(rest[i])} << (8 * i);
      }
      if (size > max_reading_bytes) return false;
      if (rest.size() - frame_head < size) break;
      auto decoded =
          decoded_reply(items_[worker.batch.files[worker.answered]], rest.substr(frame_head, size));
      if (!decoded) return false;
      replies_[worker.batch.files[worker.answered++]] = std::move(*decoded);
      rest.remove_prefix(frame_head + size);
    }
    worker.received.erase(0, worker.received.size() - rest.size());
    return true;
  }

  // The file it was at gets the reason; those behind it get another worker.
  void fail(Worker& worker, const std::string& why) {
    dismiss(worker);
    auto& files = worker.batch.files;
    replies_[files[worker.answered]] = Unread{why};
    files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(worker.answered) + 1);
    lost_to(worker.batch.territory) +=
        std::chrono::ceil<milliseconds>(Clock::now() - worker.started);
    if (!files.empty()) waiting_.push_front(std::move(worker.batch));
  }

  // Its user may have stopped it, so it is killed rather than waited for. Killing another uid's
  // process takes CAP_KILL; without that it still dies with us.
  static void dismiss(const Worker& worker) {
    if (worker.reaped) return;
    (void)kill(worker.pid, SIGKILL);
    (void)reap(worker.pid, milliseconds{1000});
  }

  void give_up(const Batch& batch, const std::string& why) {
    for (const std::size_t file : batch.files) replies_[file] = Unread{why};
  }

  milliseconds& lost_to(const Territory& territory) {
    for (Losses::Loss& loss : losses_.all) {
      if (loss.territory == territory) return loss.time;
    }
    losses_.all.push_back(Losses::Loss{territory, milliseconds{0}});
    return losses_.all.back().time;
  }

  std::vector<WorkItem> items_;
  std::string_view hmac_key_;
  Losses& losses_;
  WorkerTerms terms_;
  std::vector<Reply> replies_;
  std::deque<Batch> waiting_;
  std::vector<Worker> running_;
};

// Requests of the same territory and group together, in at most max_batch at a time.
std::deque<Batch> batches_of(std::span<const ReadRequest> requests) {
  std::deque<Batch> batches;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Territory& territory = requests[i].file->territory;
    const auto fits = std::ranges::find_if(batches, [&](const Batch& batch) {
      return batch.territory == territory && batch.gid == requests[i].gid &&
             batch.files.size() < max_batch;
    });
    if (fits != batches.end()) {
      fits->files.push_back(i);
    } else {
      batches.push_back(Batch{territory, requests[i].gid, {i}});
    }
  }
  return batches;
}

std::string_view last_component(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

std::vector<Reading> read_files(std::span<const ReadRequest> requests, std::string_view hmac_key,
                                Losses& losses, const WorkerTerms& terms) {
  if (requests.empty()) return {};
  if (!proc_is_genuine()) {
    return std::vector<Reading>(requests.size(), Unread{"cannot be opened: /proc is not procfs"});
  }
  std::vector<WorkItem> items;
  for (const ReadRequest& request : requests) {
    items.push_back(
        WorkItem{.file = request.file,
                 .name = request.name.empty() ? last_component(request.file->path) : request.name,
                 .bytes = {},
                 .role = request.role});
  }
  std::vector<Reading> readings;
  for (Reply& reply : Crew{std::move(items), hmac_key, losses, terms}.run(batches_of(requests))) {
    readings.push_back(reading_of(std::move(reply)));
  }
  return readings;
}

Reading examine_in_worker(std::string_view file_name, std::string_view bytes,
                          std::string_view hmac_key, const WorkerTerms& terms, ServiceRole role) {
  Losses losses;
  Crew crew{{WorkItem{.name = file_name, .bytes = bytes, .role = role}}, hmac_key, losses, terms};
  return reading_of(std::move(crew.run({Batch{Territory{}, 65534, {0}}}).front()));
}

Result<Starts> starts_in_worker(const ServiceHost& services) {
  Losses losses;
  const WorkerTerms terms;
  Crew crew{{WorkItem{.services = &services}}, "", losses, terms};
  Reply reply = std::move(crew.run({Batch{Territory{}, 65534, {0}}}).front());
  if (auto* starts = std::get_if<Starts>(&reply)) return std::move(*starts);
  return Error{std::get<Unread>(reply).why, 0};
}

}  // namespace cfwarden
