#include "cfwarden/remedy/plan.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;

const std::string token = "/etc/cloudflared/token";

// Root's /etc/cloudflared with one credential, readable by everyone.
SmallHost stock_host(unsigned mode = 0644, std::uint32_t gid = 0) {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0755});
  host.finding("readable-by-everyone", "owner-only",
               host.credential(token, {.mode = mode, .uid = 0, .gid = gid}));
  return host;
}

// The same, read by cloudflared.service as `user`.
SmallHost needed_host(unsigned mode, std::uint32_t gid = 0,
                      const std::string& user = "cloudflared") {
  SmallHost host = stock_host(mode, gid);
  host.subjects.front().needs.push_back(host.need(user, token));
  return host;
}

const Change& only_change(const Plan& plan) {
  REQUIRE(plan.changes.size() == 1);
  return plan.changes.front();
}

const Refusal& only_refusal(const Plan& plan) {
  REQUIRE(plan.refusals.size() == 1);
  return plan.refusals.front();
}

unsigned mode_after(const Change& change) {
  return change.after.permissions.mode;
}

std::vector<std::string> rules_of(const std::vector<MendedFinding>& findings) {
  std::vector<std::string> rules;
  for (const MendedFinding& one : findings) rules.push_back(one.rule);
  return rules;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a credential that everyone reads is closed, and the change says all of it") {
  SmallHost host = stock_host();
  host.object(token).changed_nanoseconds = 7;
  const Plan plan = host.plan();
  const Change& change = only_change(plan);
  CHECK(change.path == token);
  CHECK(change.type == FileType::regular);
  CHECK(change.id == host.object(token).id);
  CHECK(change.changed_nanoseconds == 7);
  CHECK(change.before.permissions.mode == 0644);
  CHECK(mode_after(change) == 0600);
  CHECK(change.owner_before == "root");
  CHECK(change.group_after == "root");
  CHECK(rules_of(change.mends) == Words{"readable-by-everyone"});
  CHECK(change.losers == Words{"alice", "bob", "cloudflared", "www-data"});
  CHECK(change.everyone_loses);
  CHECK(change.held_secret);
  CHECK(change.keepers.empty());
  CHECK(change.not_tighter.empty());
  CHECK(plan.refusals.empty());
  CHECK(plan.advice.empty());
}

TEST_CASE("modes only lose bits") {
  struct Row {
    unsigned before;
    unsigned after;
  };
  for (const Row& row :
       {Row{0644, 0600}, Row{0444, 0400}, Row{04755, 0600}, Row{0620, 0600}, Row{0666, 0600}}) {
    CAPTURE(row.before);
    CHECK(mode_after(only_change(stock_host(row.before).plan())) == row.after);
  }
}

TEST_CASE("all findings of one object are mended by one change, worst first") {
  SmallHost host = stock_host();
  host.finding("mode-too-wide", "owner-only", host.subjects.front(), Severity::low);
  host.finding("a-critical-one", "remove-acl", host.subjects.front(), Severity::critical);
  CHECK(rules_of(only_change(host.plan()).mends) ==
        Words{"a-critical-one", "readable-by-everyone", "mode-too-wide"});
}

TEST_CASE("the allowed modes of all that stands at a path hold") {
  SmallHost host;
  host.file("/srv/config.yml", {.mode = 0666});
  host.finding("config-writable-by-others", "owner-only",
               host.subject(SubjectType::configuration, "/srv/config.yml", 0644));
  CHECK(mode_after(only_change(host.plan())) == 0644);
  host.finding("secret-in-readable-config", "owner-only",
               host.subject(SubjectType::credential, "/srv/config.yml", 0600));
  CHECK(mode_after(only_change(host.plan())) == 0600);
}

TEST_CASE("a script that its owner may execute stays one") {
  SmallHost host;
  host.credential("/etc/cloudflared-run", {.mode = 0755}).carrier = "init-script";
  host.finding("readable-by-everyone", "owner-only", host.subjects.front());
  CHECK(mode_after(only_change(host.plan())) == 0700);
  host.subjects.front().carrier = "systemd-unit";
  CHECK(mode_after(only_change(host.plan())) == 0600);
}

