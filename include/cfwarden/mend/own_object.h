// What is cfwarden's own on this host: its state directory and what lies in it.
//
// Promises  nothing is taken for ours that another user could have written or can read: a directory
//           is the caller's, a file is regular, root's or the caller's and has one name, and
//           neither has a bit for group or others. Errors name `path`.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

enum class Missing { made, left };  // What happens to a directory that is not there.

// `name` has no slash; links are not followed. Made 0700, and on disk before this returns. nullopt:
// it is missing and was left so. Open to list and to fsync.
Result<std::optional<Descriptor>> open_own_directory(const Descriptor& above,
                                                     const std::string& name, Missing missing,
                                                     const std::string& path);

// An Error with code EPERM: it is ours, and only its mode is at fault.
Result<Done> check_own(const Descriptor& opened, FileType type, const std::string& path);

// "/var/lib/cfwarden: open: permission denied"
Error failure_at(const std::string& path, std::string_view call, int code);
Error failure_at(const std::string& path, const Error& error);

}  // namespace cfwarden
