// What commands run as, and what they set: facts made for the steps.
#include "cfwarden/rules/facts.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

DirectoryFacts directory(const std::string& path, unsigned mode, std::uint32_t uid) {
  return {.path = path, .permissions = {.mode = mode, .uid = uid}};
}

Subject file_of(const std::string& owner, std::uint32_t uid) {
  Subject subject;
  subject.path = "/srv/token";
  subject.owner = owner;
  subject.facts.permissions = {.mode = 0644, .uid = uid};
  subject.facts.ancestors = {directory("/", 0755, 0), directory("/srv", 0755, 0)};
  return subject;
}

std::string filled(std::string_view text, const Subject& subject) {
  return fill_template(text, facts_of(subject));
}

constexpr std::string_view as_7777 = "sudo setpriv --reuid=7777 --regid=7777 --clear-groups --";
constexpr std::string_view unsafe = "# only once no directory above can be changed by others: sudo";

}  // namespace

TEST_CASE("a command runs as the owner by name, and by number where sudo knows no such name") {
  CHECK(filled("{as_owner}", file_of("alice", 1000)) == "sudo -u alice");
  CHECK(filled("{as_owner}", file_of("a b", 1000)) == "sudo -u 'a b'");
  CHECK(filled("{as_owner}", file_of("root", 0)) == "sudo");
  CHECK(filled("{as_owner}", file_of("7777", 7777)) == as_7777);
  CHECK(filled("{as_owner}", file_of("-n\n", 7777)) == as_7777);
  CHECK(fill_template("{as_owner}", no_facts()) == "sudo -u OWNER");
}

TEST_CASE("under another root accounts are numbers, and services are not this host's") {
  Subject subject = file_of("alice", 7777);
  CHECK(filled("{on_host}systemctl", subject) == "systemctl");
  subject.root_prefix = "/mnt";
  CHECK(filled("{as_owner} chmod {path:quoted}", subject) ==
        std::string{as_7777} + " chmod /mnt/srv/token");
  CHECK(filled("{on_host}systemctl", subject) == "# on that host: systemctl");
  CHECK(fill_template("{on_host}systemctl", no_facts("/mnt")) == "# on that host: systemctl");
  CHECK(fill_template("{on_host}systemctl", no_facts()) == "systemctl");
}

TEST_CASE("under another root a path that a link is part of does not reach a command") {
  Subject subject = file_of("alice", 7777);
  subject.root_prefix = "/mnt";
  const std::vector<std::vector<DirectoryFacts>> led_by_links = {
      {directory("/", 0755, 0), directory("/data", 0755, 0)},
      {directory("/", 0755, 0)},
      {directory("/srv", 0755, 0)},
      {directory("/", 0755, 0), directory("/srv", 0755, 0), directory("/", 0755, 0),
       directory("/srv", 0755, 0)},
  };
  for (const auto& ancestors : led_by_links) {
    subject.facts.ancestors = ancestors;
    CHECK(filled("{path:quoted}", subject) == "FILE");
  }
}

TEST_CASE("removing runs as the owner of the directory, whoever owns the file") {
  Subject subject = file_of("alice", 1000);
  CHECK(filled("{as_directory_owner}", subject) == "sudo");
  CHECK(filled("{directory_owner}", subject) == "root");
  subject.facts.ancestors.back().permissions.uid = 1000;
  CHECK(filled("{as_directory_owner}", subject) == "sudo -u alice");
  CHECK(filled("{directory_owner}", subject) == "alice");
  subject.facts.ancestors.back().permissions.uid = 7777;
  CHECK(filled("{as_directory_owner}", subject) == as_7777);
  CHECK(filled("{directory_owner}", subject) == "7777");
  CHECK(fill_template("{as_directory_owner}", no_facts()) == "sudo -u DIRECTORY_OWNER");
}

TEST_CASE("root is not sent where others could lead it to another file") {
  struct Case {
    DirectoryFacts above;
    bool is_safe;
    bool is_safe_for_chown;
  };
  const Case cases[] = {
      {directory("/srv", 0755, 0), true, true},      {directory("/srv", 01777, 0), true, false},
      {directory("/srv", 0777, 0), false, false},    {directory("/srv", 0775, 0), false, false},
      {directory("/srv", 0755, 1000), false, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.above.permissions.mode);
    CAPTURE(c.above.permissions.uid);
    Subject subject = file_of("root", 0);
    subject.facts.ancestors.back() = c.above;
    CHECK(filled("{as_owner}", subject) == (c.is_safe ? "sudo" : unsafe));
    CHECK(filled("{as_root}", subject) == (c.is_safe_for_chown ? "sudo" : unsafe));
  }
}

TEST_CASE("the mode to set is never wider than allowed, and lets the owner read") {
  const std::pair<unsigned, std::string_view> cases[] = {{0644, "0600"}, {0444, "0400"},
                                                         {0044, "0400"}, {0000, "0400"},
                                                         {0200, "0600"}, {04755, "0600"}};
  for (const auto& row : cases) {
    CAPTURE(row.first);
    Subject subject = file_of("alice", 1000);
    subject.facts.permissions.mode = row.first;
    CHECK(filled("{mended_mode}", subject) == row.second);
    subject.type = SubjectType::directory;
    subject.allowed_mode = 0700;
    subject.facts.permissions.mode = 0055;
    CHECK(filled("{mended_mode}", subject) == "0500");
  }
}

TEST_CASE("setgid and the sticky bit of a directory are no excess, and stay") {
  Subject directory = file_of("alice", 1000);
  directory.type = SubjectType::directory;
  directory.allowed_mode = 0755;
  directory.facts.permissions.mode = 03755;
  CHECK(filled("{mode_excess} {mended_mode}", directory) == "0000 3755");
  directory.facts.permissions.mode = 02775;
  CHECK(filled("{mode_excess} {mended_mode}", directory) == "0020 2755");
}

TEST_CASE("what lies where others lay files out is known by its place") {
  Subject subject = file_of("root", 0);
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/nix/store/0123-x/token", "nix-store"},
      {"/run/credentials/cloudflared.service/token", "systemd"},
      {"/var/lib/kubelet/pods/1/volumes/token", "kubelet"},
      {"/nix/storefront/token", "nobody"},
      {"/etc/cloudflared/token", "nobody"}};
  for (const auto& row : cases) {
    subject.path = row.first;
    CHECK(filled("{managed_by}", subject) == row.second);
  }
}

TEST_CASE("a file is open to strangers when everyone can read it, or all but a few") {
  Subject subject = file_of("alice", 1000);
  CHECK(filled("{open_to_strangers}", subject) == "no");
  subject.exposure.readers.audience = Audience::everyone;
  CHECK(filled("{open_to_strangers}", subject) == "yes");
  subject.exposure.readers = {.audience = Audience::some_users, .strangers = true};
  CHECK(filled("{open_to_strangers}", subject) == "yes");
}
