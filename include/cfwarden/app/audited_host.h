// What audit and sweep ask of a host before they look at its files, and what their reports begin
// with.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/subjects.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/places.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cfwarden {

// Without its accounts a host can still be looked at; that something is missing is then a gap.
Accounts accounts_for(const AuditRequest& request, const Opener& opener, std::vector<Gap>& gaps);

Caller caller_of(const AuditRequest& request, const Accounts& accounts);

// As whom a user's files are read besides the uid: that account's primary group, and nobody's where
// there is none or it is another root's.
std::uint32_t reading_group_of(std::uint32_t uid, const AuditRequest& request,
                               const Accounts& accounts);

// Members of a group that is not listed here may well read a credential: then who can is not known.
std::optional<Gap> missing_accounts(const std::vector<Subject>& subjects, const Accounts& accounts);

Report blank_report(const AuditRequest& request, const Opener& opener, const SubjectFrame& frame);

}  // namespace cfwarden
