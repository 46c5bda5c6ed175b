#include "cfwarden/needs/command_line.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/invocation.h"
#include "cfwarden/needs/shell_script.h"
#include "cfwarden/needs/wrapper.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_layers = 8;

using Variables = std::vector<EnvironmentVariable>;

// What a command is given: that of its surroundings, and what a wrapper or a script changed.
struct Environment {
  std::span<const EnvironmentVariable> own;
  const Environment* outer = nullptr;

  const EnvironmentVariable* find(std::string_view name) const {
    for (const Environment* level = this; level != nullptr; level = level->outer) {
      const auto found = std::find_if(level->own.rbegin(), level->own.rend(),
                                      [&](const auto& variable) { return variable.name == name; });
      if (found != level->own.rend()) return &*found;
    }
    return nullptr;
  }
  Variables all() const {
    Variables every = outer != nullptr ? outer->all() : Variables{};
    every.insert(every.end(), own.begin(), own.end());
    return every;
  }
};

std::size_t bytes_of(std::span<const std::string> argv) {
  std::size_t bytes = 0;
  for (const std::string& word : argv) bytes += word.size() + 1;
  return bytes;
}

std::size_t bytes_of(std::span<const EnvironmentVariable> variables) {
  std::size_t bytes = 0;
  for (const EnvironmentVariable& variable : variables) {
    bytes += variable.name.size() + variable.value.size() + 2;
  }
  return bytes;
}

// Scripts inside of commands inside of scripts: variables could make them grow with every layer, so
// that all of them together may only be a small multiple of what was given.
class Reader {
 public:
  explicit Reader(std::size_t given_bytes) : bytes_left_(8192 + 16 * given_bytes) {}

  std::optional<CommandLine> read(std::vector<std::string> argv, const Environment& surroundings,
                                  std::size_t layers) {
    const Variables prefix = take_prefix(argv);
    const Environment environment{.own = prefix, .outer = &surroundings};
    if (argv.empty()) return std::nullopt;
    if (is_cloudflared(argv.front())) return invoked(argv, environment);
    if (layers == 0) return std::nullopt;
    auto unwrapped = unwrap(argv);
    if (!unwrapped) return invoked(argv, environment);
    const Environment inside{.own = unwrapped->variables,
                             .outer = unwrapped->clears_environment ? nullptr : &environment};
    auto found = unwrapped->script.empty() ? read(std::move(unwrapped->argv), inside, layers - 1)
                                           : read_script(unwrapped->script, inside, layers - 1);
    if (!found) return std::nullopt;
    // Of several layers the innermost has the last word.
    if (found->user.empty()) found->user = std::move(unwrapped->user);
    if (found->group.empty()) found->group = std::move(unwrapped->group);
    if (found->working_directory.empty()) {
      found->working_directory = std::move(unwrapped->working_directory);
    }
    if (!unwrapped->environment_directory.empty()) {
      found->environment_directories.push_back(std::move(unwrapped->environment_directory));
    }
    return found;
  }

  std::string script(std::vector<std::string> argv, std::size_t layers) {
    (void)take_prefix(argv);  // Variables do not change what is run.
    if (argv.empty() || layers == 0 || is_cloudflared(argv.front())) return {};
    if (is_shell(argv.front())) {
      const auto operand = std::find_if(argv.begin() + 1, argv.end(), [](const std::string& word) {
        return !word.starts_with('-') && !word.starts_with('+');
      });
      const bool has_text = std::any_of(argv.begin() + 1, operand, [](const std::string& word) {
        return word.ends_with('c') && !word.starts_with("--");
      });
      if (!has_text) return operand == argv.end() ? std::string{} : *operand;
    }
    const auto unwrapped = unwrap(argv);
    if (!unwrapped) return is_program_of_system(argv.front()) ? std::string{} : argv.front();
    if (unwrapped->script.empty()) return script(unwrapped->argv, layers - 1);
    if (!spend(unwrapped->script.size())) return {};
    for (const ShellCommand& command : read_shell_script(unwrapped->script).commands) {
      std::string found = script(command.argv, layers - 1);
      if (!found.empty()) return found;
    }
    return {};
  }