TEST_CASE("a service that runs as root keeps reading, and is named") {
  SmallHost host = needed_host(0644, 0, "root");
  const Change change = only_change(host.plan());
  CHECK(mode_after(change) == 0600);
  REQUIRE(change.keepers.size() == 1);
  CHECK(change.keepers.front().who == "cloudflared.service");
  CHECK(change.keepers.front().user == "root");
  CHECK(change.keepers.front().how == "as root");
}

TEST_CASE("a service whose manager reads the file for it needs no right") {
  SmallHost host = needed_host(0644);
  host.subjects.front().needs.front().read_by_manager = true;
  const Change change = only_change(host.plan());
  CHECK(mode_after(change) == 0600);
  CHECK(change.keepers.front().how == "read as root for it");
}

TEST_CASE("the owner's own service keeps reading as the owner") {
  SmallHost host = stock_host();
  host.object(token).permissions.uid = service;
  host.subjects.front().needs.push_back(host.need("cloudflared", token));
  const Change change = only_change(host.plan());
  CHECK(mode_after(change) == 0600);
  CHECK(change.keepers.front().how == "as its owner");
}

TEST_CASE("a service that reads through its group keeps the group's bit, and it is said why") {
  SmallHost host = needed_host(0644, service);
  host.subjects.front().allowed_mode = 0640;
  const Plan plan = host.plan();
  const Change& change = only_change(plan);
  CHECK(mode_after(change) == 0640);
  CHECK(change.keepers.front().how == "through its group");
  CHECK(change.not_tighter ==
        "0600 would stop cloudflared.service: it reads it as cloudflared, through its group");
  CHECK(change.losers == Words{"alice", "bob", "www-data"});
  CHECK(change.held_secret);
  CHECK(plan.refusals.empty());
}

TEST_CASE("others in the group that a service reads through are named") {
  SmallHost host = needed_host(0644, service);
  host.subjects.front().allowed_mode = 0640;
  host.accounts.users.back().groups.push_back(service);  // Bob.
  CHECK(only_change(host.plan()).not_tighter ==
        "0600 would stop cloudflared.service: it reads it as cloudflared, through its group, which "
        "also lets in bob");
}

TEST_CASE("who would be locked out keeps the least that lets it in, and the rest is refused") {
  SmallHost host = needed_host(0666);
  const Plan plan = host.plan();
  const Change& change = only_change(plan);
  CHECK(mode_after(change) == 0644);
  CHECK(change.mends.empty());
  CHECK(change.not_tighter ==
        "0600 would stop cloudflared.service: it reads it as cloudflared, through others");
  const Refusal& refusal = only_refusal(plan);
  CHECK(refusal.path == token);
  CHECK(rules_of(refusal.leaves) == Words{"readable-by-everyone"});
  CHECK(refusal.why ==
        "closing it to 0600 would lock out cloudflared.service (User=cloudflared); --service-group "
        "would let it in through group cloudflared");
  CHECK(refusal.command ==
        "sudo chgrp --no-dereference 900 /etc/cloudflared/token && sudo chmod "
        "0640 /etc/cloudflared/token");
}

TEST_CASE("where nothing can be closed there is a refusal and no change") {
  const Plan plan = needed_host(0644).plan();
  CHECK(plan.changes.empty());
  CHECK(only_refusal(plan).why.find("closing it to 0600 would lock out") == 0);
}

TEST_CASE("a service that reads through a group of several keeps that group") {
  SmallHost host = needed_host(0644, ssl);
  const Plan plan = host.plan();
  CHECK(mode_after(only_change(plan)) == 0640);
  CHECK(only_change(plan).losers == Words{"alice", "bob"});
  // Not everyone reads it any more; of the others in the group the reason for not 0600 tells.
  CHECK(plan.refusals.empty());
  CHECK(only_change(plan).mends.size() == 1);
  CHECK(only_change(plan).not_tighter.find("which also lets in www-data") != std::string::npos);
}

