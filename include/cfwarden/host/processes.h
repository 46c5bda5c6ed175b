// Who runs cloudflared, or anything, at this moment: one bounded pass over /proc.
//
// Supplies  the processes whose command line has to do with cloudflared (host/likeness.h): what the
//           kernel says of them, and the bytes in which their owner says the rest.
// Promises  no process is attached to, or waited for beyond a second: one that keeps its memory
//           locked is a gap. All facts are of one process, whatever becomes of its number, and of
//           one program in it. One that ends meanwhile is silence. Command lines and environments
//           hold secrets, and are parsed elsewhere (needs/process.cc, in a worker).
#pragma once

#include "cfwarden/base/secret.h"
#include "cfwarden/host/control_group.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/start.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_processes = 4096;
inline constexpr std::size_t max_command_line_bytes = 128 * 1024;
inline constexpr std::size_t max_environment_bytes = 128 * 1024;

struct Process {
  int pid = 0;
  std::string program;  // Its name, as the kernel has it, which it may change. Hostile bytes.
  // As its opens are judged: the ids for file access, as this process sees them.
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> more_groups;
  // Whose words the command line is: of a setuid program its owner's rights, but not its arguments.
  std::uint32_t started_by = 0;
  // CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH in effect, over the ids of this host: in a user
  // namespace of its own, a process has them over its own files only, which counts as none.
  bool reads_everything = false;

  // As links of /proc have them; "" where only its owner may ask.
  std::string working_directory;
  std::string root_directory;
  // nullopt where only its owner may ask. In another mount namespace paths mean other files.
  std::optional<bool> same_mount_namespace;
  bool same_pid_namespace = true;
  bool same_user_namespace = true;  // Judged by its mapping of ids.

  ControlGroup group;

  Secret command_line;             // /proc/PID/cmdline: arguments, each with a NUL behind it.
  Secret environment;              // /proc/PID/environ, in the same form.
  std::string unread_environment;  // Why there is none, where there is one to read; else "".
};

struct Processes {
  std::vector<Process> all;  // By pid.
  // A /proc that hides processes; a process that does not answer; and an environment that may not
  // be read of a process whose needs nothing else tells: no service, no container, no argument
  // that names a token or credentials.
  std::vector<Gap> gaps;
};

// `proc`: where a proc file system is mounted.
Processes cloudflared_processes(const std::string& proc = "/proc");

// The same of every process but this one and its children, each handed out and forgotten; also of
// one that shows no arguments. An environment that may not be read is no gap here: it is counted.
struct EveryProcess {
  std::size_t seen = 0;
  std::size_t closed_environments = 0;
  bool are_hidden = false;  // From other ordinary users than their own.
  std::vector<Gap> gaps;
};
EveryProcess for_every_process(const std::function<void(const Process&)>& take,
                               const std::string& proc = "/proc");

// Fills in what the kernel knows of a start that was read from the process's own words.
void complete(Start& start, const Process& process);

}  // namespace cfwarden
