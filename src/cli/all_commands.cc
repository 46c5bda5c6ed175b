#include "cfwarden/cli/command.h"

#include <algorithm>
#include <array>

namespace cfwarden {

std::span<const Command> all_commands() {
  static constexpr std::array commands{
      Command{"audit", add_audit_command},       Command{"sweep", add_sweep_command},
      Command{"fix", add_fix_command},           Command{"undo", add_undo_command},
      Command{"diff", add_diff_command},         Command{"inspect", add_inspect_command},
      Command{"explain", add_explain_command},   Command{"except", add_except_command},
      Command{"rules", add_rules_command},       Command{"demo", add_demo_command},
      Command{"describe", add_describe_command},
  };
  return commands;
}

bool is_command(std::string_view word) {
  return std::ranges::find(all_commands(), word, &Command::name) != all_commands().end();
}

}  // namespace cfwarden