TEST_CASE("what no group may be given is left without a command") {
  SmallHost host = needed_host(0644);
  host.subjects.front().credential.authority = Authority::manage_account;
  CHECK(only_refusal(host.plan()).command.empty());
  host = needed_host(0644);
  host.subjects.front().needs.front().is_container = true;
  CHECK(only_refusal(host.plan()).command.empty());
  CHECK(only_refusal(host.plan()).why ==
        "closing it to 0600 would lock out container cloudflared.service (User=cloudflared)");
}

TEST_CASE("a need that an ordinary user controls keeps nothing open") {
  SmallHost host = needed_host(0644, 0, "bob");
  host.subjects.front().needs.front().controlled_by = bob;
  CHECK(mode_after(only_change(host.plan())) == 0600);
  CHECK(only_change(host.plan()).keepers.empty());
  host = needed_host(0644, 0, "bob");
  host.subjects.front().needs.front().is_claim = true;
  CHECK(mode_after(only_change(host.plan())) == 0600);
}

TEST_CASE("a need that an ordinary user controls binds that user's own files") {
  const std::string own = "/home/alice/.cloudflared/own.json";
  SmallHost host;
  host.directory("/home", {.mode = 0755});
  host.directory("/home/alice", {.mode = 0755, .uid = alice, .gid = alice});
  host.directory("/home/alice/.cloudflared", {.mode = 0755, .uid = alice, .gid = alice});
  Subject& subject = host.credential(own, {.mode = 0666, .uid = alice, .gid = alice});
  host.finding("readable-by-everyone", "owner-only", subject);
  subject.needs.push_back(host.need("cloudflared", own));
  subject.needs.front().controlled_by = alice;
  CHECK(mode_after(only_change(host.plan())) == 0644);
  host.subjects.front().needs.front().controlled_by = bob;
  CHECK(mode_after(only_change(host.plan())) == 0600);
}

TEST_CASE("what is the system's is mended before what users could have made many of") {
  SmallHost host;
  host.directory("/home", {.mode = 0755});
  host.directory("/home/alice", {.mode = 0755, .uid = alice, .gid = alice});
  const Permissions open{.mode = 0644, .uid = alice, .gid = alice};
  host.finding("readable-by-everyone", "owner-only", host.credential("/home/alice/token", open));
  host.directory("/srv", {.mode = 0755});
  host.finding("readable-by-everyone", "owner-only", host.credential("/srv/token", {.mode = 0644}));
  const Plan plan = host.plan();
  REQUIRE(plan.changes.size() == 2);
  CHECK(plan.changes[0].path == "/srv/token");
  CHECK(plan.changes[1].is_users);
}

TEST_CASE("a need that cannot read now, or reads everything, keeps nothing open") {
  SmallHost host = needed_host(0644);
  host.subjects.front().needs.front().can_read = false;
  CHECK(mode_after(only_change(host.plan())) == 0600);
  host = needed_host(0644);
  host.subjects.front().needs.front().reads_everything = true;
  CHECK(mode_after(only_change(host.plan())) == 0600);
  CHECK(only_change(host.plan()).keepers.front().how == "by its capability");
}

TEST_CASE("root without its capabilities is a reader like any other") {
  SmallHost host = stock_host();
  host.object(token).permissions.uid = alice;
  host.subjects.front().needs.push_back(host.need("root", token));
  CHECK(mode_after(only_change(host.plan())) == 0600);
  host.subjects.front().needs.front().is_powerless = true;
  CHECK(mode_after(only_change(host.plan())) == 0640);
}

