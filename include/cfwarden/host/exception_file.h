// The file of a new exception. It is all that cfwarden ever writes of its own configuration.
//
// Promises  appears whole or not at all, 0644, in a directory that nobody but root and the caller
//           can write; never replaces a file, and follows no link. /etc/cfwarden/exceptions.d is
//           made where it is missing; a directory that was named is not.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <string_view>

namespace cfwarden {

// `directory` "" is that of the host. Answers the path. An Error with EEXIST: there is one already.
Result<std::string> create_exception_file(const std::string& directory, const std::string& name,
                                          std::string_view bytes);

}  // namespace cfwarden
