// What fix would change, and what it leaves and why. Printing a Plan is the dry run.
//
// Paths and names are hostile bytes. Sorted by remedy/plan: changes in the order in which they are
// to be carried out (the system's before users'; directories top-down, then files), the rest by
// path.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/report.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

// All that fix may change of an inode and undo restores.
struct Attributes {
  Permissions permissions;
  std::vector<AclEntry> default_acl;  // Directories only.
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

// Whom ACL entries name, where there is such an account or group.
struct AclNames {
  std::map<std::uint32_t, std::string> users;
  std::map<std::uint32_t, std::string> groups;

  void add(const Attributes& attributes, const Accounts& accounts);
};

// A finding that a change mends, a refusal leaves, or an advice is about.
struct MendedFinding {
  std::string rule;
  Severity severity = Severity::info;
  friend bool operator==(const MendedFinding&, const MendedFinding&) = default;
};

// A service that reads the file now, and was checked to read it afterwards.
struct Keeper {
  std::string who;   // "cloudflared.service".
  std::string user;  // As Need::user.
  std::string how;   // "as its owner", "through its group", "as root", "read as root for it".
};

struct Change {
  std::string path;  // As reported.
  FileType type = FileType::regular;
  FileId id;
  std::int64_t changed_nanoseconds = 0;  // ctime when it was looked at.
  Attributes before;
  Attributes after;
  std::string owner_before;  // Names, else decimal ids.
  std::string group_before;
  std::string owner_after;
  std::string group_after;
  std::vector<MendedFinding> mends;  // Worst first.
  // Who could open it (a directory: list it or reach what it holds) and no longer can. Names,
  // sorted; `everyone_loses` where strangers do too.
  std::vector<std::string> losers;
  bool everyone_loses = false;
  std::vector<Keeper> keepers;
  // Why it stays wider than it should be: "0600 would stop cloudflared.service: it reads it as
  // cloudflared". "" where it does not.
  std::string not_tighter;
  bool is_users = false;     // In a user's territory: carried out after what is the system's.
  bool held_secret = false;  // Somebody who loses access could read a secret in it: rotate.
};

// Something that fix will not touch, though there is something to mend, or it cannot be looked at.
struct Refusal {
  std::string path;
  std::vector<MendedFinding> leaves;  // Worst first; empty where no rule fired.
  std::string why;      // One clause: "has 2 names: another name may be someone else's file".
  std::string command;  // What the person can run instead, quoted; "" for none.
};

// What a mode, an owner or an ACL cannot mend.
struct Advice {
  MendedFinding finding;
  std::string path;
  std::optional<std::size_t> line;
  std::string title;               // Of the rule.
  std::string message;             // Of the finding.
  std::vector<std::string> steps;  // As of Rule::remediation: prose, then commands, line by line.
};

// What an exception accepts: left as it is.
struct Accepted {
  MendedFinding finding;
  std::string path;
  std::optional<std::size_t> line;
  ExceptionPtr exception;
};

struct Plan {
  std::vector<Change> changes;
  std::vector<Refusal> refusals;
  std::vector<Advice> advice;
  std::vector<Accepted> accepted;
};

// What became of one change.
enum class Outcome {
  done,
  refused,      // Nothing was changed: it was not what it had been, or may not be changed.
  failed,       // A step failed; what was done until then is in the journal.
  not_reached,  // The run was stopped before.
};

struct Applied {
  Outcome outcome = Outcome::not_reached;
  std::string why;  // Why not done; "" when done.
};

// One run of fix, planned or carried out.
struct Repair {
  std::string tool_version;
  std::string hostname;
  std::string root;          // "/" or the DIR of --root.
  std::int64_t started = 0;  // Seconds since the epoch.
  std::string user;          // "" under --root.
  std::uint32_t euid = 0;
  Plan plan;
  bool is_applied = false;
  std::string run;               // Of the journal, for undo; "" where nothing was recorded.
  std::vector<Applied> applied;  // One for each change; empty where it is only a plan.
  bool interrupted = false;
  int exit_code = 0;
  AclNames acl_names;  // Of the entries in its changes.
  // What stood behind `fix`, for the same plan again; empty where that is not known.
  std::vector<std::string> arguments;
  // Earlier runs on the same host that did not come to their end and were not taken back.
  std::vector<std::string> interrupted_runs;

  std::size_t count(Outcome outcome) const;
};

struct RepairTally {
  std::size_t pending = 0;  // Of a plan; the next three of a run.
  std::size_t fixed = 0;
  std::size_t failed = 0;
  std::size_t not_reached = 0;
  std::size_t refused = 0;  // By the plan or by the run.
  std::size_t left = 0;     // To the person.
};
RepairTally tally_of(const Repair& repair);

}  // namespace cfwarden
