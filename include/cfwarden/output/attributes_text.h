// An inode's mode and ACL as `ls -l` and getfacl write them.
#pragma once

#include "cfwarden/model/plan.h"

#include <string>
#include <vector>

namespace cfwarden {

// "-rw-r--r--", "drwxrws--T"; a '+' behind it where there is an ACL.
std::string mode_string(FileType type, const Attributes& attributes);

// "user:alice:r--", "user:1001:r--" where the id has no name. The name is not printable() yet.
std::string acl_text(const AclEntry& entry, const AclNames& names = {});

// The entries of `from` that `to` lacks, "default:" before those of a default ACL. Left out is what
// the mode says already, and of a default ACL that names somebody what it says of the classes.
std::vector<std::string> entries_lost(const Attributes& from, const Attributes& to,
                                      const AclNames& names);

}  // namespace cfwarden
