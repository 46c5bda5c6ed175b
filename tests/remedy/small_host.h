// A few directories, files, accounts and needs in memory, as a plan sees them; and what becomes of
// them when the plan is carried out.
#pragma once

#include "cfwarden/base/path.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/exposure/exposure.h"
#include "cfwarden/exposure/obstacle.h"
#include "cfwarden/remedy/plan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden::small_host {

inline constexpr std::uint32_t alice = 1000;
inline constexpr std::uint32_t bob = 1001;
inline constexpr std::uint32_t service = 900;
inline constexpr std::uint32_t www = 33;
inline constexpr std::uint32_t ssl = 910;     // www-data and cloudflared are in it.
inline constexpr std::uint32_t shared = 920;  // Bob is in it.

inline Accounts small_accounts() {
  return {
      .users = {{.name = "root", .uid = 0, .gid = 0, .home = "/root", .groups = {}},
                {.name = "www-data", .uid = www, .gid = www, .home = "/var/www", .groups = {ssl}},
                {.name = "cloudflared",
                 .uid = service,
                 .gid = service,
                 .home = "/nonexistent",
                 .groups = {ssl}},
                {.name = "alice", .uid = alice, .gid = alice, .home = "/home/alice", .groups = {}},
                {.name = "bob", .uid = bob, .gid = bob, .home = "/home/bob", .groups = {shared}}},
      .groups = {{.name = "root", .gid = 0, .other_members = {}},
                 {.name = "www-data", .gid = www, .other_members = {}},
                 {.name = "cloudflared", .gid = service, .other_members = {}},
                 {.name = "ssl", .gid = ssl, .other_members = {}},
                 {.name = "shared", .gid = shared, .other_members = {}},
                 {.name = "alice", .gid = alice, .other_members = {}},
                 {.name = "bob", .gid = bob, .other_members = {}}},
      .incomplete_because = {}};
}

// With an ACL as the kernel holds it: the mode's group bits are the mask.
inline Permissions with_entries(Permissions permissions, unsigned group,
                                const std::vector<AclEntry>& named) {
  const auto copy = [&](AclTag tag) {
    for (const AclEntry& entry : named) {
      if (entry.tag == tag) permissions.acl.push_back(entry);
    }
  };
  permissions.acl = {{AclTag::owner, 0, (permissions.mode >> 6) & 7U}};
  copy(AclTag::user);
  permissions.acl.push_back({AclTag::group, 0, group});
  copy(AclTag::named_group);
  permissions.acl.push_back({AclTag::mask, 0, (permissions.mode >> 3) & 7U});
  permissions.acl.push_back({AclTag::others, 0, permissions.mode & 7U});
  return permissions;
}

class SmallHost {
 public:
  SmallHost() {
    subjects.reserve(64);  // References to them are handed out.
    report.root = "/";
    add("/", FileType::directory, {.mode = 0755});
    for (const char* path : {"/etc", "/home", "/srv"}) directory(path, {.mode = 0755});
    directory("/home/alice", {.mode = 0755, .uid = alice, .gid = alice});
  }

  Accounts accounts = small_accounts();
  std::vector<Subject> subjects;
  Report report;
  PlanWishes wishes;
  std::map<std::string, std::string> unreachable;  // Path to why.
  std::map<std::string, Circumstances> special;    // What is said of a path beside its facts.

  FileFacts& directory(const std::string& path, Permissions permissions) {
    return add(path, FileType::directory, std::move(permissions));
  }
  FileFacts& file(const std::string& path, Permissions permissions) {
    return add(path, FileType::regular, std::move(permissions));
  }
  FileFacts& object(const std::string& path) { return objects_.at(path); }
  const Permissions& permissions(const std::string& path) const {
    return objects_.at(path).permissions;
  }

