#include "cfwarden/app/subjects.h"

#include "cfwarden/rules/facts.h"
#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

const Accounts accounts{
    .users = {{.name = "root", .uid = 0, .gid = 0, .home = "/root"},
              {.name = "daemon", .uid = 1, .gid = 1, .home = "/usr/sbin"},
              {.name = "bin", .uid = 2, .gid = 2, .home = "/"},
              {.name = "cloudflared", .uid = 150, .gid = 150, .home = "/var/lib/cloudflared"},
              {.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice"},
              {.name = "nested", .uid = 1001, .gid = 1001, .home = "/home/alice/nested"}},
    .groups = {{"root", 0}, {"cloudflared", 150}, {"alice", 1000}}};

constexpr std::int64_t now = 1'700'000'000;
const SubjectFrame as_root{.accounts = &accounts, .caller = 0, .now = now};

DirectoryFacts directory(const std::string& path, unsigned mode, std::uint32_t uid) {
  return {.path = path, .id = {}, .permissions = {mode, uid, uid, {}}, .default_acl = {}};
}

FileFacts file(unsigned mode, std::uint32_t uid, std::uint32_t gid,
               std::vector<DirectoryFacts> ancestors) {
  FileFacts facts;
  facts.permissions = {mode, uid, gid, {}};
  facts.modified = now - 3 * 24 * 60 * 60;
  facts.ancestors = std::move(ancestors);
  return facts;
}

Subject in_system(unsigned mode, std::uint32_t uid, std::uint32_t gid) {
  return subject_of_file(
      SubjectType::credential, "/etc/cloudflared/token",
      file(mode, uid, gid, {directory("/", 0755, 0), directory("/etc", 0755, 0)}), as_root);
}

Credential tunnel_credentials(const std::string& tunnel) {
  Credential credential;
  credential.kind = "tunnel-credentials";
  credential.authority = Authority::run_tunnel;
  credential.scope.tunnel = tunnel;
  return credential;
}

}  // namespace

TEST_CASE("a home is the longest one that fits, and / is nobody's") {
  CHECK(home_owner("/home/alice/.cloudflared/cert.pem", accounts)->name == "alice");
  CHECK(home_owner("/home/alice/nested/x", accounts)->name == "nested");
  CHECK(home_owner("/home/alicea/x", accounts) == nullptr);
  CHECK(home_owner("/etc/cloudflared/token", accounts) == nullptr);
}

TEST_CASE(
    "system directories belong to root, an account named cloudflared, or the container user") {
  for (const std::uint32_t uid : {0U, 150U, 65532U}) {
    CAPTURE(uid);
    CHECK(in_system(0600, uid, 0).owner_expected == Answer::yes);
  }
  const Subject alices = in_system(0600, 1000, 1000);
  CHECK(alices.owner_expected == Answer::no);
  CHECK(alices.owner == "alice");
  CHECK(alices.expected_owner == "root or cloudflared or 65532");
}

TEST_CASE("a home's files belong to its account, not to root") {
  const std::vector<DirectoryFacts> above{directory("/home/alice", 0755, 1000)};
  const auto at_home = [&](std::uint32_t uid) {
    return subject_of_file(SubjectType::credential, "/home/alice/.cloudflared/token",
                           file(0600, uid, uid, above), as_root);
  };
  CHECK(at_home(1000).owner_expected == Answer::yes);
  CHECK(at_home(0).owner_expected == Answer::no);
}

TEST_CASE("a system directory that an account was given as its home stays root's as well") {
  const auto subject =
      subject_of_file(SubjectType::credential, "/usr/sbin/token",
                      file(0600, 0, 0, {directory("/usr/sbin", 0755, 0)}), as_root);
  CHECK(subject.owner_expected == Answer::yes);
}

TEST_CASE("an ordinary caller may own what lies outside of homes") {
  const SubjectFrame as_alice{.accounts = &accounts, .caller = 1000, .now = now};
  const auto facts = file(0600, 1000, 1000, {directory("/srv", 0755, 0)});
  CHECK(subject_of_file(SubjectType::credential, "/srv/token", facts, as_alice).owner_expected ==
        Answer::yes);
  CHECK(subject_of_file(SubjectType::credential, "/srv/token", facts, as_root).owner_expected ==
        Answer::no);
}

TEST_CASE("outside homes and the system the owner of the user's own directory is expected too") {
  const std::vector<DirectoryFacts> above{directory("/", 0755, 0), directory("/tmp", 01777, 0),
                                          directory("/tmp/ali", 0700, 1000)};
  const auto owned_by = [&](std::uint32_t uid, const std::string& path) {
    return subject_of_file(SubjectType::credential, path, file(0600, uid, uid, above), as_root)
        .owner_expected;
  };
  CHECK(owned_by(1000, "/tmp/ali/token") == Answer::yes);
  CHECK(owned_by(1001, "/tmp/ali/token") == Answer::no);
  CHECK(owned_by(1000, "/etc/cloudflared/token") == Answer::no);
}

TEST_CASE("directories in homes may be 0700 and those of the system 0755") {
  const auto allowed = [](const std::string& path) {
    return subject_of_file(SubjectType::directory, path, file(0755, 0, 0, {}), as_root)
        .allowed_mode;
  };
  CHECK(allowed("/home/alice/.cloudflared") == 0700);
  CHECK(allowed("/root/.cloudflared") == 0700);
  CHECK(allowed("/home/nonroot/.cloudflared") == 0700);
  CHECK(allowed("/etc/cloudflared") == 0755);
}

