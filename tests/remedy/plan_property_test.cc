#include "cfwarden/remedy/attributes.h"
#include "cfwarden/remedy/plan.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_{seed} {}
  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
  bool once_in(unsigned count) { return below(count) == 0; }
  template <class T>
  T one_of(const std::vector<T>& all) {
    return all[below(static_cast<unsigned>(all.size()))];
  }
  std::mt19937& engine() { return random_; }

 private:
  std::mt19937 random_;
};

Permissions any_permissions(Dice& dice, std::vector<unsigned> modes, std::uint32_t owner) {
  Permissions permissions{.mode = dice.once_in(3) ? dice.below(010000) : dice.one_of(modes),
                          .uid = owner,
                          .gid = dice.one_of<std::uint32_t>({0, owner, ssl, service, shared})};
  if (!dice.once_in(3)) return permissions;
  std::vector<AclEntry> named;
  for (const std::uint32_t id : {bob, service, www, alice}) {
    if (dice.once_in(3)) named.push_back({AclTag::user, id, dice.below(8)});
  }
  for (const std::uint32_t id : {ssl, shared, service}) {
    if (dice.once_in(4)) named.push_back({AclTag::named_group, id, dice.below(8)});
  }
  return named.empty() ? permissions : with_entries(permissions, dice.below(8), named);
}

void add_needs(SmallHost& host, Subject& subject, Dice& dice) {
  for (unsigned count = dice.below(3); count != 0; --count) {
    const std::string user = dice.one_of<std::string>(
        {"cloudflared", "cloudflared", "root", "www-data", "alice", "bob", "dynamic", "ghost"});
    Need need = host.need(user, subject.path);
    need.who = "service-" + std::to_string(dice.below(4));
    if (user == "dynamic") {
      need.more_gids = {dice.one_of<std::uint32_t>({ssl, service, 4711})};
      need.can_read = !obstacle_of(host.facts(subject.path), subject.path,
                                   {.who = {.uid = 61184, .gids = need.more_gids}}, host.accounts);
    }
    if (dice.once_in(5)) need.controlled_by = bob;
    if (dice.once_in(6)) need.read_by_manager = true;
    subject.needs.push_back(need);
  }
}

// What the rules would say of the host as it is.
void judge(SmallHost& host) {
  host.report.findings.clear();
  for (Subject& subject : host.subjects) {
    subject.facts = host.facts(subject.path);
    const Permissions& permissions = subject.facts.permissions;
    const bool is_directory = subject.type == SubjectType::directory;
    const unsigned judged_bits = is_directory ? 0777U : 07777U;
    const bool is_too_wide = (permissions.mode & judged_bits & ~subject.allowed_mode) != 0;
    const Exposure exposure = exposure_of(subject.facts, host.accounts);
    if (is_directory) {
      if (is_too_wide && exposure.readers.audience != Audience::owner) {
        host.finding("credential-directory-open", "owner-only", subject);
      }
      if (!subject.facts.default_acl.empty()) host.finding("default-acl", "remove-acl", subject);
      continue;
    }
    if (is_too_wide) host.finding("mode-too-wide", "owner-only", subject);
    if (!permissions.acl.empty()) host.finding("acl-grants-access", "remove-acl", subject);
    if (exposure.writers.audience != Audience::owner) {
      host.finding("replaceable-by-others", "owner-only", subject);
    }
    const bool is_stray =
        permissions.uid == bob || (permissions.uid == alice && subject.path.starts_with("/etc"));
    if (is_stray) host.finding("unexpected-owner", "set-owner", subject);
  }
}

SmallHost any_host(Dice& dice) {
  SmallHost host;
  struct Directory {
    const char* path;
    std::uint32_t owner;
    unsigned allowed;
  };
  if (dice.once_in(4))
    host.object("/home/alice").permissions.mode = dice.one_of<unsigned>({0700, 0711, 0775});
  for (const Directory& one :
       {Directory{"/etc/cloudflared", 0, 0755}, Directory{"/home/alice/.cloudflared", alice, 0700},
        Directory{"/srv/app", 0, 0755}}) {
    FileFacts& directory = host.directory(
        one.path, any_permissions(dice, {0755, 0755, 0700, 0750, 0777, 0775, 0711}, one.owner));
    if (dice.once_in(5)) directory.default_acl = {{AclTag::others, 0, 4}};
    host.subject(SubjectType::directory, one.path, one.allowed);
    for (const char* name : {"/a.json", "/b.json"}) {
      const std::uint32_t owner =
          dice.once_in(5) ? dice.one_of<std::uint32_t>({0, alice, bob, service}) : one.owner;
      const bool is_shared = dice.once_in(4);
      Subject& subject = host.credential(
          one.path + std::string{name},
          any_permissions(dice, {0600, 0640, 0644, 0644, 0666, 0400, 0444, 0620}, owner),
          is_shared ? 0640 : 0600);
      if (dice.once_in(5)) subject.credential.authority = Authority::manage_account;
      add_needs(host, subject, dice);
    }
  }
  host.wishes.take_ownership = dice.once_in(3);
  host.wishes.service_group = dice.once_in(2);
  if (dice.once_in(8)) host.wishes.only = {"mode-too-wide"};
  if (dice.once_in(8)) {
    host.wishes.is_root = false;
    host.wishes.caller = alice;
  }
  judge(host);
  return host;
}

