#include "cfwarden/needs/wrapper.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/shell_script.h"

#include <algorithm>
#include <array>
#include <functional>

namespace cfwarden {
namespace {

using Words = std::span<const std::string>;

// How a program is told what to run: [options] [NAME=value...] [operands] COMMAND [ARGUMENT...]
struct Wrapper {
  std::string_view name;
  std::string_view short_valued = {};  // Letters of options that take a value.
  std::string_view long_valued = {};   // Long ones, each between spaces: " user group ".
  std::size_t operands = 0;            // Words in front of the command.
  // Options, letters and long ones, by what their values mean.
  std::string_view user = {};
  std::string_view group = {};
  std::string_view directory = {};
  std::string_view unsets = {};
  std::string_view keeps_environment = {};  // Without one of these it is cleared.
  bool first_operand_is_user = false;
  bool first_operand_is_environment = false;  // A directory of it.
  std::string_view otherwise_user = {};       // As whom it runs a command where it is not told.
};

constexpr std::array wrappers{
    Wrapper{.name = "builtin"},
    Wrapper{.name = "busybox"},
    Wrapper{.name = "catatonit", .short_valued = "g"},
    Wrapper{.name = "catchsegv"},
    Wrapper{.name = "cgexec", .short_valued = "g"},
    Wrapper{
        .name = "chpst", .short_valued = "uUbe/CnlLmdopfcrt", .user = " u ", .directory = " C "},
    Wrapper{.name = "chrt", .short_valued = "TPD", .operands = 1},
    Wrapper{.name = "command"},
    Wrapper{.name = "doas", .short_valued = "uC", .user = " u ", .otherwise_user = "root"},
    Wrapper{.name = "dumb-init", .short_valued = "r", .long_valued = " rewrite "},
    Wrapper{.name = "envdir", .operands = 1, .first_operand_is_environment = true},
    Wrapper{.name = "envuidgid", .operands = 1},
    Wrapper{.name = "exec", .short_valued = "a"},
    Wrapper{.name = "gosu", .operands = 1, .first_operand_is_user = true},
    Wrapper{.name = "ionice", .short_valued = "cn", .long_valued = " class classdata "},
    Wrapper{.name = "nice", .short_valued = "n", .long_valued = " adjustment "},
    Wrapper{.name = "nohup"},
    Wrapper{.name = "numactl",
            .short_valued = "mNCp",
            .long_valued = " membind cpunodebind physcpubind preferred interleave "},
    Wrapper{.name = "pkexec", .long_valued = " user ", .user = " user ", .otherwise_user = "root"},
    Wrapper{.name = "prlimit"},
    Wrapper{.name = "proxychains", .short_valued = "f"},
    Wrapper{.name = "proxychains4", .short_valued = "f"},
    Wrapper{.name = "s6-applyuidgid", .short_valued = "ugG", .user = " u ", .group = " g "},
    Wrapper{.name = "s6-envdir",
            .short_valued = "cL",
            .operands = 1,
            .first_operand_is_environment = true},
    Wrapper{.name = "s6-envuidgid", .operands = 1},
    Wrapper{.name = "s6-notifyoncheck", .short_valued = "3stTwnc"},
    Wrapper{.name = "s6-setlock", .short_valued = "td", .operands = 1},
    Wrapper{.name = "s6-setsid"},
    Wrapper{.name = "s6-setuidgid", .operands = 1, .first_operand_is_user = true},
    Wrapper{.name = "s6-softlimit", .short_valued = "acdflmoprst"},
    Wrapper{.name = "setlock", .operands = 1},
    Wrapper{.name = "setpriv",
            .long_valued = " reuid regid ruid euid rgid egid groups inh-caps ambient-caps "
                           "bounding-set securebits pdeathsig selinux-label apparmor-profile ",
            .user = " reuid euid ",
            .group = " regid egid "},
    Wrapper{.name = "setsid"},
    Wrapper{.name = "setuidgid", .operands = 1, .first_operand_is_user = true},
    Wrapper{.name = "setuser", .operands = 1, .first_operand_is_user = true},
    Wrapper{.name = "softlimit", .short_valued = "acdflmoprst"},
    Wrapper{.name = "stdbuf", .short_valued = "ioe", .long_valued = " input output error "},
    Wrapper{.name = "su-exec", .operands = 1, .first_operand_is_user = true},
    Wrapper{.name = "sudo",
            .short_valued = "ugDCpRrtTUh",
            .long_valued = " user group chdir close-from prompt chroot role type command-timeout "
                           "other-user host ",
            .user = " u user ",
            .group = " g group ",
            .directory = " D chdir ",
            .keeps_environment = " E preserve-env ",
            .otherwise_user = "root"},
    Wrapper{.name = "systemd-cat",
            .short_valued = "tp",
            .long_valued = " identifier priority stderr-priority "},
    Wrapper{.name = "systemd-inhibit"},
    Wrapper{.name = "systemd-run",
            .short_valued = "uMpEH",
            .long_valued = " unit property slice description uid gid nice working-directory setenv "
                           "machine host service-type ",
            .user = " uid ",
            .group = " gid ",
            .directory = " working-directory "},
    Wrapper{.name = "taskset", .operands = 1},
    Wrapper{.name = "time", .short_valued = "fo", .long_valued = " format output "},
    Wrapper{.name = "timeout",
            .short_valued = "ks",
            .long_valued = " kill-after signal ",
            .operands = 1},
    Wrapper{.name = "tini", .short_valued = "pe"},
    Wrapper{.name = "torsocks", .short_valued = "aPup"},
    Wrapper{.name = "tsocks"},
    Wrapper{.name = "unshare",
            .short_valued = "RwSGlp",
            .long_valued = " root wd setuid setgid propagation setgroups ",
            .user = " S setuid ",
            .group = " G setgid ",
            .directory = " w wd "},
};

bool lists(std::string_view list, std::string_view option) {
  return list.find(" " + std::string{option} + " ") != list.npos;
}

struct Options {
  std::string_view short_valued;
  std::string_view long_valued;
};

// Takes the options off the front of `words`; `take` is told of each, without its dashes.
using TakeOption = std::function<void(std::string_view option, std::string_view value)>;
Words behind_options(Words words, const Options& known, const TakeOption& take) {
  std::size_t i = 0;
  for (; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "--") return words.subspan(i + 1);
    if (!word.starts_with('-') || word == "-") break;
    if (word.starts_with("--")) {
      word.remove_prefix(2);
      const std::size_t equals = word.find('=');
      if (equals != word.npos) {
        take(word.substr(0, equals), word.substr(equals + 1));
      } else if (lists(known.long_valued, word) && i + 1 < words.size()) {
        take(word, words[++i]);
      } else {
        take(word, {});
      }
      continue;
    }
    for (std::size_t letter = 1; letter < word.size(); ++letter) {
      const std::string_view option = word.substr(letter, 1);
      if (known.short_valued.find(option) == known.short_valued.npos) {
        take(option, {});
        continue;
      }
      if (letter + 1 < word.size()) {
        take(option, word.substr(letter + 1));
      } else if (i + 1 < words.size()) {
        take(option, words[++i]);
      }
      break;
    }
  }
  return words.subspan(i);
}

std::vector<std::string> copy_of(Words words) {
  return {words.begin(), words.end()};
}

// One word is a whole command for a shell, several are a command and its arguments.
void take_command(Words words, UnwrappedCommand& unwrapped) {
  if (words.size() == 1) {
    unwrapped.script = words.front();
  } else {
    unwrapped.argv = copy_of(words);
  }
}

// "user", "user:group", ":1000:1000", "#1000".
void take_user(std::string_view value, UnwrappedCommand& unwrapped) {
  if (value.starts_with(':') || value.starts_with('#')) value.remove_prefix(1);
  const std::size_t colon = value.find(':');
  unwrapped.user = std::string{value.substr(0, colon)};
  if (colon == value.npos) return;
  const std::string_view groups = value.substr(colon + 1);
  unwrapped.group = std::string{groups.substr(0, groups.find(':'))};
}

void take_group(std::string_view value, UnwrappedCommand& unwrapped) {
  if (value.starts_with('#')) value.remove_prefix(1);
  unwrapped.group = std::string{value};
}

Words behind_assignments(Words words, UnwrappedCommand& unwrapped) {
  while (!words.empty()) {
    auto assignment = assignment_of(words.front());
    if (!assignment) break;
    unwrapped.variables.push_back(std::move(*assignment));
    words = words.subspan(1);
  }
  return words;
}

UnwrappedCommand unwrap_by(const Wrapper& wrapper, Words words) {
  UnwrappedCommand unwrapped;
  unwrapped.user = std::string{wrapper.otherwise_user};
  unwrapped.clears_environment = !wrapper.keeps_environment.empty();
  const auto take = [&](std::string_view option, std::string_view value) {
    if (lists(wrapper.user, option)) take_user(value, unwrapped);
    if (lists(wrapper.group, option)) take_group(value, unwrapped);
    if (lists(wrapper.directory, option)) unwrapped.working_directory = std::string{value};
    if (wrapper.name == "chpst" && option == "e") {
      unwrapped.environment_directory = std::string{value};
    }
    if (lists(wrapper.keeps_environment, option)) unwrapped.clears_environment = false;
  };
  words = behind_options(words, {wrapper.short_valued, wrapper.long_valued}, take);
  if (wrapper.name == "sudo") words = behind_assignments(words, unwrapped);
  for (std::size_t i = 0; i < wrapper.operands && !words.empty(); ++i) {
    if (wrapper.first_operand_is_user && i == 0) take_user(words.front(), unwrapped);
    if (wrapper.first_operand_is_environment && i == 0) {
      unwrapped.environment_directory = words.front();
    }
    words = words.subspan(1);
  }
  unwrapped.argv = copy_of(words);
  return unwrapped;
}

UnwrappedCommand unwrap_env(Words words) {
  UnwrappedCommand unwrapped;
  std::vector<std::string> split;
  const auto take = [&](std::string_view option, std::string_view value) {
    if (option == "i" || option == "ignore-environment") unwrapped.clears_environment = true;
    if (option == "u" || option == "unset") {
      unwrapped.variables.push_back({.name = std::string{value}, .value = {}});
    }
    if (option == "C" || option == "chdir") unwrapped.working_directory = std::string{value};
    if (option == "S" || option == "split-string") split = shell_words(value);
  };
  words = behind_options(words, {"uCSa", " unset chdir split-string argv0 "}, take);
  if (!words.empty() && words.front() == "-") {
    unwrapped.clears_environment = true;
    words = words.subspan(1);
  }
  split.insert(split.end(), words.begin(), words.end());
  unwrapped.argv = copy_of(behind_assignments(split, unwrapped));
  return unwrapped;
}

// `sh -c TEXT`; a script is not seen through here (script_of), nor is a shell that reads commands.
std::optional<UnwrappedCommand> unwrap_shell(Words words) {
  bool has_text = false;
  const auto take = [&](std::string_view option, std::string_view) { has_text |= option == "c"; };
  const Words rest = behind_options(words, {"oO", " rcfile init-file "}, take);
  if (!has_text || rest.empty()) return std::nullopt;
  UnwrappedCommand unwrapped{.script = rest.front()};
  // What the text knows as $0, $1 and $@.
  std::string all;
  for (std::size_t i = 1; i < rest.size() && i < 10; ++i) {
    unwrapped.variables.push_back({.name = std::to_string(i - 1), .value = rest[i]});
    if (i > 1) all += (all.empty() ? "" : " ") + rest[i];
  }
  if (!all.empty()) unwrapped.variables.push_back({.name = "@", .value = all});
  return unwrapped;
}

// `su [-] [USER] -c TEXT`, with options behind the user, too; `runuser -u USER COMMAND`.
UnwrappedCommand unwrap_su(Words words) {
  UnwrappedCommand unwrapped;
  std::string shell;
  bool names_user = false;
  bool logs_in = false;
  const auto take = [&](std::string_view option, std::string_view value) {
    if (option == "c" || option == "command" || option == "session-command") {
      unwrapped.script = std::string{value};
    }
    if (option == "s" || option == "shell") shell = std::string{value};
    if (option == "g" || option == "group") take_group(value, unwrapped);
    if (option == "l" || option == "login") logs_in = true;
    if (option == "u" || option == "user") {
      take_user(value, unwrapped);
      names_user = true;
    }
  };
  const Options options{"cstgGuCw",
                        " command session-command shell group supp-group user "
                        "whitelist-environment "};
  words = behind_options(words, options, take);
  if (names_user) {
    unwrapped.argv = copy_of(words);
    return unwrapped;
  }
  unwrapped.user = "root";
  if (!words.empty() && words.front() == "-") {
    logs_in = true;
    words = behind_options(words.subspan(1), options, take);
  }
  if (!words.empty()) {
    unwrapped.user = words.front();
    words = behind_options(words.subspan(1), options, take);
  }
  unwrapped.clears_environment = logs_in;
  if (!unwrapped.script.empty() || shell.empty()) return unwrapped;
  unwrapped.argv = copy_of(words);  // Given to the shell, which may be the program itself.
  unwrapped.argv.insert(unwrapped.argv.begin(), shell);
  return unwrapped;
}

// start-stop-daemon of Debian, busybox and OpenRC, and supervise-daemon.
std::optional<UnwrappedCommand> unwrap_start_stop_daemon(std::string_view name, Words words) {
  UnwrappedCommand unwrapped;
  if (name == "supervise-daemon" && !words.empty() && !words.front().starts_with('-')) {
    words = words.subspan(1);  // The service's name.
  }
  std::string program;
  std::string renamed;
  std::string changed_user;
  bool stops = false;
  std::vector<std::string> operands;
  const auto take = [&](std::string_view option, std::string_view value) {
    if (option == "K" || option == "stop" || option == "T" || option == "status") stops = true;
    if (option == "x" || option == "exec") program = std::string{value};
    if (option == "a" || option == "startas") renamed = std::string{value};
    if (option == "c" || option == "chuid") changed_user = std::string{value};
    // OpenRC: as whom it runs. Debian: whose processes it looks for, which is the same one.
    if (option == "u" || option == "user") take_user(value, unwrapped);
    if (option == "g" || option == "group") take_group(value, unwrapped);
    if (option == "d" || option == "chdir") unwrapped.working_directory = std::string{value};
    if (option == "e" || option == "env") {
      if (auto assignment = assignment_of(value)) unwrapped.variables.push_back(*assignment);
    }
  };
  const Options options{"xacugdreRspnNPIkwOo12D",
                        " exec startas chuid user group chdir chroot env retry signal pidfile name "
                        "nicelevel procsched iosched umask wait output stdout stderr ppid pid "
                        "progress oom-score-adj scheduler scheduler-priority respawn-delay "
                        "respawn-max respawn-period healthcheck-timer healthcheck-delay "
                        "capabilities secbits stdout-logger stderr-logger notify "};
  // Options may stand between the operands up to `--`; what is behind that is the command's.
  while (!words.empty()) {
    const auto end = std::ranges::find(words, "--");
    const std::size_t own = static_cast<std::size_t>(end - words.begin());
    Words rest = behind_options(words.first(own), options, take);
    if (rest.empty()) {
      words = own < words.size() ? words.subspan(own + 1) : Words{};
      break;
    }
    operands.push_back(rest.front());
    words = words.subspan(own - rest.size() + 1);
    // Without `--` in sight the rest belongs to the command.
    if (end == words.end()) break;
  }
  if (stops) return std::nullopt;
  if (!changed_user.empty()) take_user(changed_user, unwrapped);
  if (!renamed.empty()) program = renamed;
  if (!program.empty()) unwrapped.argv.push_back(program);
  unwrapped.argv.insert(unwrapped.argv.end(), operands.begin(), operands.end());
  unwrapped.argv.insert(unwrapped.argv.end(), words.begin(), words.end());
  return unwrapped;
}

// Red Hat's shell function, FreeBSD's and libslack's program.
UnwrappedCommand unwrap_daemon(Words words) {
  UnwrappedCommand unwrapped;
  const auto take = [&](std::string_view option, std::string_view value) {
    if (option == "user" || option == "u") take_user(value, unwrapped);
    if (option == "chdir" || option == "D") unwrapped.working_directory = std::string{value};
  };
  words = behind_options(words, {"upPotTmslnEOLD", " user pidfile check name chdir output "}, take);
  if (!words.empty() && (words.front().starts_with('+'))) words = words.subspan(1);
  take_command(words, unwrapped);
  return unwrapped;
}

UnwrappedCommand unwrap_flock(Words words) {
  const TakeOption none = [](std::string_view, std::string_view) {};
  const Options options{"wE", " wait timeout conflict-exit-code "};
  words = behind_options(words, options, none);
  if (!words.empty()) words = words.subspan(1);  // The file, or its descriptor.
  UnwrappedCommand unwrapped;
  if (words.size() >= 2 && (words[0] == "-c" || words[0] == "--command")) {
    unwrapped.script = words[1];
  } else {
    unwrapped.argv = copy_of(behind_options(words, options, none));
  }
  return unwrapped;
}

// `screen -dmS NAME COMMAND` and `tmux new-session -d -s NAME COMMAND`: what people put in a
// crontab.
std::optional<UnwrappedCommand> unwrap_terminal(std::string_view name, Words words) {
  const TakeOption none = [](std::string_view, std::string_view) {};
  words = behind_options(words, {name == "screen" ? "SceEhpsTtL" : "LSf", ""}, none);
  if (name == "tmux") {
    if (words.empty() || !std::string_view{"new-session"}.starts_with(words.front())) {
      return std::nullopt;
    }
    words = behind_options(words.subspan(1), {"censtxyF", ""}, none);
  }
  UnwrappedCommand unwrapped;
  take_command(words, unwrapped);
  return unwrapped;
}

UnwrappedCommand unwrap_eval(Words words) {
  UnwrappedCommand unwrapped;
  for (const std::string& word : words) unwrapped.script += word + ' ';
  return unwrapped;
}

}  // namespace

