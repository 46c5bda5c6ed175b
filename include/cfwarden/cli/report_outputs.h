// How audit and sweep write what they found: in which formats, where to, and how much of it.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/cli/command_line.h"
#include "cfwarden/cli/exit_code.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"
#include "cfwarden/rules/rule.h"

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct OutputFlags {
  std::vector<std::string> outputs;  // FORMAT or FORMAT=FILE.
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool exit_zero = false;
};

void add_output_flags(const Declaration& command, OutputFlags& flags);

struct Output {
  const Format* format = nullptr;
  std::string file;  // "" for standard output.
};

Result<std::vector<Output>> outputs_of(const OutputFlags& flags);

// How to write them, besides the flags.
struct OutputFrame {
  const std::vector<Output>& outputs;
  const OutputFlags& flags;
  std::string color;                       // The wish of terminal_for().
  std::span<const RuleSource> user_rules;  // For formats that carry the rules along.
  const Profile* profile = nullptr;        // Likewise; null for none.
  std::string exceptions;                  // The flag, for commands to copy; "" for none.
  const Descriptor& log;                   // Of system_log_of_stderr().
};

// Writes them all, and to the system's log where that is open. Answers what the run exits with.
ExitCode write_outputs(const OutputFrame& frame, Report& report, std::ostream& out);

// Nothing could be looked at: said on standard error; or, where the only format has a line for it,
// by that.
ExitCode write_failure(const std::vector<Output>& outputs, const Error& error, std::ostream& out);

}  // namespace cfwarden
