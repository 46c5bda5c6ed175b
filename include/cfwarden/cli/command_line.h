// What a command takes, and what the caller gave it. CLI11 reads the command line; only
// command_line.cc includes it, since each file that does builds its checks at every start.
#pragma once

#include "cfwarden/cli/exit_code.h"

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace cfwarden {

// Data goes to `out`; progress, hints and errors to standard error.
using Action = std::function<ExitCode(std::ostream& out)>;

enum class Accepts { anything, not_empty };

struct Option {
  std::string_view names;  // "-o,--output"; without a dash it is an argument: "PATH".
  std::string_view value;  // What stands for the value in --help; "" for an argument.
  std::string_view description;
  std::string_view variable = {};  // Of the environment, for when the option is not given.
  Accepts accepts = Accepts::anything;
  std::vector<std::string> one_of = {};
};

// One command under declaration.
class Declaration {
 public:
  enum class Extent { named_options, all_options };
  struct Reading {
    std::span<const std::string> arguments;
    Extent extent;
    Action& chosen;
  };
  Declaration(CLI::App& app, const Reading& reading) : app_{app}, reading_{reading} {}

  Declaration command(std::string_view name, std::string_view description) const;
  void needs_command() const;
  // Left out of --help, and of what declared_commands() tells.
  void hide() const;
  void runs(Action action) const;
  // What the caller gave behind the command's name.
  std::vector<std::string> words() const;

  // The values must live as long as the action: it owns them.
  void flag(std::string_view names, bool& value, std::string_view description) const;
  void text(const Option& option, std::string& value) const;
  void required_text(const Option& option, std::string& value) const;
  void texts(const Option& option, std::vector<std::string>& values) const;

 private:
  bool is_wanted(std::string_view names, std::string_view variable) const;

  CLI::App& app_;
  const Reading& reading_;
};

// What --help or --version prints; why the command line cannot be carried out.
struct HelpText {
  std::string text;
};
struct Misuse {
  std::string why;
};
using Request = std::variant<Action, HelpText, Misuse>;

// `arguments` begin with a command, or with what concerns them all.
Request read_command_line(const std::vector<std::string>& arguments);

// All that can be written on a command line, in the order of --help.
struct DeclaredOption {
  std::string names;  // "-o,--output"; without a dash it is an argument: "PATH".
  std::string value;  // "" for a flag and for an argument.
  std::string description;
  std::vector<std::string> words;  // What the value has to be one of; empty: anything.
};
struct DeclaredCommand {
  std::string name;  // "" for what stands before a command; "rules list" for one below another.
  std::string description;
  bool needs_command = false;
  std::vector<DeclaredOption> options;
};
std::vector<DeclaredCommand> declared_commands();

}  // namespace cfwarden
