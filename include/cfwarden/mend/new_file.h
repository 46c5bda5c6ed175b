// A file that appears whole or not at all, in a directory that only root can write in.
//
// Promises  from its first moment nobody but its owner can open it: 0600, O_EXCL|O_NOFOLLOW. The
//           temporary name is the caller's, so that a journal can say it first.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

#include <string>
#include <string_view>

namespace cfwarden {

// ".cfwarden-0123456789abcdef", which nobody can have foreseen. systemd passes over such names.
Result<std::string> new_temporary_name();
bool is_temporary_name(std::string_view name);

// Root's own where root calls, whatever the directory would give it. Refused where the directory
// gives it an ACL.
Result<Descriptor> create_closed(const Descriptor& directory, const std::string& name);

// All of it, and fsync.
Result<Done> fill_with(const Descriptor& file, std::string_view bytes);

// Not on disk before sync_directory() (sync_directory.h). EEXIST where something has that name; it
// stays as it is.
Result<Done> name_as_new(const Descriptor& directory, const std::string& temporary,
                         const std::string& name);
Result<Done> name_instead(const Descriptor& directory, const std::string& temporary,
                          const std::string& name);

// On disk. What is not there is no error.
Result<Done> remove_name(const Descriptor& directory, const std::string& name);

}  // namespace cfwarden