std::string told(const Plan& plan) {
  std::string text;
  for (const Change& change : plan.changes) {
    char mode[16];
    std::snprintf(mode, sizeof mode, "%04o", change.after.permissions.mode);
    text += change.path + " " + mode + " " + change.group_after + " " + change.owner_after + " " +
            change.not_tighter + "\n";
    for (const MendedFinding& one : change.mends) text += "  mends " + one.rule + "\n";
    for (const std::string& name : change.losers) text += "  loses " + name + "\n";
    for (const Keeper& one : change.keepers)
      text += "  keeps " + one.who + one.user + one.how + "\n";
  }
  for (const Refusal& refusal : plan.refusals) {
    text += refusal.path + " " + refusal.why + " " + refusal.command + "\n";
    for (const MendedFinding& one : refusal.leaves) text += "  leaves " + one.rule + "\n";
  }
  return text;
}

// Everybody of the host, and somebody who has no account.
std::vector<Principal> everybody(const SmallHost& host) {
  std::vector<Principal> all{{.uid = 4711, .gids = {}}};
  for (const Account& account : host.accounts.users) all.push_back(principal_of(account));
  return all;
}

bool reads(const Need& need, const Subject& subject, const SmallHost& host) {
  if (need.read_by_manager) return true;
  Principal who{.uid = need.uid.value_or(61184), .gids = need.more_gids};
  return can_open(host.facts(subject.path), who, Access::read);
}

bool gains_nothing(const Principal& who, const FileFacts& before, const FileFacts& after) {
  return std::ranges::all_of(
      std::vector{Access::read, Access::write, Access::search, Access::change}, [&](Access access) {
        return can_open(before, who, access) || !can_open(after, who, access);
      });
}

}  // namespace

TEST_CASE("over hosts of every sort nobody gains, no need is lost, and one run is enough") {
  int changes = 0;
  int shared_files = 0;
  int kept_needs = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Dice dice{seed};
    const SmallHost before = any_host(dice);
    const Plan plan = before.plan();
    CAPTURE(told(plan));
    SmallHost after = before;
    after.carry_out(plan);
    for (const Change& change : plan.changes) {
      CAPTURE(change.path);
      ++changes;
      REQUIRE(change.before != change.after);
      REQUIRE_FALSE(widens(change.before, change.after));
      shared_files += change.before.permissions.gid != change.after.permissions.gid ? 1 : 0;
    }
    for (const Subject& subject : before.subjects) {
      CAPTURE(subject.path);
      for (const Principal& who : everybody(before)) {
        CAPTURE(who.uid);
        REQUIRE(gains_nothing(who, before.facts(subject.path), after.facts(subject.path)));
      }
      for (const Need& need : subject.needs) {
        CAPTURE(need.user);
        const bool is_bound = !need.controlled_by && need.can_read == true;
        if (!is_bound || !reads(need, subject, before)) continue;
        REQUIRE(reads(need, subject, after));
        ++kept_needs;
      }
    }
    judge(after);
    const Plan again = after.plan();
    CAPTURE(told(again));
    REQUIRE(again.changes.empty());
  }
  // Otherwise nothing was tried.
  CHECK(changes > 6000);
  CHECK(kept_needs > 3000);
  CHECK(shared_files > 20);
}

TEST_CASE("every finding that attributes could mend is mended or said to be left") {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    Dice dice{seed};
    const SmallHost host = any_host(dice);
    const Plan plan = host.plan();
    CAPTURE(told(plan));
    for (const Finding& finding : host.report.findings) {
      if (!host.wishes.only.empty() && !host.wishes.only.contains(finding.rule)) continue;
      CAPTURE(finding.rule);
      CAPTURE(finding.path);
      const auto names = [&](const std::vector<MendedFinding>& all) {
        return std::ranges::find(all, finding.rule, &MendedFinding::rule) != all.end();
      };
      const bool is_mended = std::ranges::any_of(plan.changes, [&](const Change& change) {
        return lies_in(finding.path, change.path) && names(change.mends);
      });
      const bool is_left = std::ranges::any_of(plan.refusals, [&](const Refusal& refusal) {
        return refusal.path == finding.path && names(refusal.leaves);
      });
      REQUIRE((is_mended || is_left));
    }
  }
}

TEST_CASE("a plan does not depend on the order of what it is made from") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    Dice dice{seed};
    SmallHost host = any_host(dice);
    const std::string first = told(host.plan());
    std::shuffle(host.subjects.begin(), host.subjects.end(), dice.engine());
    std::shuffle(host.report.findings.begin(), host.report.findings.end(), dice.engine());
    CHECK(told(host.plan()) == first);
  }
}

}  // namespace cfwarden
