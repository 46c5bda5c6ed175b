// Repairs and undoings as app hands them over: sorted, with invented names.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/model/undoing.h"

#include "samples.h"

#include <random>
#include <string>
#include <vector>

namespace cfwarden::samples {

inline Attributes attributes(unsigned mode, std::uint32_t uid = 0, std::uint32_t gid = 0) {
  return {.permissions = {.mode = mode, .uid = uid, .gid = gid}, .default_acl = {}};
}

inline std::vector<AclEntry> acl_for_alice_and_ops() {
  return {{AclTag::owner, 0, 6}, {AclTag::user, 1000, 4},       {AclTag::user, 4242, 6},
          {AclTag::group, 0, 0}, {AclTag::named_group, 900, 4}, {AclTag::mask, 0, 6},
          {AclTag::others, 0, 0}};
}

inline AclNames acl_names() {
  return {.users = {{1000, "alice"}}, .groups = {{900, "ops"}}};
}

inline Change open_directory() {
  return {.path = "/home/alice/.cloudflared",
          .type = FileType::directory,
          .before = attributes(0777, 1000, 1000),
          .after = attributes(0700, 1000, 1000),
          .owner_before = "alice",
          .group_before = "alice",
          .owner_after = "alice",
          .group_after = "alice",
          .mends = {{"replaceable-by-others", Severity::high},
                    {"credential-directory-open", Severity::low}},
          .losers = {"bob", "deploy", "www-data"},
          .everyone_loses = true};
}

inline Change service_file() {
  return {.path = "/etc/cloudflared/6f1b2c3d-0000-4000-8000-00000000c0de.json",
          .before = attributes(0644, 0, 990),
          .after = attributes(0640, 0, 990),
          .owner_before = "root",
          .group_before = "cloudflared",
          .owner_after = "root",
          .group_after = "cloudflared",
          .mends = {{"readable-by-everyone", Severity::high}},
          .losers = fourteen_accounts(),
          .everyone_loses = true,
          .keepers = {{"cloudflared.service", "cloudflared", "through its group"}},
          .not_tighter = "0600 would stop cloudflared.service: it reads it as cloudflared",
          .held_secret = true};
}

inline Change stray_owner() {
  Change change{.path = "/etc/cloudflared/token",
                .before = attributes(0660, 1001, 900),
                .after = attributes(0600, 0, 900),
                .owner_before = "deploy",
                .group_before = "ops",
                .owner_after = "root",
                .group_after = "ops",
                .mends = {{"acl-grants-access", Severity::high},
                          {"unexpected-owner", Severity::high},
                          {"readable-by-group", Severity::medium}},
                .losers = {"alice", "deploy"},
                .keepers = {{"cloudflared-web.service", "root", "as root"},
                            {"cloudflared.service", "dynamic", "read as root for it"}},
                .held_secret = true};
  change.before.permissions.acl = acl_for_alice_and_ops();
  return change;
}

inline Change latent_acl() {
  Change change{.path = "/root/.cloudflared",
                .type = FileType::directory,
                .before = attributes(0700),
                .after = attributes(0700),
                .owner_before = "root",
                .group_before = "root",
                .owner_after = "root",
                .group_after = "root",
                .mends = {{"default-acl", Severity::medium}}};
  change.before.default_acl = {{AclTag::owner, 0, 7},
                               {AclTag::user, 1000, 5},
                               {AclTag::group, 0, 5},
                               {AclTag::mask, 0, 5},
                               {AclTag::others, 0, 0}};
  return change;
}

inline std::vector<Refusal> refusals() {
  return {{.path = "/home/eve/.cloudflared/cert.pem",
           .leaves = {{"account-certificate-readable-by-everyone", Severity::critical},
                      {"hard-linked", Severity::medium}},
           .why = "has 2 names: another name may be someone else's file",
           .command = "sudo find /home/eve -xdev -samefile /home/eve/.cloudflared/cert.pem"},
          {.path = "/home/eve/.cloudflared/token",
           .why = "symbolic link /home/eve/.cloudflared/token of eve to /etc/shadow",
           .command = ""}};
}

inline Advice certificate_on_connector(const std::string& path) {
  return {.finding = {"account-certificate-on-connector", Severity::high},
          .path = path,
          .title = "Account certificate on a host that only runs tunnels",
          .message = "what runs here needs no account certificate",
          .steps = {"Revoke its API token, since copies stay valid: in the dashboard, My Profile > "
                    "API Tokens, delete \"Cloudflare Tunnel API Token\" or \"Argo Tunnel API "
                    "Token\"",
                    "Then remove the file from each of these places, and from their backups:\nsudo "
                    "shred --remove -- /root/.cloudflared/cert.pem\nsudo shred --remove -- "
                    "/etc/cloudflared/cert.pem"}};
}

inline std::vector<Advice> advice() {
  return {
      certificate_on_connector("/etc/cloudflared/cert.pem"),
      certificate_on_connector("/root/.cloudflared/cert.pem"),
      {.finding = {"token-in-unit", Severity::high},
       .path = "/etc/systemd/system/cloudflared.service",
       .line = 9,
       .title = "Secret in the definition of a service",
       .message = "holds a tunnel token on a command line, which `ps` shows to everyone",
       .steps = {"Move it to a file:\nsudo cfwarden fix --move-token cloudflared.service --apply",
                 "Refresh the token in the dashboard: whoever read the unit has it still"}},
      {.finding = {"credential-old", Severity::info},
       .path = "/etc/cloudflared/token",
       .title = "Not replaced for more than a year",
       .message = "",
       .steps = {}}};
}

// A host with nothing to mend.
inline Repair sound_plan() {
  return {.tool_version = "0.1.0",
          .hostname = "edge-1",
          .root = "/",
          .started = started,
          .user = "root",
          .acl_names = acl_names()};
}

inline Repair messy_plan() {
  Repair repair = sound_plan();
  repair.plan = {.changes = {open_directory(), latent_acl(), service_file(), stray_owner()},
                 .refusals = refusals(),
                 .advice = advice(),
                 .accepted = {{.finding = {"readable-by-group", Severity::medium},
                               .path = "/home/alice/.cloudflared/wiki-token",
                               .exception = exception()}}};
  repair.exit_code = 1;
  return repair;
}

inline Repair refused_plan() {
  Repair repair = sound_plan();
  repair.plan.refusals = refusals();
  repair.exit_code = 4;
  return repair;
}

inline constexpr const char* run_name = "20261122T022050Z-4711";

inline Repair applied_run() {
  Repair repair = messy_plan();
  for (Change& change : repair.plan.changes) change.id = {};
  repair.is_applied = true;
  repair.run = run_name;
  repair.applied.resize(repair.plan.changes.size(), Applied{.outcome = Outcome::done, .why = {}});
  repair.exit_code = 4;
  return repair;
}

inline Repair interrupted_run() {
  Repair repair = applied_run();
  repair.applied[1] = {Outcome::refused, "changed since it was looked at: its mode is 0750"};
  repair.applied[2] = {Outcome::failed, "fchownat: operation not permitted"};
  repair.applied[3] = {Outcome::not_reached, ""};
  repair.interrupted = true;
  repair.interrupted_runs = {"20261121T081501Z-90011"};
  return repair;
}

inline RecordedRun recorded_run() {
  return {.name = run_name, .started = started, .user = "root", .root = "/", .changes = 4};
}

inline Restoration back(const Change& change, const std::string& opens_to) {
  return {.path = change.path,
          .type = change.type,
          .now = change.after,
          .before = change.before,
          .owner_now = change.owner_after,
          .group_now = change.group_after,
          .owner_before = change.owner_before,
          .group_before = change.group_before,
          .opens_to = opens_to};
}

inline Undoing planned_undoing() {
  Undoing undoing{.run = recorded_run(), .tool_version = "0.1.0", .acl_names = acl_names()};
  Restoration left = back(service_file(), "");
  left.left_because = "changed since: its mode is 0600, not 0640";
  Restoration unit{
      .path = "/etc/systemd/system/cloudflared.service",
      .opens_to = "everyone",
      .token_file = "/etc/cloudflared/token",
      .commands = {"systemctl daemon-reload", "systemctl restart cloudflared.service"}};
  undoing.restorations = {back(stray_owner(), "alice, deploy, ops"), left, unit,
                          back(latent_acl(), ""), back(open_directory(), "everyone")};
  undoing.as_before = 2;
  undoing.exit_code = 4;
  return undoing;
}

inline Undoing applied_undoing() {
  Undoing undoing = planned_undoing();
  undoing.is_applied = true;
  for (Restoration& one : undoing.restorations) one.applied = {Outcome::done, ""};
  undoing.restorations[1].applied = {Outcome::refused, undoing.restorations[1].left_because};
  undoing.restorations[3].applied = {Outcome::failed, "fchmodat2: read-only file system"};
  undoing.restorations[4].applied = {Outcome::not_reached, ""};
  undoing.interrupted = true;
  return undoing;
}

inline RecordedRuns recorded_runs() {
  RecordedRun undone = recorded_run();
  undone.name = "20261120T081500Z-812";
  undone.started -= 151550;
  undone.is_undone = true;
  undone.changes = 1212;
  RecordedRun stopped = recorded_run();
  stopped.name = "20261121T081501Z-90011";
  stopped.started -= 65149;
  stopped.user = "alice";
  stopped.root = "/mnt/image";
  stopped.was_interrupted = true;
  RecordedRun partly = undone;
  partly.name = "20261120T091500Z-813";
  partly.left_alone = 1;
  RecordedRun left = undone;
  left.name = "20261120T101500Z-814";
  left.changes = 2;
  left.left_alone = 2;
  RecordedRun rootless = recorded_run();
  rootless.name = "20261121T101501Z-90012";
  rootless.root = "/mnt/disk";
  rootless.is_root_gone = true;
  return {.runs = {undone, partly, left, stopped, rootless, recorded_run()},
          .unsound = {{.path = "/var/lib/cfwarden/journal/20261121T111501Z-7.jsonl",
                       .why = "line 2 is damaged: its checksum is wrong"}}};
}

// Random repairs with a hostile name wherever a name stands.
class RandomRepairs {
 public:
  explicit RandomRepairs(unsigned seed) : random_{seed} {}

