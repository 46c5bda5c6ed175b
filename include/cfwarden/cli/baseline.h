// --baseline of audit and sweep: what an earlier report knows does not fail the run.
#pragma once

#include "cfwarden/app/saved_report.h"
#include "cfwarden/base/result.h"
#include "cfwarden/cli/command_line.h"
#include "cfwarden/model/report.h"

#include <optional>
#include <string>

namespace cfwarden {

struct BaselineFlags {
  std::string file;
  bool any_host = false;
};

void add_baseline_flags(const Declaration& command, BaselineFlags& flags);

// Before a long look, not after it; nullopt where none is wanted. As --config, the file must be
// closed to others' writing: it says what is to be passed over.
Result<std::optional<SavedReport>> read_baseline(const BaselineFlags& flags);

// Marks what is known, and settles what the run exits with.
Result<Done> apply_baseline(const std::optional<SavedReport>& baseline, const BaselineFlags& flags,
                            Report& report);

}  // namespace cfwarden