TEST_CASE("of a user that is not known it is believed that it reads by whatever lets anybody in") {
  SmallHost host = stock_host(0666, ssl);
  host.subjects.front().needs.push_back(host.need("ghost", token));
  CHECK(mode_after(only_change(host.plan())) == 0644);
  CHECK(only_change(host.plan()).keepers.empty());
  host.object(token).permissions.mode = 0660;
  CHECK(mode_after(only_change(host.plan())) == 0640);
}

TEST_CASE("a dynamic user has its groups and nothing else") {
  SmallHost host = stock_host(0666);
  Need need = host.need("dynamic", token);
  need.can_read = true;
  host.subjects.front().needs.push_back(need);
  CHECK(mode_after(only_change(host.plan())) == 0644);
  host.object(token).permissions = {.mode = 0664, .uid = 0, .gid = ssl};
  host.subjects.front().needs.front().more_gids = {ssl};
  CHECK(mode_after(only_change(host.plan())) == 0640);
}

TEST_CASE("a script with a secret is read and executed by the user that a unit runs it as") {
  SmallHost host;
  host.credential("/etc/run-tunnel", {.mode = 0777}).carrier = "init-script";
  host.finding("readable-by-everyone", "owner-only", host.subjects.front());
  Need need = host.need("cloudflared", "/etc/run-tunnel");
  need.what = NeedOf::inline_secret;
  need.read_by_manager = true;
  host.subjects.front().needs.push_back(need);
  CHECK(mode_after(only_change(host.plan())) == 0755);
  host.subjects.front().needs.front().source = StartSource::sysv;
  CHECK(mode_after(only_change(host.plan())) == 0700);
}

TEST_CASE("an ACL goes, and the group gets no more than its own entry had") {
  SmallHost host;
  host.credential("/etc/token", with_entries({.mode = 0660}, 4, {{AclTag::user, bob, 6}}));
  host.finding("acl-grants-access", "remove-acl", host.subjects.front());
  Change change = only_change(host.plan());
  CHECK(change.after.permissions == Permissions{.mode = 0600});
  CHECK(change.losers == Words{"bob"});
  CHECK_FALSE(change.everyone_loses);
  CHECK(change.held_secret);
  // Asked for nothing but the ACL, the mode keeps what does not come from it.
  host.wishes.only = {"acl-grants-access"};
  CHECK(only_change(host.plan()).after.permissions == Permissions{.mode = 0640});
}

TEST_CASE("the entry through which a service reads stays, alone and reading only") {
  SmallHost host;
  host.credential("/etc/token", with_entries({.mode = 0660}, 6,
                                             {{AclTag::user, bob, 6}, {AclTag::user, service, 6}}));
  host.finding("acl-grants-access", "remove-acl", host.subjects.front());
  host.subjects.front().needs.push_back(host.need("cloudflared", "/etc/token"));
  const Plan plan = host.plan();
  CHECK(only_change(plan).after.permissions ==
        with_entries({.mode = 0640}, 0, {{AclTag::user, service, 4}}));
  CHECK(only_change(plan).keepers.front().how == "through the ACL's entry for it");
  CHECK(only_change(plan).losers == Words{"bob"});
  CHECK(rules_of(only_refusal(plan).leaves) == Words{"acl-grants-access"});
}

TEST_CASE("a default ACL goes where its rule asks for it, and the mode stays") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0775}).default_acl = {
      {AclTag::owner, 0, 7}, {AclTag::group, 0, 5}, {AclTag::others, 0, 5}};
  host.finding("default-acl", "remove-acl",
               host.subject(SubjectType::directory, "/etc/cloudflared", 0755));
  const Change change = only_change(host.plan());
  CHECK(change.type == FileType::directory);
  CHECK(change.after.default_acl.empty());
  CHECK(mode_after(change) == 0775);
  CHECK(change.losers.empty());
}

