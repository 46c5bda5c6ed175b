#include "cfwarden/host/processes.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/hidepid.h"
#include "cfwarden/host/likeness.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/patience.h"
#include "cfwarden/host/proc_file.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>

namespace cfwarden {
namespace {

// Each of them costs a second.
constexpr std::size_t max_silent = 8;

constexpr std::size_t usual_bytes = std::size_t{16} * 1024;
constexpr std::size_t most_bytes = std::max(max_command_line_bytes, max_environment_bytes);

enum class Choice { cloudflared, every_one };

// What the first look at a process shows.
struct Glance {
  int pid = 0;
  Likeness likeness = Likeness::none;
  int error = 0;  // errno, of the command line.
};

// Here and below: done by run_with_patience(), so that nothing is allocated.
struct FirstLook {
  int proc = -1;
  std::span<Glance> glances;
  std::span<char> buffer;
  Choice choice = Choice::cloudflared;
  std::atomic<std::size_t> at = 0;  // The glance that is being made.
};

// "PID/file", as a C string.
class FileOf {
 public:
  FileOf(int pid, std::string_view file) {
    char* end = std::to_chars(text_.data(), text_.data() + longest_pid, pid).ptr;
    *end++ = '/';
    *std::ranges::copy(file, end).out = '\0';
  }
  const char* name() const { return text_.data(); }

 private:
  static constexpr std::size_t longest_pid = 11;
  std::array<char, 32> text_;
};

bool is_called_cloudflared(int proc, int pid) {
  constexpr std::string_view name = "cloudflared";
  std::array<char, name.size()> text{};
  (void)read_proc_file(proc, FileOf{pid, "comm"}.name(), text);  // What is not there has no name.
  return std::string_view{text.data(), text.size()} == name;
}

// A thread of the kernel has none, nor a process that ends: "0 0 0 0 0 0 0".
bool has_memory(int proc, int pid) {
  char first = '0';
  return read_proc_file(proc, FileOf{pid, "statm"}.name(), {&first, 1}) == 1 && first != '0';
}

// A process can make its arguments nothing, and keep its variables: only what has no memory has
// neither. As a cloudflared nothing is told of who says nothing.
void glance_at(const FirstLook& look, Glance& glance) {
  const long size = read_proc_file(look.proc, FileOf{glance.pid, "cmdline"}.name(), look.buffer);
  if (size < 0) glance.error = static_cast<int>(-size);
  if (size < 0) return;
  if (look.choice == Choice::every_one) {
    const bool is_one = size > 0 || has_memory(look.proc, glance.pid);
    if (is_one) glance.likeness = Likeness::cloudflared;  // As that one is looked into.
    return;
  }
  if (size == 0) return;
  glance.likeness = likeness_of({look.buffer.data(), static_cast<std::size_t>(size)});
  if (glance.likeness != Likeness::unnamed) return;
  const bool named = is_called_cloudflared(look.proc, glance.pid);
  glance.likeness = named ? Likeness::cloudflared : Likeness::none;
}

void make_glances(void* with) {
  auto& look = *static_cast<FirstLook*>(with);
  for (; look.at < look.glances.size(); ++look.at) glance_at(look, look.glances[look.at]);
}

// The two files that are read from the process's own memory.
struct MemoryLook {
  int directory = -1;
  std::span<char> command_line;
  std::span<char> environment;  // Empty: it is not wanted.
  long command_line_size = 0;   // -errno where it cannot be read.
  long environment_size = 0;
  std::atomic<std::size_t> at = 0;  // 1: the environment.
};

void read_memory(void* with) {
  auto& look = *static_cast<MemoryLook*>(with);
  look.command_line_size = read_proc_file(look.directory, "cmdline", look.command_line);
  look.at = 1;
  if (look.environment.empty()) return;
  look.environment_size = read_proc_file(look.directory, "environ", look.environment);
}

Secret kept(std::span<const char> bytes, long size, std::size_t most) {
  const auto known = static_cast<std::size_t>(std::max(size, 0L));
  return Secret::copy_of({bytes.data(), std::min(known, most)});
}

// What others are compared with.
struct Self {
  std::string number;
  std::string mount_namespace;
  std::string uid_map;
  std::string gid_map;
};

Self self_of(int proc) {
  return {proc_link(proc, "self"), proc_link(proc, "self/ns/mnt"), proc_text(proc, "self/uid_map"),
          proc_text(proc, "self/gid_map")};
}

bool overrides_modes(std::uint64_t capabilities) {
  constexpr std::uint64_t either =
      std::uint64_t{1} << CAP_DAC_OVERRIDE | std::uint64_t{1} << CAP_DAC_READ_SEARCH;
  return (capabilities & either) != 0;
}

void describe(int directory, const Rights& rights, const Self& self, Process& process) {
  process.program = program_of(rights);
  process.uid = rights.uid;
  process.gid = rights.gid;
  process.more_groups = rights.groups;
  process.started_by = rights.real_uid != 0 ? rights.real_uid : rights.uid;
  process.same_pid_namespace = rights.numbers <= 1;
  process.same_user_namespace = proc_text(directory, "uid_map") == self.uid_map &&
                                proc_text(directory, "gid_map") == self.gid_map;
  process.reads_everything = process.same_user_namespace && overrides_modes(rights.capabilities);
  process.working_directory = proc_link(directory, "cwd");
  process.root_directory = proc_link(directory, "root");
  const std::string mounts = proc_link(directory, "ns/mnt");
  if (!mounts.empty() && !self.mount_namespace.empty()) {
    process.same_mount_namespace = mounts == self.mount_namespace;
  }
  process.group = control_group_of(proc_text(directory, "cgroup"));
}

class Pass {
 public:
  struct Wish {
    Choice choice = Choice::cloudflared;
    std::size_t most = max_processes;
    std::function<void(Process&&)> take;
  };
  Pass(const Descriptor& proc, std::string path, Wish wish)
      : proc_{proc.get()}, path_{std::move(path)}, wish_{std::move(wish)} {}

