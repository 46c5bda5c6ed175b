// What a failed system call says, in the words of reports.
#pragma once

#include "cfwarden/base/result.h"

#include <string_view>

namespace cfwarden {

// "open: no such file or directory", whatever the locale; `code` is errno.
Error system_error(std::string_view call, int code);

// Nothing is there: ENOENT or ENOTDIR.
bool is_absent(const Error& error);

}  // namespace cfwarden
