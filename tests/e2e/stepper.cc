// Runs a program one system call at a time, for tests that look, swap or kill in between.
//
//   stepper ANSWERS QUESTIONS changing|all PROGRAM ARGUMENT...
//
// Before and after each system call of the program, its threads and children, it writes a line to
// the descriptor QUESTIONS: "<pid> <call> entry|exit <result>", and waits there, stopped, for the
// answer from the descriptor ANSWERS:
//   go       goes on
//   kill     SIGKILL to all of them
//   one      SIGKILL to the process that is stopped, and goes on
//   signal N sends N to the program itself, and goes on
//   free     goes on without asking again
// `changing` asks only about calls that can leave something behind. Ends as the program did: with
// its code, or with 128 and the signal. Linux 5.3.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Call {
  std::uint64_t number;
  std::string_view name;
};

constexpr std::uint64_t fchmodat2 = 452;
constexpr std::uint64_t setxattrat = 463;
constexpr std::uint64_t removexattrat = 466;

constexpr std::array changing_calls{
    Call{SYS_mkdirat, "mkdirat"},
    Call{SYS_write, "write"},
    Call{SYS_writev, "writev"},
    Call{SYS_pwrite64, "pwrite64"},
    Call{SYS_ftruncate, "ftruncate"},
    Call{SYS_fsync, "fsync"},
    Call{SYS_fdatasync, "fdatasync"},
    Call{SYS_flock, "flock"},
    Call{SYS_fchmod, "fchmod"},
    Call{SYS_fchmodat, "fchmodat"},
    Call{fchmodat2, "fchmodat2"},
    Call{SYS_fchown, "fchown"},
    Call{SYS_fchownat, "fchownat"},
    Call{SYS_setxattr, "setxattr"},
    Call{SYS_lsetxattr, "lsetxattr"},
    Call{SYS_fsetxattr, "fsetxattr"},
    Call{setxattrat, "setxattrat"},
    Call{SYS_removexattr, "removexattr"},
    Call{SYS_lremovexattr, "lremovexattr"},
    Call{SYS_fremovexattr, "fremovexattr"},
    Call{removexattrat, "removexattrat"},
    Call{SYS_renameat2, "renameat2"},
    Call{SYS_linkat, "linkat"},
    Call{SYS_unlinkat, "unlinkat"},
#ifdef SYS_chmod
    Call{SYS_chmod, "chmod"},
    Call{SYS_chown, "chown"},
    Call{SYS_lchown, "lchown"},
    Call{SYS_mkdir, "mkdir"},
    Call{SYS_rename, "rename"},
    Call{SYS_link, "link"},
    Call{SYS_unlink, "unlink"},
#endif
#ifdef SYS_renameat
    Call{SYS_renameat, "renameat"},
#endif
};

// Those that create files ask only when they are opened to be written.
std::string name_of(const __ptrace_syscall_info& entry) {
  for (const Call& call : changing_calls) {
    if (call.number == entry.entry.nr) return std::string{call.name};
  }
  constexpr std::uint64_t create = 0100;  // O_CREAT.
  if (entry.entry.nr == SYS_openat && (entry.entry.args[2] & create) != 0) return "openat";
  return "";
}

struct Tracee {
  std::uint64_t number = 0;  // Of the call that it is in.
  std::string name;          // "" for one that changes nothing.
};

struct Stepper {
  pid_t program = 0;
  FILE* answers = nullptr;
  FILE* questions = nullptr;
  bool asks_all = false;
  bool asks = true;
  bool kills = false;  // Whoever is met from now on.
  std::map<pid_t, Tracee> tracees;
};

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "stepper: %s: %s\n", what, std::strerror(errno));
  std::exit(125);
}

void start(char** arguments) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) give_up("ptrace");
  raise(SIGSTOP);
  execv(arguments[0], arguments);
  give_up(arguments[0]);
}

