// Who can reach a file: facts x accounts -> Exposure.
//
// Promises  root and the file's owner never count. A reader is an account that can open the file
//           now. A writer can open it for writing, or can replace it: it owns, or may write and
//           search, a directory above (a sticky directory above only lets the entry's owner
//           replace it; a file that lies directly in a sticky directory open to others counts as
//           replaceable, since its name can be taken once it is gone).
//           `everyone` also covers uids without an account, and is only said if no account is
//           denied. Members of a group who have no account here count as members of it.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/file_facts.h"

namespace cfwarden {

Exposure exposure_of(const FileFacts& facts, const Accounts& accounts);

// What the file's own access ACL means (for a directory: of its entries, by reading or writing).
AclState acl_state_of(const FileFacts& facts, const Accounts& accounts);

// True when a default ACL gives anything to a named user or group or to others.
bool default_acl_grants(const std::vector<AclEntry>& default_acl);

// Accounts besides root and `owner_uid` that are in the group, primary members included; sorted
// names.
std::vector<std::string> members_of(std::uint32_t gid, std::uint32_t owner_uid,
                                    const Accounts& accounts);

}  // namespace cfwarden
