// Which names a sweep of names tells: those that cloudflared gives to credentials, and backups of
// these, in whatever directory.
#pragma once

#include <string_view>

namespace cfwarden {

// Asked for every name of a machine: where it is false, almost always in some ten nanoseconds.
bool is_credential_name(std::string_view file_name);

}  // namespace cfwarden
