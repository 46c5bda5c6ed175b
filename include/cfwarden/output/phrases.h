// The sentences about credentials that several outputs share.
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/output/format.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cfwarden {

// "create, delete and re-route every tunnel of account 9f3c…e1b0"; printable.
std::string can_do(const Credential& credential, const Terminal& terminal);

// The first and last four characters of a long id: "9f3c…e1b0" ("9f3c...e1b0" in ASCII); printable.
std::string short_id(std::string_view id, const Terminal& terminal);

// ISO 8601 in UTC, "2026-11-22T02:20:50Z".
std::string utc_text(std::int64_t seconds);

// "0644".
std::string mode_text(unsigned mode);

// The kind's title for people: "Account certificate".
std::string kind_title(std::string_view kind);

}  // namespace cfwarden
