// The commands, one file each. A command declares what it takes and what is to run; main runs it,
// writes what it printed, and exits with what it answers.
//
// To add a command: write src/cli/<name>_command.cc, declare it here and add its row in
// all_commands.cc.
#pragma once

#include "cfwarden/cli/command_line.h"

#include <span>
#include <string_view>

namespace cfwarden {

struct Command {
  std::string_view name;
  void (*add)(const Declaration& program);
};

std::span<const Command> all_commands();
bool is_command(std::string_view word);

void add_audit_command(const Declaration& program);
void add_sweep_command(const Declaration& program);
void add_fix_command(const Declaration& program);
void add_undo_command(const Declaration& program);
void add_diff_command(const Declaration& program);
void add_inspect_command(const Declaration& program);
void add_explain_command(const Declaration& program);
void add_except_command(const Declaration& program);
void add_rules_command(const Declaration& program);
void add_demo_command(const Declaration& program);
void add_describe_command(const Declaration& program);

}  // namespace cfwarden
