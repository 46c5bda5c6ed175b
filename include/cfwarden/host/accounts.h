// Reads the users and groups of the audited host.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"

#include <string_view>
#include <vector>

namespace cfwarden {

// What could be read counts, the rest is told: each database that is there and cannot be read.
struct KnownAccounts {
  Accounts accounts;
  std::vector<Gap> gaps;
};

// Of the running host: its own files where they know all accounts (account_sources.h), else through
// NSS.
KnownAccounts running_accounts(const Opener& opener);

// Of --root: its own etc/passwd and etc/group, nothing of the running host. A file that is absent
// gives no accounts.
KnownAccounts accounts_of_root(const Opener& opener);

// From the text of passwd(5) and group(5); lines that do not parse are skipped.
Accounts parse_accounts(std::string_view passwd, std::string_view group);

}  // namespace cfwarden
