// As much of an execline script (s6) as shows how cloudflared is started: it is one command line
// whose every program runs the next. Pure; nothing is run.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ExeclineScript {
  std::vector<std::string> argv;  // What is left once execline's own programs are taken off.
  std::size_t line = 0;           // Where that begins.
  std::string working_directory;  // Of `cd`.
  std::vector<EnvironmentVariable> environment;  // Of `export`.
};

ExeclineScript read_execline(std::string_view text);

}  // namespace cfwarden
