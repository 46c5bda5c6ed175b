// The commands, one file each. A command declares its options and leaves what is to run in
// `chosen`; main runs it, writes what it printed, and exits with what it answers.
//
// To add a command: write src/cli/<name>_command.cc, declare it here and add its row in
// all_commands.cc.
#pragma once

#include "cfwarden/cli/exit_code.h"

#include <functional>
#include <iosfwd>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace cfwarden {

// Data goes to `out`; progress, hints and errors to standard error.
using Invocation = std::function<ExitCode(std::ostream& out)>;

struct Command {
  std::string_view name;
  void (*add)(CLI::App& app, Invocation& chosen);
};

std::span<const Command> all_commands();

void add_audit_command(CLI::App& app, Invocation& chosen);
void add_inspect_command(CLI::App& app, Invocation& chosen);
void add_explain_command(CLI::App& app, Invocation& chosen);
void add_rules_command(CLI::App& app, Invocation& chosen);
void add_demo_command(CLI::App& app, Invocation& chosen);

}  // namespace cfwarden
