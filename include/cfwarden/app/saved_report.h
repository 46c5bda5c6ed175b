// A report that was kept as JSON (cfwarden.report/1), read again: what a comparison asks of it.
//
// Expects   any bytes: whoever can write the file may have made them up.
// Promises  linear in the bytes, no recursion. Keys that it does not know are passed over, as the
//           schema promises. An Error reads "FILE:LINE: what is wrong", in words of our own.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/report.h"
#include "cfwarden/rules/profile.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_report_bytes = 64 << 20;

struct SavedReach {
  Audience audience = Audience::owner;
  std::vector<std::string> accounts;
};

struct SavedCredential {
  std::string kind;
  std::string fingerprint;  // "" when there is none.
  SavedReach readers;
  SavedReach writers;
};

struct SavedFinding {
  std::string rule;
  Severity severity = Severity::info;
  std::string title;
  std::string message;
  std::string actual;
  std::string path;  // Its bytes.
  std::optional<std::size_t> line;
  std::string credential;  // An id, or "".
  std::string service;     // "" for none.
  bool excepted = false;
};

struct SavedPlace {
  std::string path;
  PlaceState state = PlaceState::looked_at;
};

struct SavedReport {
  std::string tool_version;
  std::string hostname;
  std::string root;
  std::string started;
  std::string profile{baseline_profile};
  bool complete = false;
  bool interrupted = false;
  bool is_sweep = false;
  bool names_only = false;
  std::vector<SavedPlace> places;
  std::unordered_map<std::string, SavedCredential> credentials;  // By id.
  std::vector<SavedFinding> findings;                            // In the report's order.
  std::vector<Gap> gaps;
  std::vector<std::string> skipped;  // File systems that a sweep kept away from.
  LeftOut left_out;
};

// `file` is for errors.
Result<SavedReport> read_saved_report(std::string_view bytes, const std::string& file);

}  // namespace cfwarden