TEST_CASE("an open directory is closed, as far as a service passes through it") {
  SmallHost host;
  const std::string home = "/home/alice/.cloudflared";
  host.directory(home, {.mode = 0755, .uid = alice, .gid = alice});
  host.finding("credential-directory-open", "owner-only",
               host.subject(SubjectType::directory, home, 0700));
  host.credential(home + "/x.json", {.mode = 0644, .uid = alice, .gid = alice});
  Change change = only_change(host.plan());
  CHECK(mode_after(change) == 0700);
  CHECK(change.everyone_loses);
  CHECK(change.held_secret);

  host.subjects.back().needs.push_back(host.need("cloudflared", home + "/x.json"));
  change = only_change(host.plan());
  CHECK(mode_after(change) == 0711);
  CHECK(change.keepers.size() == 1);
  CHECK(change.not_tighter ==
        "0700 would stop cloudflared.service: it passes through it as cloudflared, through "
        "others");
  CHECK_FALSE(change.held_secret);
  CHECK(only_refusal(host.plan()).why ==
        "closing it to 0700 would lock out cloudflared.service (User=cloudflared)");
  // A container that enters below it does not pass through it.
  host.subjects.back().needs.front().entered_at = home + "/x.json";
  CHECK(mode_after(only_change(host.plan())) == 0700);
}

TEST_CASE("a default directory that others can write in is closed before what it holds") {
  SmallHost host = stock_host(0644);
  host.object("/etc/cloudflared").permissions.mode = 0777;
  for (const bool is_only : {false, true}) {
    CAPTURE(is_only);
    if (is_only) host.wishes.only = {"readable-by-everyone"};
    const Plan plan = host.plan();
    REQUIRE(plan.changes.size() == 2);
    CHECK(plan.changes[0].path == "/etc/cloudflared");
    CHECK(mode_after(plan.changes[0]) == 0755);
    CHECK(plan.changes[1].path == token);
    CHECK(plan.refusals.empty());
  }
}

TEST_CASE("what only an open directory was to blame for is mended by closing that") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  host.finding("replaceable-by-others", "owner-only", host.credential(token, {.mode = 0600}));
  const Plan plan = host.plan();
  CHECK(only_change(plan).path == "/etc/cloudflared");
  CHECK(rules_of(only_change(plan).mends) == Words{"replaceable-by-others"});
  CHECK(plan.refusals.empty());
}

TEST_CASE("of an object that is left, what a closed directory mends is not said to stay") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  host.credential(token, {.mode = 0644}).facts.links = 2;
  host.object(token).links = 2;
  host.finding("replaceable-by-others", "owner-only", host.subjects.front());
  host.finding("readable-by-everyone", "owner-only", host.subjects.front());
  const Plan plan = host.plan();
  CHECK(rules_of(only_change(plan).mends) == Words{"replaceable-by-others"});
  CHECK(rules_of(only_refusal(plan).leaves) == Words{"readable-by-everyone"});
}

TEST_CASE("an open directory that is no default one is left, and with it what it holds") {
  SmallHost host;
  host.directory("/srv/app", {.mode = 0777});
  host.finding("replaceable-by-others", "owner-only",
               host.credential("/srv/app/token", {.mode = 0644}));
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(only_refusal(plan).path == "/srv/app/token");
  CHECK(only_refusal(plan).command == "sudo chmod go-w /srv/app");
  CHECK(rules_of(only_refusal(plan).leaves) == Words{"replaceable-by-others"});
}

TEST_CASE("a finding that closing cannot mend is said to stay") {
  SmallHost host = stock_host(0600);
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(rules_of(only_refusal(plan).leaves) == Words{"readable-by-everyone"});
}

TEST_CASE("an unexpected owner is left with the command, and nothing else is changed") {
  SmallHost host = stock_host(0644);
  host.object(token).permissions.uid = bob;
  host.finding("unexpected-owner", "set-owner", host.subjects.front());
  for (const bool is_only : {false, true}) {
    CAPTURE(is_only);
    if (is_only) host.wishes.only = {"readable-by-everyone"};
    const Plan plan = host.plan();
    CHECK(plan.changes.empty());
    CHECK(only_refusal(plan).why ==
          "belongs to bob, expected root; --take-ownership gives it to root");
    CHECK(only_refusal(plan).command == "sudo chown --no-dereference root /etc/cloudflared/token");
    CHECK(rules_of(only_refusal(plan).leaves) == Words{"readable-by-everyone", "unexpected-owner"});
  }
}

