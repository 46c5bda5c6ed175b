// The sentences about credentials that several outputs share. What they return is printable().
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/report.h"
#include "cfwarden/output/format.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// "create, delete and re-route every tunnel of account 9f3c…e1b0".
std::string can_do(const Credential& credential, const Terminal& terminal);

// "everyone: mode 0644, and every directory above can be searched (14 accounts)", "root only: mode
// 0600", "group cloudflared: alice, bob", "alice and bob (group ops: alice; acl user:bob:r--)".
std::string reached_by(const Reach& reach, const ReportedCredential& credential,
                       const Terminal& terminal);

// One line a need, those who cannot read it first: "by cloudflared.service (root)", "by
// web (65532): cannot read it (mode 0600, owner root)"; "and 9 more" at the end without -v.
std::vector<std::string> needed_by(const ReportedCredential& credential, const Terminal& terminal);

// Of what only root could have made up: "cloudflared.service runs with its own tunnel credentials".
// "" where nothing here is known to need any.
std::string what_runs_here(const Report& report, const Terminal& terminal);

// "cloudflared.service of systemd, as root; enabled, running".
std::string service_line(const Need& service, const Terminal& terminal);

// "www-data, deploy, alice and 11 more"; all of them with -v.
std::string some_of(const std::vector<std::string>& names, const Terminal& terminal);

// "9f3c…e1b0: 3 credentials here, the widest can manage every tunnel, the most exposed is read by
// everyone": the two need not be the same one.
std::string account_line(const AccountSummary& account, const Terminal& terminal);

// The first and last four characters of a long id: "9f3c…e1b0" ("9f3c...e1b0" in ASCII).
std::string short_id(std::string_view id, const Terminal& terminal);

// What cloudflared makes of it: "cloudflared accepts it".
std::string_view verdict(Status status);

// Of a rule: that others can read a credential, in the file or where it is handed over; that of a
// service's own group is none.
bool tells_of_readers(std::string_view rule);

// ISO 8601 in UTC, "2026-11-22T02:20:50Z"; "" for a year that does not have four digits.
std::string utc_text(std::int64_t seconds);

// "1,212".
std::string counted(std::size_t number);

// "1 credential", "1,212 credentials": for nouns that take an s.
std::string counted(std::size_t number, std::string_view noun);

// "512 bytes", "12.3 GB": in powers of 1,000.
std::string size_text(std::uint64_t bytes);

// "3.4 s", "2 min 5 s".
std::string duration_text(std::chrono::milliseconds time);

// The kind's title for people: "Account certificate".
std::string kind_title(std::string_view kind);

}  // namespace cfwarden
