// The files of the journal directory: how they are named, in which order, and who may have written
// them.
//
// A name is <utc>-<pid>, from the second run within one second on <utc>-<pid>-<ordinal>. A clock
// that was set back does not put a new run before an older one: it gets the newest one's time.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/mend/state_directory.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_journal_bytes = 64 * 1024 * 1024;
inline constexpr std::size_t max_journals = 10'000;

struct JournalName {
  std::string utc;  // 20261122T084325Z
  std::uint32_t ordinal = 1;
  std::uint32_t pid = 0;
  friend auto operator<=>(const JournalName&, const JournalName&) = default;
};

std::string text_of(const JournalName& name);
std::optional<JournalName> journal_name(std::string_view text);  // For tests.

// The name of a run that starts now, in front of which lie `existing`, sorted. nullopt: the clock
// shows no year of four digits.
std::optional<JournalName> next_name(const std::vector<JournalName>& existing, std::int64_t started,
                                     std::uint32_t pid);

// Oldest first. Other files are passed over; a *.jsonl with another name, or more than
// max_journals, is an Error.
Result<std::vector<JournalName>> journal_names(const StateDirectory& state);

// As errors show it.
std::string journal_path(const StateDirectory& state, std::string_view name);

// O_NOFOLLOW, and checked as our own.
enum class JournalAccess { read, append };
Result<Descriptor> open_journal_file(const StateDirectory& state, std::string_view name,
                                     JournalAccess access);

// From its start, at most max_journal_bytes.
Result<std::string> bytes_of(const Descriptor& file, const std::string& path);

}  // namespace cfwarden