TEST_CASE("with --take-ownership root gets it, with the mode in the same change") {
  SmallHost host = stock_host(0644);
  host.object(token).permissions.uid = bob;
  host.finding("unexpected-owner", "set-owner", host.subjects.front());
  host.wishes.take_ownership = true;
  const Change change = only_change(host.plan());
  CHECK(change.after.permissions == Permissions{.mode = 0600});
  CHECK(change.owner_before == "bob");
  CHECK(change.owner_after == "root");
  CHECK(change.losers == Words{"alice", "bob", "cloudflared", "www-data"});
}

TEST_CASE("ownership is not taken from a container, from a service, in a home, or by a user") {
  const auto refused = [](SmallHost host) {
    host.finding("unexpected-owner", "set-owner", host.subjects.front());
    host.wishes.take_ownership = true;
    const Plan plan = host.plan();
    CHECK(plan.changes.empty());
    return only_refusal(plan).why;
  };
  SmallHost host = stock_host();
  host.object(token).permissions.uid = 65532;
  CHECK(refused(host) ==
        "belongs to 65532, expected root: the user of a container keeps what it owns");
  host = stock_host();
  host.object(token).permissions.uid = bob;
  host.subjects.front().needs.push_back(host.need("bob", token));
  CHECK(refused(host) ==
        "belongs to bob, expected root; cloudflared.service (User=bob) reads it as its owner");
  host = SmallHost{};
  host.finding("x", "owner-only",
               host.credential("/home/alice/t", {.mode = 0644, .uid = alice, .gid = alice}));
  CHECK(refused(host) ==
        "belongs to alice, expected root: in a user's directory nothing is given to another owner");
  host = stock_host();
  host.object(token).permissions.uid = bob;
  host.wishes.is_root = false;
  host.wishes.caller = bob;
  CHECK(refused(host) == "belongs to bob, expected root: only root can give it to another owner");
}

TEST_CASE("with --service-group a service's own group gets the file that it read as everybody") {
  SmallHost host = needed_host(0644);
  host.wishes.service_group = true;
  const Plan plan = host.plan();
  const Change& change = only_change(plan);
  CHECK(change.after.permissions == Permissions{.mode = 0640, .uid = 0, .gid = service});
  CHECK(change.group_after == "cloudflared");
  CHECK(change.losers == Words{"alice", "bob", "www-data"});
  CHECK(change.keepers.front().how == "through its group");
  CHECK(change.not_tighter ==
        "0600 would stop cloudflared.service: it reads it as cloudflared, through its group");
  CHECK(plan.refusals.empty());
}

TEST_CASE("no group changes where it would not be the service's own, or not for a tunnel alone") {
  const auto is_left = [](SmallHost host) {
    host.wishes.service_group = true;
    const Plan plan = host.plan();
    return plan.changes.empty() && plan.refusals.size() == 1;
  };
  CHECK_FALSE(is_left(needed_host(0644)));
  SmallHost host = needed_host(0644);
  host.accounts.users.back().groups.push_back(service);  // Bob.
  CHECK(is_left(host));
  host = needed_host(0644);
  host.subjects.front().credential.authority = Authority::manage_account;
  CHECK(is_left(host));
  host = needed_host(0644);
  host.subjects.front().needs.front().is_container = true;
  CHECK(is_left(host));
  host = needed_host(0644);
  host.wishes.is_root = false;
  CHECK(is_left(host));
  host = needed_host(0644);
  host.subjects.front().needs.push_back(host.need("www-data", token));
  CHECK(is_left(host));
  for (const std::uint32_t gid : {65534U, 65532U}) {
    CAPTURE(gid);
    host = needed_host(0644);
    host.subjects.front().needs.front().gid = gid;
    CHECK(is_left(host));
  }
  host = needed_host(0644, ssl, "root");
  host.object(token).permissions.uid = alice;
  host.subjects.front().needs.front().is_powerless = true;
  CHECK(is_left(host));
  host = SmallHost{};
  Subject& at_home = host.credential("/home/alice/t", {.mode = 0644, .uid = alice, .gid = alice});
  host.finding("x", "owner-only", at_home);
  at_home.needs.push_back(host.need("cloudflared", "/home/alice/t"));
  CHECK(is_left(host));
  // Its group's members would gain: they do not read it as others.
  host = needed_host(0640, ssl);
  CHECK(is_left(host));
}

