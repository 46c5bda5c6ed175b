// Reads the users and groups of the audited host.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"

#include <string>
#include <string_view>

namespace cfwarden {

// Of the running host: its own files where they know all accounts (account_sources.h), else through
// NSS.
Result<Accounts> running_accounts(const Opener& opener);

// Of --root: its own etc/passwd and etc/group, nothing of the running host. A file that is absent
// gives no accounts; one that cannot be read is an Error.
Result<Accounts> accounts_of_root(const Opener& opener);

// From the text of passwd(5) and group(5); lines that do not parse are skipped.
Accounts parse_accounts(std::string_view passwd, std::string_view group);

}  // namespace cfwarden
