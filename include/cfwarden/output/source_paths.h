// Where a file stands, for those who know a repository by its top: GitHub names its files so.
#pragma once

#include "cfwarden/model/report.h"

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

// From Report::source_root on; nullopt for what does not lie below it, or where there is none.
std::optional<std::string> path_in_source(std::string_view path, const Report& report);

// The path of a URI: every byte but those of RFC 3986's unreserved characters and '/' is written as
// %HH, so that it holds no scheme, query, fragment or control byte.
std::string uri_path(std::string_view path);

}  // namespace cfwarden