TEST_CASE("without root only the caller's own objects change") {
  SmallHost host = stock_host();
  host.wishes.is_root = false;
  host.wishes.caller = alice;
  host.finding("x", "owner-only",
               host.credential("/home/alice/t", {.mode = 0644, .uid = alice, .gid = alice}));
  const Plan plan = host.plan();
  CHECK(only_change(plan).path == "/home/alice/t");
  CHECK(only_refusal(plan).path == token);
  CHECK(only_refusal(plan).why == "belongs to root: only its owner and root may change it");
  CHECK(only_refusal(plan).command == "sudo cfwarden fix /etc/cloudflared/token");
}

TEST_CASE("content that was not recognised is left with the command") {
  SmallHost host;
  host.file("/home/alice/cert.pem", {.mode = 0644, .uid = alice, .gid = alice});
  Subject& unread = host.subject(SubjectType::unread, "/home/alice/cert.pem");
  unread.credential.reason = "it is empty";
  host.finding("unread-file-readable-by-others", "owner-only", unread);
  host.report.gaps.push_back({"/home/alice/cert.pem", "it is empty"});
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(only_refusal(plan).why == "its content was not recognised: it is empty");
  CHECK(only_refusal(plan).command == "sudo -u alice chmod 0600 /home/alice/cert.pem");
}

TEST_CASE("what cannot be looked at again, or is another object by now, is refused") {
  SmallHost host = stock_host();
  host.unreachable[token] = "openat2: permission denied";
  CHECK(only_refusal(host.plan()).why == "openat2: permission denied");
  CHECK(rules_of(only_refusal(host.plan()).leaves) == Words{"readable-by-everyone"});
  host = stock_host();
  host.object(token).id.inode += 1000;
  CHECK(only_refusal(host.plan()).why == "is another object than the one that was looked at");
  host = stock_host();
  host.object(token).type = FileType::directory;
  CHECK(host.plan().changes.empty());
}

TEST_CASE("a gap is a refusal without findings") {
  SmallHost host;
  host.report.gaps.push_back({"/mnt/nfs", "permission denied"});
  CHECK(only_refusal(host.plan()).path == "/mnt/nfs");
  CHECK(only_refusal(host.plan()).why == "permission denied");
  CHECK(only_refusal(host.plan()).leaves.empty());
}

TEST_CASE("a file of several names and a user's link are met though no rule fired") {
  SmallHost host;
  host.credential("/etc/token", {.mode = 0600}).facts.links = 2;
  host.object("/etc/token").links = 2;
  host.finding("hard-linked", "none", host.subjects.front(), Severity::medium);
  CHECK(rules_of(only_refusal(host.plan()).leaves) == Words{"hard-linked"});
  CHECK(host.plan().advice.empty());

  host = SmallHost{};
  host.credential("/home/alice/cert.pem", {.mode = 0600, .uid = alice, .gid = alice});
  host.subjects.front().facts.ancestors.push_back({.path = "/home/alice/dotfiles", .id = {1, 99}});
  CHECK(host.plan().refusals.empty());
  host.special["/home/alice/cert.pem"].link = "symbolic link /home/alice/cert.pem of alice to x";
  CHECK(only_refusal(host.plan()).why.find("is reached through symbolic link") == 0);
  CHECK(only_refusal(host.plan()).leaves.empty());
}