  Repair next() {
    Repair repair = sound_plan();
    repair.root = chance() ? "/" : name();
    repair.is_applied = chance();
    repair.interrupted = chance();
    repair.run = chance() ? "" : run_name;
    repair.acl_names = {.users = {{1, name()}, {2, name()}}, .groups = {{1, name()}}};
    if (chance()) repair.arguments = {name(), "--only=x", name()};
    if (chance()) repair.interrupted_runs = {run_name};
    for (unsigned i = upto(4); i > 0; --i) repair.plan.changes.push_back(change());
    for (unsigned i = upto(3); i > 0; --i) repair.plan.refusals.push_back(refusal());
    for (unsigned i = upto(4); i > 0; --i) repair.plan.advice.push_back(advice());
    if (chance()) {
      repair.plan.accepted.push_back(
          {.finding = {rule(), severity()},
           .path = name(),
           .exception = std::make_shared<const Exception>(Exception{
               .reason = name(), .owner = name(), .expires = "2026-12-31", .file = name()})});
    }
    for (unsigned i = repair.is_applied ? upto(4) : 0; i > 0; --i) {
      repair.applied.push_back({static_cast<Outcome>(upto(3)), chance() ? "" : name()});
    }
    repair.applied.resize(std::min(repair.applied.size(), repair.plan.changes.size()));
    return repair;
  }

