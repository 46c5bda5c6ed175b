// Profiles are data: a named set of severities and settings, laid over the built-in rules and below
// the user's. The format is described in rules/README.md.
//
// Promises  a profile that is wrong in any way, or names a rule that there is not, is refused
// whole,
//           with file, line and key. "baseline" is what the rules say of themselves.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/report.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::string_view baseline_profile = "baseline";

struct RuleChange {
  std::string rule;
  std::size_t line = 0;  // Where the file says so.
  std::optional<Severity> severity;
  std::optional<bool> enabled;
};

struct Profile {
  std::string id;
  std::string title;
  std::string description;
  std::optional<Severity> fail_on;  // Where neither an option nor the settings say.
  bool git = false;                 // A sweep asks git as with --git.
  std::vector<RuleChange> changes;
  std::string file;
};

struct BuiltInProfile {
  std::string_view name;
  std::string_view file;  // "built in: rules/profiles/<name>.json"
  std::string_view bytes;
};
std::span<const BuiltInProfile> built_in_profiles();

// Lower-case words joined by hyphens: what can be a profile's name, and a file's.
bool is_profile_name(std::string_view name);

Result<Profile> parse_profile(std::string_view file, std::string_view bytes);

// A built-in one. An Error says which there are, and which one was meant.
Result<Profile> find_profile(std::string_view name);

}  // namespace cfwarden