TEST_CASE("tunnel credentials may be readable by the service's own group, certificates never") {
  Subject shared = in_system(0640, 0, 150);
  add_credential(shared, tunnel_credentials(""), as_root);
  CHECK(shared.allowed_mode == 0640);

  Subject certificate = in_system(0640, 0, 150);
  Credential account;
  account.kind = "account-certificate";
  account.authority = Authority::manage_account;
  add_credential(certificate, account, as_root);
  CHECK(certificate.allowed_mode == 0600);

  Subject other_group = in_system(0640, 0, 1000);
  add_credential(other_group, tunnel_credentials(""), as_root);
  CHECK(other_group.allowed_mode == 0600);
}

TEST_CASE("the service's group with another member is not the service's own") {
  Accounts shared = accounts;
  shared.users[4].groups = {150};
  const SubjectFrame frame{.accounts = &shared, .caller = 0, .now = now};
  Subject subject = subject_of_file(SubjectType::credential, "/etc/cloudflared/token",
                                    file(0640, 0, 150, {}), frame);
  add_credential(subject, tunnel_credentials(""), frame);
  CHECK(subject.allowed_mode == 0600);
}

TEST_CASE("a credentials file's name is compared with its tunnel id, in a backup too") {
  const std::string id = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
  const auto answer = [&](const std::string& name, const std::string& tunnel) {
    Subject subject = subject_of_file(SubjectType::credential, "/etc/cloudflared/" + name,
                                      file(0400, 0, 0, {}), as_root);
    add_credential(subject, tunnel_credentials(tunnel), as_root);
    return subject.id_matches_name;
  };
  CHECK(answer(id + ".json", id) == Answer::yes);
  CHECK(answer("6F1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D.json", id) == Answer::yes);
  CHECK(answer(id + ".json", "11111111-2222-4333-8444-555555555555") == Answer::no);
  CHECK(answer(id + ".json.bak", "11111111-2222-4333-8444-555555555555") == Answer::no);
  CHECK(answer("shop.json", id) == Answer::unknown);
  CHECK(answer(id + ".json", "") == Answer::unknown);
}

TEST_CASE("age is counted in whole days and never below zero") {
  CHECK(in_system(0600, 0, 0).age_days == 3);
  const SubjectFrame earlier{.accounts = &accounts, .caller = 0, .now = now - 1'000'000};
  CHECK(subject_of_file(SubjectType::credential, "/x", file(0600, 0, 0, {}), earlier).age_days ==
        0);
}

TEST_CASE("a directory's subject is drawn from the file that lies in it") {
  const auto facts =
      file(0600, 1000, 1000, {directory("/", 0755, 0), directory("/home/alice", 0700, 1000)});
  const Subject subject = subject_of_directory(facts, as_root);
  CHECK(subject.type == SubjectType::directory);
  CHECK(subject.path == "/home/alice");
  CHECK(subject.facts.permissions.mode == 0700);
  REQUIRE(subject.facts.ancestors.size() == 1);
  CHECK(subject.facts.ancestors[0].path == "/");
}

TEST_CASE("no built-in rule fires on a sound directory, and some do on one that is open to all") {
  const auto rules = load_rules({});
  REQUIRE(rules);
  const std::vector<AclEntry> names_others{{AclTag::user, 1000, 7}, {AclTag::mask, 0, 7}};
  for (const std::string path : {"/etc/cloudflared", "/home/alice/.cloudflared"}) {
    for (const unsigned mode : {0700U, 0750U, 0755U, 0775U, 0777U, 01777U}) {
      for (const bool has_default_acl : {false, true}) {
        CAPTURE(path);
        CAPTURE(mode);
        FileFacts facts = file(mode, path.starts_with("/home") ? 1000 : 0, 0, {});
        if (has_default_acl) facts.default_acl = names_others;
        const Subject subject = subject_of_file(SubjectType::directory, path, facts, as_root);
        const bool sound = is_sound_directory(path, facts.permissions, facts.default_acl);
        const bool fires = !findings_of(*rules, subject).empty();
        CHECK_FALSE((sound && fires));
        if (mode == 0777 || has_default_acl) CHECK(fires);
      }
    }
  }
}

TEST_CASE("what a process was started with has readers, and neither mode nor links nor age") {
  Subject subject =
      subject_of_file(SubjectType::credential, "/proc/12/cmdline", file(0444, 0, 0, {}), as_root);
  stand_in_memory(subject, "python3");
  CHECK(subject.program == "python3");
  CHECK(subject.exposure.readers.audience == Audience::everyone);
  CHECK(subject.exposure.readers.because ==
        std::vector<std::string>{"the arguments of a process are shown to every account"});
  CHECK_FALSE(subject.age_days);
  const FactValues facts = facts_of(subject);
  for (const char* name : {"mode", "allowed_mode", "mode_excess", "mended_mode", "links"}) {
    CAPTURE(name);
    CHECK(std::holds_alternative<std::monostate>(facts.of(*find_fact(name))));
  }
}

TEST_CASE("what lies closed in a store is root's, though build users may add to the store") {
  const auto controller = [](const std::string& location, std::uint32_t uid, unsigned mode) {
    Opened file{.path = location, .territory = {.trusted = false, .uid = 65534}};
    file.location = location;
    file.facts.permissions = {.mode = mode, .uid = uid};
    return controller_of(file);
  };
  CHECK(controller("/nix/store/0c5g-cloudflared.yml", 0, 0444) == 0);
  CHECK(controller("/gnu/store/0c5g-cloudflared.yml", 0, 0555) == 0);
  CHECK(controller("/nix/store/0c5g-cloudflared.yml", 0, 0644) == 65534);
  CHECK(controller("/nix/store/0c5g-cloudflared.yml", 30001, 0444) == 65534);
  CHECK(controller("/tmp/nix/store/cloudflared.yml", 0, 0444) == 65534);
}