std::string answer_to(Stepper& stepper, const std::string& question) {
  std::fprintf(stepper.questions, "%s\n", question.c_str());
  std::fflush(stepper.questions);
  std::array<char, 64> line{};
  // Nobody is there any more: nothing of the program is to stay.
  if (std::fgets(line.data(), line.size(), stepper.answers) == nullptr) return "kill";
  std::string answer{line.data()};
  while (!answer.empty() && answer.back() == '\n') answer.pop_back();
  return answer;
}

void follow(Stepper& stepper, const std::string& answer, pid_t stopped) {
  if (answer == "free") stepper.asks = false;
  if (answer == "one") kill(stopped, SIGKILL);
  if (answer == "kill") {
    for (const auto& tracee : stepper.tracees) kill(tracee.first, SIGKILL);
    stepper.asks = false;
    stepper.kills = true;
  }
  if (answer.starts_with("signal ")) kill(stepper.program, std::atoi(answer.c_str() + 7));
}

void at_call(Stepper& stepper, pid_t pid) {
  __ptrace_syscall_info call{};
  const auto size = reinterpret_cast<void*>(sizeof call);
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, size, &call) <= 0) return;  // Killed meanwhile.
  Tracee& tracee = stepper.tracees[pid];
  const bool is_entry = call.op == PTRACE_SYSCALL_INFO_ENTRY;
  if (is_entry) tracee = {.number = call.entry.nr, .name = name_of(call)};
  if (!stepper.asks || (tracee.name.empty() && !stepper.asks_all)) return;
  const std::string name = tracee.name.empty() ? std::to_string(tracee.number) : tracee.name;
  const std::string how = is_entry ? "entry 0" : "exit " + std::to_string(call.exit.rval);
  follow(stepper, answer_to(stepper, std::to_string(pid) + " " + name + " " + how), pid);
}

// What is to be delivered when it goes on.
int at_stop(Stepper& stepper, pid_t pid, int status) {
  const int signal = WSTOPSIG(status);
  const bool is_new = stepper.tracees.try_emplace(pid).second;
  if (stepper.kills) kill(pid, SIGKILL);
  if (signal == (SIGTRAP | 0x80)) {
    at_call(stepper, pid);
    return 0;
  }
  // A new process stops once before it starts; an event such as a fork is no signal either.
  if (status >> 16 != 0 || (is_new && signal == SIGSTOP)) return 0;
  return signal;
}

int watch(Stepper& stepper) {
  int code = 125;
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, __WALL); pid > 0; pid = waitpid(-1, &status, __WALL)) {
    if (WIFSTOPPED(status)) {
      const long signal = at_stop(stepper, pid, status);
      ptrace(PTRACE_SYSCALL, pid, nullptr, reinterpret_cast<void*>(signal));
      continue;
    }
    stepper.tracees.erase(pid);
    if (pid == stepper.program) {
      code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  return code;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) {
    std::fputs("usage: stepper ANSWERS QUESTIONS changing|all PROGRAM ARGUMENT...\n", stderr);
    return 125;
  }
  Stepper stepper;
  const int answers = std::atoi(arguments[1]);
  const int questions = std::atoi(arguments[2]);
  stepper.asks_all = std::string_view{arguments[3]} == "all";
  stepper.program = fork();
  if (stepper.program == 0) {
    close(answers);
    close(questions);
    start(arguments + 4);
  }
  stepper.answers = fdopen(answers, "r");
  stepper.questions = fdopen(questions, "w");
  if (stepper.program < 0 || stepper.answers == nullptr || stepper.questions == nullptr) {
    give_up("cannot start");
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  int status = 0;
  waitpid(stepper.program, &status, __WALL);
  const long wanted = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
                      PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (!WIFSTOPPED(status)) return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
  stepper.tracees.try_emplace(stepper.program);
  if (ptrace(PTRACE_SETOPTIONS, stepper.program, nullptr, reinterpret_cast<void*>(wanted)) != 0 ||
      ptrace(PTRACE_SYSCALL, stepper.program, nullptr, nullptr) != 0) {
    give_up("ptrace");
  }
  return watch(stepper);
}
