#include "cfwarden/cli/command.h"

#include <array>

namespace cfwarden {

std::span<const Command> all_commands() {
  static constexpr std::array commands{
      Command{"audit", add_audit_command},     Command{"inspect", add_inspect_command},
      Command{"explain", add_explain_command}, Command{"rules", add_rules_command},
      Command{"demo", add_demo_command},
  };
  return commands;
}

}  // namespace cfwarden
