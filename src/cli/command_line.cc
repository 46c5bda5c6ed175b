#include "cfwarden/cli/command_line.h"

#include "cfwarden/cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>

namespace cfwarden {
namespace {

using Extent = Declaration::Extent;

std::string not_empty(const std::string& value) {
  return value.empty() ? "its value is empty; an unset variable?" : "";
}

bool is_argument(std::string_view names) {
  return !names.starts_with('-');
}

// "--root=DIR" names --root.
bool is_named(std::string_view names, std::string_view word) {
  word = word.substr(0, word.find('='));
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    if (name == word) return true;
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  return false;
}

CLI::Option* completed(CLI::Option* added, const Option& option) {
  added->type_name(std::string{option.value});
  if (!option.variable.empty()) added->envname(std::string{option.variable});
  if (option.accepts == Accepts::not_empty) added->check(not_empty);
  if (!option.one_of.empty()) added->check(CLI::IsMember(option.one_of));
  return added;
}

void declare_commands(CLI::App& app, const Declaration::Reading& reading) {
  app.set_version_flag("--version", "cfwarden " CFWARDEN_VERSION);
  app.require_subcommand(1);
  const std::string& first = reading.arguments.front();
  const bool names_command = is_command(first);
  for (const Command& command : all_commands()) {
    if (!names_command || command.name == first) command.add(Declaration{app, reading});
  }
}

constexpr const char* purpose =
    "Audits Cloudflare Tunnel credentials: what each can do, who can read it, what to do.";

Request read(const std::vector<std::string>& arguments, Extent extent) {
  CLI::App app{purpose, "cfwarden"};
  Action chosen;
  const Declaration::Reading reading{arguments, extent, chosen};
  declare_commands(app, reading);
  try {
    app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
  } catch (const CLI::Success& success) {  // --help and --version.
    std::ostringstream out;
    app.exit(success, out, out);
    return HelpText{out.str()};
  } catch (const CLI::ParseError& error) {
    return Misuse{error.what()};
  }
  return chosen;
}

// CLI11 writes what a value has to be one of behind its name: "WHEN:{auto,always,never}".
DeclaredOption declared(const CLI::Option& option) {
  DeclaredOption one{.names = option.get_name(false, true),
                     .value = option.get_type_name(),
                     .description = option.get_description(),
                     .words = {}};
  const std::size_t open = one.value.find(":{");
  if (open == std::string::npos) return one;
  std::string_view words = one.value;
  words = words.substr(open + 2, words.size() - open - 3);
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(','));
    one.words.emplace_back(word);
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  one.value.resize(open);
  return one;
}

// A command, and those below it.
void add_declared(const CLI::App& app, const std::string& name,
                  std::vector<DeclaredCommand>& commands) {
  const std::vector<const CLI::App*> below =
      app.get_subcommands([](const CLI::App*) { return true; });
  DeclaredCommand command{.name = name,
                          .description = app.get_description(),
                          .needs_command = !below.empty(),
                          .options = {}};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(declared(*option));
  commands.push_back(std::move(command));
  for (const CLI::App* one : below) {
    if (one->get_group().empty()) continue;
    add_declared(*one, name.empty() ? one->get_name() : name + " " + one->get_name(), commands);
  }
}

}  // namespace

Declaration Declaration::command(std::string_view name, std::string_view description) const {
  return {*app_.add_subcommand(std::string{name}, std::string{description}), reading_};
}

void Declaration::needs_command() const {
  app_.require_subcommand(1);
}

void Declaration::hide() const {
  app_.group("");
}

void Declaration::runs(Action action) const {
  app_.callback([action = std::move(action), &chosen = reading_.chosen] { chosen = action; });
}

std::vector<std::string> Declaration::words() const {
  const auto& all = reading_.arguments;
  const auto name = std::ranges::find(all, app_.get_name());
  return {name == all.end() ? name : name + 1, all.end()};
}

void Declaration::flag(std::string_view names, bool& value, std::string_view description) const {
  if (!is_wanted(names, {})) return;
  app_.add_flag(std::string{names}, value, std::string{description});
}

void Declaration::text(const Option& option, std::string& value) const {
  if (!is_wanted(option.names, option.variable)) return;
  completed(app_.add_option(std::string{option.names}, value, std::string{option.description}),
            option);
}

void Declaration::required_text(const Option& option, std::string& value) const {
  completed(app_.add_option(std::string{option.names}, value, std::string{option.description}),
            option)
      ->required();
}

void Declaration::texts(const Option& option, std::vector<std::string>& values) const {
  if (!is_wanted(option.names, option.variable)) return;
  CLI::Option* added = completed(
      app_.add_option(std::string{option.names}, values, std::string{option.description}), option);
  if (!is_argument(option.names)) added->allow_extra_args(false);
}

bool Declaration::is_wanted(std::string_view names, std::string_view variable) const {
  if (reading_.extent == Extent::all_options || is_argument(names)) return true;
  if (!variable.empty() && std::getenv(std::string{variable}.c_str()) != nullptr) return true;
  return std::ranges::any_of(reading_.arguments,
                             [&](const std::string& word) { return is_named(names, word); });
}

// To declare an option costs as much as to look into a directory. A command line that is
// understood with the options it names means the same with all of them; one that is not is read
// again, for help and complaints to know them all.
Request read_command_line(const std::vector<std::string>& arguments) {
  Request request = read(arguments, Extent::named_options);
  if (std::holds_alternative<Action>(request)) return request;
  return read(arguments, Extent::all_options);
}

std::vector<DeclaredCommand> declared_commands() {
  CLI::App app{purpose, "cfwarden"};
  Action chosen;
  const std::vector<std::string> arguments{"--help"};
  declare_commands(app, {arguments, Extent::all_options, chosen});
  std::vector<DeclaredCommand> commands;
  add_declared(app, "", commands);
  return commands;
}

}  // namespace cfwarden
