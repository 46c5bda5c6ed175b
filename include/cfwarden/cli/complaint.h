// How the program says on standard error that it could not do what it was asked.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/cli/exit_code.h"

#include <string_view>

namespace cfwarden {

// "cfwarden: WHAT", made printable. Answers `code`.
ExitCode complain(std::string_view what, ExitCode code = ExitCode::usage);
ExitCode complain(const Error& error, ExitCode code = ExitCode::usage);

}  // namespace cfwarden
