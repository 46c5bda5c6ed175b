// From subjects to a finished report: what is shared between files, findings, totals, order, exit
// code.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/model/report.h"

namespace cfwarden {

// Expects report.places, gaps and interrupted to be filled, and subjects and rules in `audit`.
// Fills the rest and sorts everything.
void summarise(Audit& audit, Severity fail_on);

// 1 with a finding that fails the report, else 3 when it is incomplete, else 0.
int exit_code_of(const Report& report);

}  // namespace cfwarden