 private:
  // `NAME=value command`, and variables without a value where a command should stand.
  static Variables take_prefix(std::vector<std::string>& argv) {
    Variables prefix;
    auto word = argv.begin();
    for (; word != argv.end(); ++word) {
      auto assignment = assignment_of(*word);
      if (!assignment && !word->empty()) break;
      if (!assignment) continue;
      // A shell's reader leaves nothing of what it does not know.
      assignment->is_unknown = assignment->value.empty();
      prefix.push_back(std::move(*assignment));
    }
    argv.erase(argv.begin(), word);
    return prefix;
  }

  static std::optional<CommandLine> invoked(const std::vector<std::string>& argv,
                                            const Environment& environment) {
    auto invocation = invocation_of(argv, [&](std::string_view name) {
      const EnvironmentVariable* variable = environment.find(name);
      return variable != nullptr ? std::string_view{variable->value} : std::string_view{};
    });
    if (!invocation) return std::nullopt;
    CommandLine command{.invocation = std::move(*invocation)};
    for (const std::string_view name :
         {"TUNNEL_TOKEN", "TUNNEL_TOKEN_FILE", "TUNNEL_CRED_FILE", "TUNNEL_CRED_CONTENTS"}) {
      const EnvironmentVariable* variable = environment.find(name);
      command.environment_elsewhere |= variable != nullptr && variable->is_unknown;
    }
    return command;
  }

  // The first command that runs a tunnel, else the first that needs the certificate, else the first
  // that runs cloudflared at all.
  std::optional<CommandLine> read_script(const std::string& text, const Environment& environment,
                                         std::size_t layers) {
    const Variables given = environment.all();
    if (!spend(text.size() + bytes_of(given))) return std::nullopt;
    const ShellScript script = read_shell_script(text, given);
    const Environment inside{.own = script.exported};
    std::optional<CommandLine> first;
    std::string directory;
    for (const ShellCommand& command : script.commands) {
      if (!spend(bytes_of(command.argv))) break;
      if (command.argv.size() > 1 && command.argv.front() == "cd") directory = command.argv[1];
      auto found = read(command.argv, inside, layers);
      if (!found) continue;
      if (found->working_directory.empty()) found->working_directory = directory;
      const Invocation::Mode mode = found->invocation.mode;
      const bool manages = mode == Invocation::Mode::manage;
      if (!manages && mode != Invocation::Mode::other) return found;
      const bool is_better = manages && first && first->invocation.mode != mode;
      if (!first || is_better) first = std::move(found);
    }
    return first;
  }

  bool spend(std::size_t bytes) {
    if (bytes > bytes_left_) return false;
    bytes_left_ -= bytes;
    return true;
  }

  // Programs that packages install are no scripts that someone wrote to start a tunnel.
  static bool is_program_of_system(std::string_view program) {
    if (program.find('/') == program.npos) return true;
    constexpr std::array<std::string_view, 8> directories{
        "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/lib", "/usr/lib", "/usr/libexec", "/usr/share"};
    const bool is_named_so = program.ends_with(".sh") ||
                             program.find("cloudflare") != program.npos ||
                             program.find("tunnel") != program.npos;
    return !is_named_so && std::ranges::any_of(directories, [&](std::string_view directory) {
      return lies_in(program, directory);
    });
  }

  std::size_t bytes_left_;
};

}  // namespace

std::optional<CommandLine> command_line_of(std::span<const std::string> argv,
                                           std::span<const EnvironmentVariable> environment) {
  return Reader{bytes_of(argv) + bytes_of(environment)}.read(
      {argv.begin(), argv.end()}, Environment{.own = environment}, max_layers);
}

std::string script_of(std::span<const std::string> argv) {
  return Reader{bytes_of(argv)}.script({argv.begin(), argv.end()}, max_layers);
}

}  // namespace cfwarden