bool is_shell(std::string_view program) {
  constexpr std::array<std::string_view, 9> names{"sh",   "ash",   "bash", "dash", "ksh",
                                                  "mksh", "rbash", "yash", "zsh"};
  return std::ranges::find(names, file_name_of(program)) != names.end();
}

std::optional<EnvironmentVariable> assignment_of(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == word.npos || equals == 0) return std::nullopt;
  const std::string_view name = word.substr(0, equals);
  const bool is_name = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!is_name || (name.front() >= '0' && name.front() <= '9')) return std::nullopt;
  return EnvironmentVariable{.name = std::string{name},
                             .value = std::string{word.substr(equals + 1)}};
}

std::optional<UnwrappedCommand> unwrap(std::span<const std::string> argv) {
  if (argv.empty()) return std::nullopt;
  const std::string_view name = file_name_of(argv.front());
  const Words words = argv.subspan(1);
  if (is_shell(name)) return unwrap_shell(words);
  if (name == "env") return unwrap_env(words);
  if (name == "eval") return unwrap_eval(words);
  if (name == "su" || name == "runuser") return unwrap_su(words);
  if (name == "start-stop-daemon" || name == "supervise-daemon") {
    return unwrap_start_stop_daemon(name, words);
  }
  if (name == "daemon") return unwrap_daemon(words);
  if (name == "flock") return unwrap_flock(words);
  if (name == "screen" || name == "tmux") return unwrap_terminal(name, words);
  if (name == "ip" && words.size() > 3 && words[0].starts_with("netns") && words[1] == "exec") {
    return UnwrappedCommand{.argv = copy_of(words.subspan(3))};
  }
  const auto wrapper = std::ranges::find(wrappers, name, &Wrapper::name);
  if (wrapper == wrappers.end()) return std::nullopt;
  return unwrap_by(*wrapper, words);
}

}  // namespace cfwarden