  Undoing next_undoing() {
    Undoing undoing{.run = run(), .tool_version = name()};
    undoing.is_applied = chance();
    undoing.interrupted = chance();
    undoing.as_before = upto(2);
    for (unsigned i = upto(5); i > 0; --i) {
      Restoration one = back(change(), chance() ? "" : name());
      if (chance()) one.token_file = name();
      if (chance()) one.commands = {"systemctl restart cloudflared.service"};
      if (chance()) one.left_because = name();
      one.applied = {static_cast<Outcome>(upto(3)), chance() ? "" : name()};
      undoing.restorations.push_back(one);
    }
    return undoing;
  }

  RecordedRun run() {
    return {.name = name(),
            .started = chance() ? started : std::int64_t{1} << 60,
            .user = name(),
            .root = name(),
            .changes = upto(99999),
            .was_interrupted = chance(),
            .is_undone = chance(),
            .left_alone = upto(99999),
            .is_root_gone = chance()};
  }

 private:
  unsigned upto(unsigned most) { return std::uniform_int_distribution<unsigned>{0, most}(random_); }
  bool chance() { return upto(1) == 0; }
  Severity severity() { return static_cast<Severity>(upto(4)); }

  std::string name() {
    const auto& names = hostile_names();
    const std::string& hostile = names[upto(static_cast<unsigned>(names.size()) - 1)];
    if (upto(2) != 0) return "/home/eve/" + hostile;
    return "/home/" + std::string(upto(120), 'e') + " sudo rm -rf / DONE  /x +  -rw 'q' " + hostile;
  }

