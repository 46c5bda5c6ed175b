// How audit and sweep write what they found: in which formats, where to, and how much of it.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/cli/command_line.h"
#include "cfwarden/cli/exit_code.h"
#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
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

// Writes them all. `color`: the wish of terminal_for(). Answers what the run exits with.
ExitCode write_outputs(const std::vector<Output>& outputs, const Report& report,
                       const OutputFlags& flags, const std::string& color, std::ostream& out);

}  // namespace cfwarden
