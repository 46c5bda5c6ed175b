// What one audit or sweep found: plain values that every output format is written from.
//
// Sorted by app/audit (findings worst first and excepted ones last, then path, line, rule; the rest
// by path and line), so that two runs on an unchanged host differ in nothing but the time they
// started.
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/model/exception.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/subject.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

enum class Severity { info, low, medium, high, critical };

enum class PlaceState { looked_at, absent, unreadable, excluded };

struct Place {
  std::string path;  // As reported. Hostile bytes.
  PlaceKind kind = PlaceKind::default_directory;
  std::string why;  // "default directory of alice", "named by /etc/cloudflared/config.yml:3".
  PlaceState state = PlaceState::looked_at;
};

struct ReportedCredential {
  std::string id;  // Deterministic: path, line, kind, fingerprint.
  Credential credential;
  std::string path;  // "ARCHIVE!MEMBER" for what stands in an archive.
  std::optional<std::size_t> line;
  std::string carrier;
  bool in_memory = false;  // As Subject has it: then there are neither mode, links nor modified.
  std::string program;
  Permissions permissions;
  std::string owner;
  std::string group;
  std::uint64_t links = 1;
  std::int64_t modified = 0;  // Seconds since the epoch.
  Exposure exposure;
  std::vector<Need> needs;           // Sorted.
  std::optional<Tracking> tracking;  // Where git was asked.
};

// Against a baseline, the report of an earlier run, where one was given.
enum class Novelty { no_baseline, fresh, known, worse };

struct Finding {
  std::string rule;
  Severity severity = Severity::info;
  std::string title;
  std::string path;
  std::optional<std::size_t> line;
  std::string credential;  // An id of ReportedCredential, or "".
  std::string message;     // One clause for the screen: "is 0644, may be at most 0600".
  std::string expected;
  std::string actual;
  std::string fix;                              // The rule's word for what mends it.
  SubjectType about = SubjectType::credential;  // What the rule was asked about.
  std::optional<ServiceFacts> service;          // Of a service that it was asked about.
  ExceptionPtr exception;                       // That accepts it; null where none does.
  Novelty novelty = Novelty::no_baseline;
};

// By its fix word: cfwarden fix can mend it, unless something is in the way.
bool is_mended_by_attributes(const Finding& finding);

// Could not look. Never silence.
struct Gap {
  std::string path;
  std::string why;
};

// All credentials of one Cloudflare account on this host together.
struct AccountSummary {
  std::string account;
  std::size_t credentials = 0;
  Authority authority = Authority::none;  // The widest.
  Audience audience = Audience::owner;    // The widest readers.
  bool at_least = false;                  // See Reach.
};

// A mount that a sweep kept away from.
struct SkippedFileSystem {
  std::string path;
  std::string type;  // "proc", "nfs4"; "" for a local one.
  std::string why;
};

// Of a sweep of what git has staged.
struct StagedCounts {
  std::uint64_t looked_at = 0;  // Files of the index.
  std::uint64_t older = 0;      // Those that HEAD has as they are, which were left out.
};

// What only a sweep has to say.
struct SweptReport {
  bool names_only = false;         // No file was opened.
  bool asked_git = false;          // Whether a file is tracked; its history is not searched.
  std::vector<std::string> names;  // Names only: full paths that match, sorted. Hostile bytes.
  std::optional<StagedCounts> staged;
  std::vector<SkippedFileSystem> skipped;  // By path.
  std::uint64_t files = 0;                 // Read.
  std::uint64_t bytes = 0;
  std::size_t processes = 0;          // Whose arguments were looked at.
  std::uint64_t more_gaps = 0;        // Than are listed; then the gap without a path says so.
  std::vector<std::string> mendable;  // Paths that `fix` would recognise and mend; sorted.
  std::chrono::milliseconds took{0};  // For people: no two sweeps take the same.
};

// What was left out, or asked besides, on purpose: a later report that misses something for this
// reason does not say that it has gone.
struct LeftOut {
  std::vector<std::string> excludes;     // Globs.
  std::vector<std::string> rules_off;    // Of the program's own; known where anything was judged.
  std::vector<std::string> rules_added;  // Of the host's own.
  bool empty() const { return excludes.empty() && rules_off.empty() && rules_added.empty(); }
};

// What a rule says of itself, for formats that carry their rules along.
struct RuleText {
  std::string id;
  Severity severity = Severity::info;
  std::string title;
  std::string rationale;
  std::vector<std::string> steps;  // General ones. Prose, then a command on each further line.
  std::vector<std::string> references;
  std::vector<std::string> kinds;  // Of the credentials that it is asked of; empty for none.
};

struct Report {
  std::string tool_version;
  std::string hostname;      // Under --root from its etc/hostname; "" when unknown.
  std::string root;          // "/" or the DIR of --root.
  std::int64_t started = 0;  // Seconds since the epoch.
  std::string user;          // "" under --root.
  std::uint32_t euid = 0;
  bool sees_all_homes = true;  // Else the directories of other accounts were left out.
  bool interrupted = false;    // Stopped by a signal.
  std::size_t names_seen = 0;
  std::vector<Place> places;
  std::vector<ReportedCredential> credentials;
  std::vector<Finding> findings;
  std::vector<Gap> gaps;
  std::vector<AccountSummary> accounts;
  std::optional<SweptReport> sweep;
  LeftOut left_out;
  Severity fail_on = Severity::low;  // A finding from here up fails the run; info never does.
  std::string profile = "baseline";  // That severities and settings were taken from.
  std::string
      source_root;  // The git work tree that all named paths lie in; "" where there is none.
  std::vector<RuleText> rules;  // The enabled ones by id, where a format asks for them.
  int exit_code = 0;

  bool fails(
      const Finding& finding) const;  // Never one that is excepted, or that a baseline knows.
  bool has_only_names() const;        // No file was opened: that nothing was found tells nothing.
  bool complete() const { return gaps.empty() && !interrupted; }
  std::size_t count(Severity severity) const;  // Of findings that are not excepted.
  std::size_t excepted() const;
  // Of those that count(severity) counts, how many the baseline knows: they fail nothing.
  std::size_t known(Severity severity) const;
  std::size_t known() const;
};

}  // namespace cfwarden
