// A report for the system's log, systemd-journald: what `journalctl CFWARDEN_SEVERITY=high` finds.
// https://systemd.io/JOURNAL_NATIVE_PROTOCOL: an entry is lines of NAME=value.
//
// Promises  an entry for each finding, worst first, and each gap, as far as most_log_entries goes,
//           and last one for the run, which says how many were left out: no entry is never a clean
//           host. Values are cells of output/rows.h: printable() on one line, without a secret, and
//           bounded. What is excepted, or known to a baseline, says so first and has the priority
//           of info, whatever its severity. A field is only ever added; none is renamed.
#pragma once

#include "cfwarden/model/report.h"

#include <cstddef>
#include <string>
#include <vector>

namespace cfwarden {

// Of findings, and of gaps: journald drops what comes too fast, and would not say which.
inline constexpr std::size_t most_log_entries = 500;

std::vector<std::string> log_entries(const Report& report);

}  // namespace cfwarden