  std::vector<std::string> some_names() {
    std::vector<std::string> names(upto(6));
    for (std::string& one : names) one = name();
    return names;
  }

  // Our own and root's: never hostile.
  std::string rule() {
    return chance() ? "account-certificate-readable-by-everyone" : "x" + std::string(upto(60), 'x');
  }

  std::vector<MendedFinding> rules() {
    std::vector<MendedFinding> rules(upto(3));
    for (MendedFinding& rule : rules) {
      rule = {this->rule(), severity()};
    }
    return rules;
  }

  std::vector<AclEntry> acl() {
    std::vector<AclEntry> entries(upto(8));
    for (AclEntry& entry : entries) entry = {static_cast<AclTag>(upto(5)), upto(3), upto(7)};
    return entries;
  }

  Attributes any_attributes() {
    Attributes attributes = samples::attributes(upto(07777), upto(9), upto(9));
    attributes.permissions.acl = acl();
    attributes.default_acl = acl();
    return attributes;
  }

  Change change() {
    Change change{.path = name(),
                  .type = static_cast<FileType>(upto(3)),
                  .before = any_attributes(),
                  .after = any_attributes(),
                  .owner_before = name(),
                  .group_before = name(),
                  .owner_after = name(),
                  .group_after = name(),
                  .mends = rules(),
                  .losers = some_names(),
                  .everyone_loses = chance()};
    for (unsigned i = upto(12); i > 0; --i) change.keepers.push_back({name(), name(), name()});
    if (chance()) change.not_tighter = name();
    change.held_secret = chance();
    return change;
  }

  Refusal refusal() {
    return {.path = name(),
            .leaves = rules(),
            .why = name(),
            .command = chance() ? "" : "sudo chmod -- 0600 '" + name() + "'"};
  }

  Advice advice() {
    Advice advice{.finding = {rule(), severity()},
                  .path = name(),
                  .title = name(),
                  .message = chance() ? "" : name(),
                  .steps = some_names()};
    if (chance()) advice.line = upto(99999);
    if (chance()) advice.steps = {"Prose\n" + command};
    return advice;
  }

 public:
  inline static const std::string command =
      "curl -X PATCH https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/cfd_tunnel/TUNNEL_ID "
      "--data '{\"tunnel_secret\":\"NEW\"}'";

 private:
  std::mt19937 random_;
};

}  // namespace cfwarden::samples
