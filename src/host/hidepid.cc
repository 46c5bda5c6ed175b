#include "cfwarden/host/hidepid.h"

#include "cfwarden/host/mounts.h"
#include "cfwarden/host/proc_file.h"
#include "cfwarden/host/process.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

// The first process of a system is root's: who sees it, and is not its owner, sees all.
bool sees_first_process(int proc) {
  struct stat first {};
  if (fstatat(proc, "1", &first, 0) != 0) return false;
  if (!has_capability(CAP_SYS_PTRACE) && first.st_uid == geteuid()) return false;
  char byte = 0;
  return read_proc_file(proc, "1/comm", {&byte, 1}) >= 0;  // hidepid=1 shows the names only.
}

std::string_view option_of(std::string_view options, std::string_view name) {
  while (!options.empty()) {
    std::string_view option = options.substr(0, options.find(','));
    options.remove_prefix(std::min(option.size() + 1, options.size()));
    if (!option.starts_with(name)) continue;
    option.remove_prefix(name.size());
    if (option.starts_with('=')) return option.substr(1);
  }
  return {};
}

template <class Number>
bool parse(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
}

std::vector<std::uint32_t> groups_of_caller() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  groups.push_back(getegid());
  return groups;
}

}  // namespace

bool hides_processes(int proc) {
  if (sees_first_process(proc)) return false;
  return is_mounted_hiding(proc_text(AT_FDCWD, "/proc/self/mountinfo"), mount_id_of(proc),
                           groups_of_caller());
}

bool are_hidden_from_others(int proc) {
  return is_mounted_hiding(proc_text(AT_FDCWD, "/proc/self/mountinfo"), mount_id_of(proc), {});
}

// A line: number, ..., " - ", type, source, options of the file system.
bool is_mounted_hiding(std::string_view mountinfo, unsigned long long mount,
                       std::span<const std::uint32_t> groups) {
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    unsigned long long id = 0;
    if (!parse(line, id) || id != mount) continue;
    const std::string_view options = line.substr(line.rfind(' ') + 1);
    const std::string_view hiding = option_of(options, "hidepid");
    if (hiding.empty() || hiding == "0" || hiding == "off") return false;
    std::uint32_t spared = 0;
    const bool spares_a_group = hiding != "4" && hiding != "ptraceable";
    return !spares_a_group || !parse(option_of(options, "gid"), spared) ||
           std::ranges::find(groups, spared) == groups.end();
  }
  return false;
}

}  // namespace cfwarden
