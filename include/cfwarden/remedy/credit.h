// Findings that are mended by closing a directory, and not by changing what they are about. Pure.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/model/report.h"

namespace cfwarden {

// Notes the finding with the nearest directory above that the plan closes, if that leaves nobody
// else who can write it (or, of a rule about readers, fewer who can read it). False where it does
// not: then nothing is noted.
bool credit_directory(Plan& plan, const Finding& finding, const FileFacts& now,
                      const Accounts& accounts);

}  // namespace cfwarden
