// POSIX ACLs as the kernel keeps them: extended attributes of version 2.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr const char* access_acl_attribute = "system.posix_acl_access";
inline constexpr const char* default_acl_attribute = "system.posix_acl_default";

// The extended ACL of an opened object; empty when there is none or the file system has none.
// Of an O_PATH descriptor through /proc/self/fd, which takes several times as long.
std::vector<AclEntry> read_acl(const Descriptor& descriptor, const char* attribute);

// Decodes the kernel's xattr form (version 2); an empty result for bytes that are none.
std::vector<AclEntry> parse_acl(std::string_view xattr);

// Its inverse. Entries in kernel order; for none there is no form: such an ACL is removed instead.
std::string encode_acl(const std::vector<AclEntry>& entries);

}  // namespace cfwarden