  // Its gaps.
  std::vector<Gap> run(std::vector<Glance> glances);

 private:
  enum class Outcome { taken, gone, changed };

  void gap(std::string where, std::string why) {
    gaps_.push_back({std::move(where), std::move(why)});
  }
  std::string path_of(int pid, std::string_view file) const {
    return path_ + "/" + std::to_string(pid) + "/" + std::string{file};
  }
  bool is_out_of_patience() const { return silent_ >= max_silent; }
  void note_silence(int pid);

  void glance(std::vector<Glance>& glances);
  void tell_of_hidden(const std::vector<Glance>& glances);
  void look_at(const Glance& glance);
  bool is_of_this_run(const std::string& status) const;
  Outcome take(int directory, const Glance& glance);
  bool look_into_memory(const Glance& glance, MemoryLook& look);
  void tell_of_memory(const Process& process, const MemoryLook& look);

  int proc_;
  std::string path_;
  Wish wish_;
  Self self_;
  Secret buffer_;  // Half for a command line, half for an environment.
  std::size_t silent_ = 0;
  std::vector<Gap> gaps_;
};

void Pass::note_silence(int pid) {
  gap(path_of(pid, "cmdline"), "does not answer: the process keeps its memory locked");
  if (++silent_ == max_silent) {
    gap(path_, "has too many processes that do not answer; the others were not looked at");
  }
}

// A command line that is longer than this shows its program all the same.
void Pass::glance(std::vector<Glance>& glances) {
  Secret buffer{usual_bytes};
  FirstLook look{
      .proc = proc_, .glances = glances, .buffer = buffer.writable(), .choice = wish_.choice};
  while (look.at < glances.size() && !is_out_of_patience()) {
    if (run_with_patience({make_glances, &look, &look.at})) return;
    note_silence(glances[look.at].pid);
    ++look.at;
  }
}

void Pass::tell_of_hidden(const std::vector<Glance>& glances) {
  const auto refused = std::ranges::count_if(glances, [](const Glance& glance) {
    return glance.error == EACCES || glance.error == EPERM;
  });
  if (hides_processes(proc_)) {
    gap(path_, "hides the processes of other users (hidepid): those were not looked at");
  } else if (refused > 0) {
    gap(path_, "may not be asked about " + std::to_string(refused) + " of its processes");
  }
}

// False when the process has ended. Most of what there is fits into little: larger buffers cost
// more than all else, since they are locked and wiped.
bool Pass::look_into_memory(const Glance& glance, MemoryLook& look) {
  if (is_out_of_patience()) return false;
  if (buffer_.empty()) buffer_ = Secret{2 * usual_bytes};
  const std::size_t half = buffer_.size() / 2;
  look.at = 0;
  look.command_line = buffer_.writable().first(half);
  if (glance.likeness == Likeness::cloudflared) look.environment = buffer_.writable().last(half);
  if (!run_with_patience({read_memory, &look, &look.at})) {
    note_silence(glance.pid);
    if (look.at == 0) return false;
    look.environment_size = -ETIMEDOUT;
  }
  const auto full = static_cast<long>(half);
  const bool is_full = look.command_line_size == full || look.environment_size == full;
  if (is_full && half <= most_bytes) {
    buffer_ = Secret{2 * (most_bytes + 1)};
    return look_into_memory(glance, look);
  }
  const bool has_ended = look.environment_size == -ESRCH || look.environment_size == -ENOENT;
  const bool may_say_nothing = wish_.choice == Choice::every_one;
  return look.command_line_size >= (may_say_nothing ? 0 : 1) && !has_ended;
}

// An environment is missed where nothing else tells what is in it: the definition of a service or a
// container does.
void Pass::tell_of_memory(const Process& process, const MemoryLook& look) {
  constexpr const char* too_long = "is longer than 128 KiB: the rest was left out";
  if (look.command_line_size > static_cast<long>(max_command_line_bytes)) {
    gap(path_of(process.pid, "cmdline"), too_long);
  }
  if (look.environment_size > static_cast<long>(max_environment_bytes)) {
    gap(path_of(process.pid, "environ"), too_long);
  }
  if (process.unread_environment.empty() || wish_.choice == Choice::every_one) return;
  if (!process.group.unit.empty() || !process.group.container.empty()) return;
  if (tells_what_it_needs(process.command_line.reveal())) return;
  gap(path_of(process.pid, "environ"),
      process.unread_environment + "; it may hold or name what this cloudflared runs with");
}

// What this process was forked into was started with the same words.
bool Pass::is_of_this_run(const std::string& status) const {
  return wish_.choice == Choice::every_one && std::to_string(parent_of(status)) == self_.number;
}

// That no other program was started in the process meanwhile shows in its rights and name.
Pass::Outcome Pass::take(int directory, const Glance& glance) {
  const std::string status = proc_text(directory, "status");
  const Rights rights = rights_of(status);
  if (rights.is_ending || is_of_this_run(status)) return Outcome::gone;
  Process process{.pid = glance.pid};
  describe(directory, rights, self_, process);
  MemoryLook look{.directory = directory};
  if (!look_into_memory(glance, look)) return Outcome::gone;
  const Rights afterwards = rights_of(proc_text(directory, "status"));
  if (afterwards.is_ending) return Outcome::gone;
  if (afterwards != rights) return Outcome::changed;

  process.command_line = kept(look.command_line, look.command_line_size, max_command_line_bytes);
  process.environment = kept(look.environment, look.environment_size, max_environment_bytes);
  if (look.environment_size < 0) {
    const int reason = static_cast<int>(-look.environment_size);
    process.unread_environment = system_error("cannot be read", reason).what;
  }
  tell_of_memory(process, look);
  wish_.take(std::move(process));
  return Outcome::taken;
}

// The descriptor leads to this process or, once that has ended, nowhere: never to another one that
// was given its number.
void Pass::look_at(const Glance& glance) {
  const Descriptor directory{openat(proc_, std::to_string(glance.pid).c_str(),
                                    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!directory.is_open()) return;
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (take(directory.get(), glance) != Outcome::changed) return;
  }
  gap(path_of(glance.pid, "cmdline"), "changes while it is looked at");
}

std::vector<Gap> Pass::run(std::vector<Glance> glances) {
  glance(glances);
  tell_of_hidden(glances);
  std::erase_if(glances, [](const Glance& one) { return one.likeness == Likeness::none; });
  if (glances.size() > wish_.most) {
    glances.resize(wish_.most);
    gap(path_,
        wish_.choice == Choice::cloudflared
            ? "has more than 4,096 processes that may run cloudflared; the others were left out"
            : "has too many processes; those with the highest numbers were left out");
  }
  if (!glances.empty()) self_ = self_of(proc_);
  for (const Glance& one : glances) look_at(one);
  return std::move(gaps_);
}

// What the kernel calls pid 2 unless that is some process in a pid namespace: the parent of its
// own threads, which have no command line and are most of what /proc lists.
bool is_kthreadd(int proc) {
  constexpr unsigned long is_kernel_thread = 0x00200000;
  const std::string stat = proc_text(proc, "2/stat");
  // Behind the name, which may hold anything: state, five numbers, flags.
  std::string_view fields = stat;
  fields.remove_prefix(std::min(stat.rfind(')'), stat.size()));
  for (int i = 0; i < 7; ++i) fields.remove_prefix(std::min(fields.find(' ') + 1, fields.size()));
  unsigned long flags = 0;
  std::from_chars(fields.data(), fields.data() + fields.size(), flags);
  return (flags & is_kernel_thread) != 0;
}

// Sorted; none where the kernel does not list them.
std::vector<int> kernel_threads(int proc) {
  std::vector<int> threads;
  if (!is_kthreadd(proc)) return threads;
  const std::string text = proc_text(proc, "2/task/2/children");
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    int pid = 0;
    const auto number = std::from_chars(at, end, pid);
    if (number.ec == std::errc{}) threads.push_back(pid);
    at = number.ptr + (number.ptr == end ? 0 : 1);
  }
  std::ranges::sort(threads);
  return threads;
}

// All that are there but this one.
Result<std::vector<Glance>> processes_in(const Descriptor& proc) {
  constexpr std::size_t most = 5'000'000;  // Above the kernel's own limit.
  const std::string self = proc_link(proc.get(), "self");
  const std::vector<int> threads = kernel_threads(proc.get());
  std::vector<Glance> glances;
  const auto listed = list_wanted(proc, most, [&](const Entry& entry) {
    Glance glance;
    const char* end = entry.name.data() + entry.name.size();
    const auto number = std::from_chars(entry.name.data(), end, glance.pid);
    const bool is_pid = number.ec == std::errc{} && number.ptr == end;
    if (is_pid && entry.name != self && !std::ranges::binary_search(threads, glance.pid)) {
      glances.push_back(glance);
    }
    return false;
  });
  if (!listed) return listed.error();
  std::ranges::sort(glances, {}, &Glance::pid);
  return glances;
}

Descriptor opened_proc(const std::string& proc) {
  return Descriptor{open(proc.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

std::vector<Gap> look_at_processes(const Descriptor& directory, const std::string& proc,
                                   Pass::Wish wish) {
  if (!directory.is_open() || !is_root_of_proc(directory.get())) {
    return {{proc, "is not procfs: processes were not looked at"}};
  }
  Result<std::vector<Glance>> glances = processes_in(directory);
  if (!glances) return {{proc, "cannot be listed: " + glances.error().what}};
  return Pass{directory, proc, std::move(wish)}.run(std::move(*glances));
}

}  // namespace

Processes cloudflared_processes(const std::string& proc) {
  Processes found;
  found.gaps = look_at_processes(opened_proc(proc), proc, {.take = [&found](Process&& process) {
                                   found.all.push_back(std::move(process));
                                 }});
  return found;
}

EveryProcess for_every_process(const std::function<void(const Process&)>& take,
                               const std::string& proc) {
  constexpr std::size_t most = 65'536;
  const Descriptor directory = opened_proc(proc);
  EveryProcess every;
  every.are_hidden = directory.is_open() && are_hidden_from_others(directory.get());
  const auto take_one = [&every, &take](Process&& process) {
    ++every.seen;
    if (!process.unread_environment.empty()) ++every.closed_environments;
    take(process);
  };
  every.gaps = look_at_processes(directory, proc,
                                 {.choice = Choice::every_one, .most = most, .take = take_one});
  return every;
}

void complete(Start& start, const Process& process) {
  start.run_as = {.user = std::to_string(process.uid), .group = std::to_string(process.gid)};
  for (const std::uint32_t gid : process.more_groups) {
    start.run_as.more_groups.push_back(std::to_string(gid));
  }
  start.run_as.reads_everything = process.uid != 0 && process.reads_everything;
  start.run_as.loses_capabilities = process.uid == 0 && !process.reads_everything;
  start.working_directory = process.working_directory;
  start.root_directory = process.root_directory == "/" ? "" : process.root_directory;
  start.is_active = true;
}

}  // namespace cfwarden