TEST_CASE("one inode at two paths is changed once, by the first") {
  SmallHost host = stock_host();
  host.directory("/usr", {.mode = 0755});
  host.finding("mode-too-wide", "owner-only", host.credential("/usr/token", {.mode = 0644}));
  host.object("/usr/token").id = host.object(token).id;
  host.subjects.back().facts.id = host.object(token).id;
  CHECK(only_change(host.plan()).path == token);
  CHECK(rules_of(only_change(host.plan()).mends) == Words{"mode-too-wide", "readable-by-everyone"});
  // By a user's link it is left, and what was wrong is mended by its own name.
  host.special[token].link = "symbolic link of bob";
  CHECK(only_change(host.plan()).path == "/usr/token");
  CHECK(only_refusal(host.plan()).path == token);
  CHECK(only_refusal(host.plan()).leaves.empty());
}

TEST_CASE("with --only the other rules are passed over, in changes and in advice") {
  SmallHost host = stock_host();
  host.finding("credential-old", "rotate", host.subjects.front());
  host.finding("token-in-unit", "move-secret", host.subjects.front());
  host.wishes.only = {"token-in-unit"};
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(plan.refusals.empty());
  REQUIRE(plan.advice.size() == 1);
  CHECK(plan.advice.front().finding.rule == "token-in-unit");
}

TEST_CASE("what no mode mends is advice, with the steps of its rule") {
  SmallHost host;
  Subject& one = host.credential("/etc/token", {.mode = 0600});
  for (const char* fix : {"delete", "edit-configuration", "edit-group", "edit-service",
                          "let-service-read", "move-secret", "rotate"}) {
    host.finding(std::string{"rule-"} + fix, fix, one);
  }
  host.finding("odd", "none", one, Severity::low);
  host.finding("by-the-way", "none", one, Severity::info);
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(plan.refusals.empty());
  REQUIRE(plan.advice.size() == 8);
  CHECK(plan.advice.front().finding.rule == "rule-delete");
  CHECK(plan.advice.front().path == "/etc/token");
  CHECK(plan.advice.front().title == "title of rule-delete");
  CHECK(plan.advice.front().message == "message of rule-delete");
  CHECK(plan.advice.front().steps == Words{"step of rule-delete"});
  CHECK(plan.advice.back().finding.rule == "odd");
}

TEST_CASE("what is no object on disk is never changed, and not passed over") {
  SmallHost host;
  Subject& process = host.credential("/etc/token", {.mode = 0644});
  process.path = "/proc/17/cmdline";
  host.finding("x", "owner-only", process);
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(plan.advice.size() == 1);
}

TEST_CASE("directories come first, from the top, then files by path") {
  SmallHost host;
  for (const char* path : {"/srv/z", "/srv/b", "/srv/b/.cloudflared"}) {
    host.directory(path, {.mode = 0755});
    host.finding("x", "owner-only", host.subject(SubjectType::directory, path, 0700));
  }
  for (const char* path : {"/srv/z/t", "/srv/b/t", "/srv/t"}) {
    host.finding("y", "owner-only", host.credential(path, {.mode = 0644}));
  }
  Words paths;
  for (const Change& change : host.plan().changes) paths.push_back(change.path);
  CHECK(paths ==
        Words{"/srv/b", "/srv/z", "/srv/b/.cloudflared", "/srv/b/t", "/srv/t", "/srv/z/t"});
}

TEST_CASE("a remote file system is changed below what was named") {
  SmallHost host = stock_host();
  host.special[token].remote_type = "nfs4";
  CHECK(host.plan().changes.empty());
  host.wishes.named = {"/etc/cloudflared"};
  CHECK(host.plan().changes.size() == 1);
}

TEST_CASE("under --root commands name the path below it") {
  SmallHost host = needed_host(0644);
  host.report.root = "/mnt";
  CHECK(only_refusal(host.plan()).command.find("/mnt/etc/cloudflared/token") != std::string::npos);
}

}  // namespace cfwarden