  // With the directories above.
  FileFacts facts(const std::string& path) const {
    FileFacts facts = objects_.at(path);
    std::string above = path;
    while (above != "/") {
      above = std::string{directory_of(above)};
      const FileFacts& one = objects_.at(above);
      facts.ancestors.insert(facts.ancestors.begin(), {.path = above,
                                                       .id = one.id,
                                                       .permissions = one.permissions,
                                                       .default_acl = one.default_acl});
    }
    return facts;
  }

  Subject& subject(SubjectType type, const std::string& path, unsigned allowed_mode = 0600) {
    Subject one;
    one.type = type;
    one.path = path;
    one.facts = facts(path);
    one.allowed_mode = allowed_mode;
    one.owner = accounts.user_name(one.facts.permissions.uid);
    one.expected_owner = "root";
    return subjects.emplace_back(std::move(one));
  }

  // A tunnel's credentials.
  Subject& credential(const std::string& path, Permissions permissions,
                      unsigned allowed_mode = 0600) {
    file(path, std::move(permissions));
    Subject& one = subject(SubjectType::credential, path, allowed_mode);
    one.carrier = "whole-file";
    one.credential.kind = "tunnel-credentials";
    one.credential.authority = Authority::run_tunnel;
    one.credential.secret_bytes = 32;
    return one;
  }

  Finding& finding(const std::string& rule, const std::string& fix, const Subject& about,
                   Severity severity = Severity::high) {
    return report.findings.emplace_back(Finding{.rule = rule,
                                                .severity = severity,
                                                .title = "title of " + rule,
                                                .path = about.path,
                                                .line = about.line,
                                                .credential = about.credential_id,
                                                .message = "message of " + rule,
                                                .expected = {},
                                                .actual = {},
                                                .fix = fix,
                                                .about = about.type,
                                                .service = {}});
  }

  Need need(const std::string& user, const std::string& path) const {
    const Account* account = accounts.find_name(user);
    Need one{.who = "cloudflared.service", .file = "/etc/systemd/system/cloudflared.service"};
    one.user = user;
    if (account == nullptr) return one;
    one.uid = account->uid;
    one.gid = account->gid;
    one.more_gids = principal_of(*account).gids;
    one.can_read = can_read(*account, path);
    return one;
  }

  bool can_read(const Account& account, const std::string& path) const {
    return !obstacle_of(facts(path), path, {.who = principal_of(account)}, accounts);
  }

  Circumstances circumstances(const std::string& path) const {
    Circumstances now;
    const auto known = special.find(path);
    if (known != special.end()) now = known->second;
    now.path = path;
    if (now.location.empty()) now.location = path;
    now.facts = facts(path);
    for (const DirectoryFacts& above : now.facts.ancestors) {
      const Permissions& one = above.permissions;
      if (one.uid == 0 && (one.mode & 022) == 0) continue;
      now.is_trusted = false;
      now.uid = one.uid == 0 ? 65534 : one.uid;
      break;
    }
    return now;
  }

  Plan plan() const {
    return plan_of(
        {.subjects = subjects,
         .report = report,
         .accounts = accounts,
         .wishes = wishes,
         .inspect = [this](const std::string& path) -> std::variant<Circumstances, std::string> {
           const auto why = unreachable.find(path);
           if (why != unreachable.end()) return why->second;
           return circumstances(path);
         },
         .steps = [](const Finding& finding) -> std::vector<std::string> {
           return {"step of " + finding.rule};
         }});
  }

  void carry_out(const Plan& plan) {
    for (const Change& change : plan.changes) {
      FileFacts& one = objects_.at(change.path);
      one.permissions = change.after.permissions;
      one.default_acl = change.after.default_acl;
    }
    for (Subject& one : subjects) one.facts = facts(one.path);
  }

 private:
  FileFacts& add(const std::string& path, FileType type, Permissions permissions) {
    FileFacts facts;
    facts.id = {.device = 1, .inode = ++last_inode_};
    facts.type = type;
    facts.permissions = std::move(permissions);
    return objects_[path] = std::move(facts);
  }

  std::map<std::string, FileFacts> objects_;
  std::uint64_t last_inode_ = 1;
};

}  // namespace cfwarden::small_host
