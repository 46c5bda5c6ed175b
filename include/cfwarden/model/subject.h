// One thing that rules are asked about, with all that is known of it.
//
// Filled by app/audit from what host, kinds and exposure say; read by rules/facts.cc only.
#pragma once

#include "cfwarden/model/context_advice.h"
#include "cfwarden/model/credential.h"
#include "cfwarden/model/exception.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/need.h"
#include "cfwarden/model/placement.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class SubjectType {
  credential,     // A secret was recognised; `credential` is filled.
  configuration,  // A config.yml that cloudflared would read.
  directory,      // A default cloudflared directory, or one that holds a credential.
  pointer,        // A key of a config.yml that names a file.
  malformed,      // A file with a credential's name that does not decode.
  unread,         // A file with a credential's name that could not be opened; kind by its name.
  service,        // One way in which cloudflared is started here; `service` is filled.
  exception,      // One that concerns this host; `exception` is filled, and of facts nothing.
};

// How the file came to be looked at.
// `home`: a home itself, where only a planted key pair is looked for. `service`: it says how
// cloudflared is started.
enum class PlaceKind { default_directory, configured, argument, environment, home, service };

enum class Answer { no, yes, unknown };

// How a start of cloudflared ends up on this host, for a subject of type service.
struct ServiceFacts {
  Need need;                       // Who it is, and as whom it runs; `what` says nothing.
  Answer resolves = Answer::yes;   // There is a secret that it can run with.
  std::vector<std::string> tried;  // Every path it would try, in order. Hostile bytes.
  std::string missing;             // "tunnel credentials of 6f1b..."; "" when it resolves.
};

// What became of an exception in this run, for a subject of that type.
struct ExceptionFacts {
  ExceptionPtr exception;
  std::int64_t days_left = 0;     // 0 on its last day, less once it has ended.
  Answer used = Answer::unknown;  // It matches a finding; no only where all it names was looked at.
};

// What git's index says of a file; its history is never searched.
struct Tracking {
  Answer is_tracked = Answer::no;
  std::string work_tree;  // The directory that holds .git; "" where there is none. Hostile bytes.
};

// The carrier of a script: what stands in it is read by whoever runs it.
inline constexpr std::string_view script_carrier = "init-script";

struct Subject {
  SubjectType type = SubjectType::credential;
  std::string path;    // As reported; of what stands in an archive the archive. Hostile bytes.
  std::string member;  // Of that archive: "a/b", "inner.zip!c". "" for the file. Hostile bytes.
  std::string root_prefix;  // What commands put before paths: DIR of --root, absolute; or "".
  std::optional<std::size_t> line;  // 1-based, for what stands inside a file.
  std::string carrier;              // A name of carriers/all_carriers.cc; "" when not read.
  Placement placement = Placement::whole_file;  // For credential: where in the file it stands.
  ContextAdvice advice = ContextAdvice::none;   // For a credential that a sweep found.
  std::optional<Tracking> tracking;             // Where git was asked.
  PlaceKind place = PlaceKind::default_directory;
  bool is_staged = false;  // What git is to commit as `path`, and no file.
  // It stands in what a process was started with, which is no file: of facts only uid and gid are
  // known, and the rest is made so that exposure tells who is shown it.
  bool in_memory = false;
  std::string
      program;  // Of that process, as the kernel calls it; "" when not known. Hostile bytes.
  FileFacts facts;
  Exposure exposure;
  AclState acl = AclState::none;
  Answer default_acl =
      Answer::no;  // The file's directory (or the directory itself) has one that names others.
  Credential credential;      // For credential; kind and reason also for malformed and unread.
  std::string credential_id;  // Of the report; "" when it is not in credentials[].
  std::string owner;          // Name or decimal uid.
  std::string group;
  std::string expected_owner;    // "root, cloudflared or 65532"
  std::string expected_because;  // Which need asks for that mode and owner; "" for none.
  Answer owner_expected = Answer::unknown;
  unsigned allowed_mode = 0600;  // No other permission bit may be set.
  unsigned group_members = 0;    // Accounts besides root and the owner in the owning group.
  Answer backup = Answer::no;    // The name says that it is a copy.
  Answer id_matches_name = Answer::unknown;  // <UUID>.json against its TunnelID.
  std::vector<std::string> same_secret;      // Other paths with the same fingerprint, sorted,
  std::size_t more_same_secret = 0;          // and how many there are beside these.
  std::optional<std::int64_t> age_days;      // Since the last modification.
  std::string pointer_key;                   // For pointer: "credentials-file" ...
  std::string pointer_target;                // For pointer: the path it leads to. Hostile bytes.
  Answer target_present = Answer::unknown;   // For pointer.
  std::vector<Need> needs;                   // Who needs this file, sorted.
  std::vector<Need> claims;                  // Needs that do not bind it: Need::is_claim.
  bool host_has_needs = false;       // Something that only root controls runs a tunnel here.
  Answer on_connector = Answer::no;  // ... and none of it runs by name or with the certificate.
  std::optional<ServiceFacts> service;
  std::optional<ExceptionFacts> exception;
};

}  // namespace cfwarden
