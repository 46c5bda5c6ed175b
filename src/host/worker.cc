#include "cfwarden/host/worker.h"

#include "cfwarden/base/secret.h"
#include "cfwarden/carriers/service_text.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/reply.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/starts_reply.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/needs/definitions.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string>

namespace cfwarden {
namespace {

// What this process may do that the files' owner may not.
enum class Power { any_uid, any_file, own_files };

Power present_power() {
  if (has_capability(CAP_SETUID) && has_capability(CAP_SETGID)) return Power::any_uid;
  const bool passes_modes =
      geteuid() == 0 || has_capability(CAP_DAC_READ_SEARCH) || has_capability(CAP_DAC_OVERRIDE);
  return passes_modes ? Power::any_file : Power::own_files;
}

struct Opening {
  int fd = -1;
  std::string refusal;  // Why there is no fd.
};

std::string denied_to(std::uint32_t uid) {
  return "permission denied to uid " + std::to_string(uid);
}

bool is_same_regular_file(int fd, const FileId& id) {
  struct stat now {};
  return fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_dev == id.device &&
         now.st_ino == id.inode;
}

std::string refusal_of(int error) {
  if (error == EAGAIN) return "another process holds a lease on it";
  if (error == EACCES || error == EPERM) return denied_to(geteuid());
  return system_error("cannot be opened", error).what;
}

Opening open_for_reading(const Opened& file) {
  // Opening a device has effects, so the type comes first.
  if (!is_same_regular_file(file.descriptor->get(), file.facts.id))
    return {-1, "not the regular file that was looked at"};
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const std::string path = proc_path(*file.descriptor);
  int fd = open(path.c_str(), flags | O_NOATIME);
  // Only its owner may leave a file's time of access alone.
  if (fd < 0 && errno == EPERM) fd = open(path.c_str(), flags);
  if (fd < 0) return {-1, refusal_of(errno)};
  if (!is_same_regular_file(fd, file.facts.id))
    return {-1, "not the regular file that was looked at"};
  return {fd, {}};
}

// Without CAP_SETUID the kernel does not refuse for us what a user has linked into a directory of
// theirs, so the facts must.
bool is_lent(const Opened& file, const WorkOrder& order, Power power) {
  if (power != Power::any_file || order.territory.trusted) return false;
  const Principal owner{order.territory.uid, {order.gid}};
  return !permits(file.facts.permissions, owner, Access::read);
}

std::vector<Opening> open_all(const WorkOrder& order, Power power) {
  std::vector<Opening> openings;
  for (const WorkItem& item : order.items) {
    if (item.file == nullptr) {
      openings.push_back({});
    } else if (is_lent(*item.file, order, power)) {
      openings.push_back({-1, denied_to(order.territory.uid)});
    } else {
      openings.push_back(open_for_reading(*item.file));
    }
  }
  return openings;
}

// From the parent's rights to none at all.
Result<Done> enter_sandbox(const WorkOrder& order, int parent, std::vector<Opening>& openings) {
  const Power power = present_power();
  const bool as_owner = power == Power::any_uid && !order.territory.trusted;
  if (as_owner) {
    if (auto became = become(order.territory.uid, order.gid); !became) return became;
  }
  openings = open_all(order, power);
  if (!as_owner) {
    auto dropped = power == Power::any_uid ? become(nobody, nobody) : shed_capabilities();
    if (!dropped) return dropped;
  }
  if (auto limited = limit_worker(parent); !limited) return limited;
  return forbid_opening();
}

// The C library's fstat is fstatat, which takes a path and so is forbidden by now.
bool look_at(int fd, struct stat& state) {
#if defined(__LP64__)
  return syscall(SYS_fstat, fd, &state) == 0;
#else
  return fstat(fd, &state) == 0;
#endif
}

bool is_unmoved(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
         before.st_ctim.tv_nsec == after.st_ctim.tv_nsec;
}

// From the start of the file until `buffer` is full or the file ends.
Result<std::size_t> fill(int fd, std::span<char> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count =
        pread(fd, buffer.data() + filled, buffer.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot be read", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

// The first `most` bytes, or fewer when the file is shorter; an Error of code EAGAIN when the file
// moved meanwhile.
Result<Secret> read_once(int fd, std::size_t most) {
  struct stat before {};
  struct stat after {};
  if (!look_at(fd, before)) return system_error("cannot be read", errno);
  const auto size = static_cast<std::size_t>(before.st_size);
  // One byte more than there should be shows growth; a sparse file's size promises nothing.
  Secret bytes{size < most ? size + 1 : most};
  const auto filled = fill(fd, bytes.writable());
  if (!filled) return filled.error();
  if (!look_at(fd, after)) return system_error("cannot be read", errno);
  if (!is_unmoved(before, after) || *filled != std::min(size, most)) {
    return Error{"changed while it was read", EAGAIN};
  }
  bytes.shrink(*filled);
  return bytes;
}

Result<Secret> read_settled(int fd, std::size_t most) {
  auto first = read_once(fd, most);
  if (first || first.error().code != EAGAIN) return first;
  return read_once(fd, most);
}

constexpr const char* too_long = "is too long for a service's definition; not understood";

Examination examined(const WorkItem& item, std::string_view bytes, const WorkOrder& order) {
  const bool is_definition = item.role != ServiceRole::none;
  // Of some hundred units one or none has to do with cloudflared.
  if (item.role == ServiceRole::possible && !may_concern_cloudflared(bytes)) return {};
  Examination examination = order.terms.parse(item.name, bytes, order.hmac_key);
  if (!is_definition) return examination;
  if (examination.over_cap) {
    const bool is_missed = examination.problem.empty() && may_concern_cloudflared(bytes);
    if (is_missed) examination.problem = too_long;
    return examination;
  }
  examination.service_text = without_secrets(bytes, secret_placeholder);
  if (examination.service_text.size() > max_service_text_bytes) {
    examination.service_text.clear();
    examination.problem = too_long;
  }
  return examination;
}

Reading answer(const WorkItem& item, const Opening& opening, const WorkOrder& order) {
  if (!opening.refusal.empty()) return Unread{opening.refusal};
  if (item.file == nullptr) return examined(item, item.bytes, order);
  const auto bytes = read_settled(opening.fd, size_cap(item.name) + 1);
  if (!bytes) return Unread{bytes.error().what};
  return examined(item, bytes->reveal(), order);
}

std::string bounded_answer(const WorkItem& item, const Opening& opening, const WorkOrder& order) {
  try {
    if (item.services != nullptr) return encode_starts(starts_of(*item.services));
    return encode_reply({answer(item, opening, order)});
  } catch (const std::bad_alloc&) {
    return encode_reply({Unread{"takes more memory than a parser may have"}});
  }
}

// False when nobody listens any more.
bool send(int report, const std::string& reply) {
  std::string frame;
  for (unsigned i = 0; i < 4; ++i) frame += static_cast<char>(reply.size() >> (8 * i) & 0xff);
  frame += reply;
  for (std::string_view rest = frame; !rest.empty();) {
    const ssize_t count = write(report, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void keep_only_ordered(const WorkOrder& order, int report) {
  std::vector<int> kept{report};
  // The standard streams go too: through them a parser could forge lines of the report.
  if (under_sanitizer) kept.push_back(STDERR_FILENO);
  for (const WorkItem& item : order.items) {
    if (item.file != nullptr) kept.push_back(item.file->descriptor->get());
  }
  std::ranges::sort(kept);
  close_all_but(kept);
}

void serve(const WorkOrder& order, int report, int parent) {
  keep_only_ordered(order, report);
  std::vector<Opening> openings;
  const auto inside = enter_sandbox(order, parent, openings);
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    const std::string reply =
        inside ? bounded_answer(order.items[i], openings[i], order)
               : encode_reply({Unread{"no sandbox to read it in: " + inside.error().what}});
    if (!send(report, reply)) return;
  }
}

}  // namespace

void work(const WorkOrder& order, int report, int parent) {
  // Nothing of the parent's may run in here: no destructor, no handler at exit, no flushing.
  try {
    serve(order, report, parent);
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

}  // namespace cfwarden
