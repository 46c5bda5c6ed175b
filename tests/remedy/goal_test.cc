#include "cfwarden/remedy/goal.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;

const Accounts accounts = small_accounts();

// Needs of these users, and what depends on a file because of them.
struct Needing {
  explicit Needing(const std::vector<std::string>& users) {
    const SmallHost host;
    subject.path = "/etc/token";
    for (const std::string& user : users) {
      subject.needs.push_back(host.need(user, "/etc"));
      subject.needs.back().can_read = true;
    }
    const Subject* one = &subject;
    dependents = dependents_of_file({&one, 1});
  }
  Needing(const Needing&) = delete;  // They point into the subject.
  Needing& operator=(const Needing&) = delete;

  Subject subject;
  std::vector<Dependent> dependents;
};

Attributes file_of(unsigned mode, std::uint32_t gid = 0) {
  return {.permissions = {.mode = mode, .uid = 0, .gid = gid}, .default_acl = {}};
}

Settled settled(const Attributes& before, const Needing& needing) {
  return settle(before, FileType::regular, {.allowed_mode = 0600, .drop_acl = true},
                needing.dependents);
}

}  // namespace

TEST_CASE("where nobody needs it all that is wanted is done") {
  const Needing nobody{{}};
  const Settled found = settled(file_of(0666), nobody);
  CHECK(found.after == file_of(0600));
  CHECK(found.wanted == found.after);
  CHECK(found.locked_out.empty());
}

TEST_CASE("it is closed as far as whoever needs it is still let in") {
  const Needing service_needs{{"cloudflared"}};
  struct Row {
    Attributes before;
    Attributes after;
  };
  for (const Row& row :
       {Row{file_of(0666), file_of(0644)}, Row{file_of(0666, service), file_of(0640, service)},
        Row{file_of(0664, ssl), file_of(0640, ssl)}}) {
    CAPTURE(row.before.permissions.gid);
    const Settled found = settled(row.before, service_needs);
    CHECK(found.after == row.after);
    CHECK(found.wanted.permissions.mode == 0600);
    REQUIRE(found.locked_out.size() == 1);
    CHECK(found.locked_out.front()->need->user == "cloudflared");
  }
}

TEST_CASE("the entry of an ACL that lets a need in stays, and the others go") {
  const Needing service_needs{{"cloudflared"}};
  const Attributes before{
      .permissions =
          with_entries({.mode = 0660}, 0, {{AclTag::user, bob, 6}, {AclTag::user, service, 6}}),
      .default_acl = {}};
  CHECK(settled(before, service_needs).after.permissions ==
        with_entries({.mode = 0640}, 0, {{AclTag::user, service, 4}}));
}

TEST_CASE("a directory is searched, and not listed, by whoever passes through it") {
  const Needing service_needs{{"cloudflared"}};
  const Settled found = settle(file_of(0755), FileType::directory,
                               {.allowed_mode = 0700, .drop_acl = true}, service_needs.dependents);
  CHECK(found.after == file_of(0711));
}

TEST_CASE("a file may be given to a service's own group, in which is nobody else") {
  const Needing service_needs{{"cloudflared"}};
  const Settled found = settled(file_of(0644), service_needs);
  const auto group = [&](const Accounts& known) {
    return service_group_of(found, {.mode = 0644}, service_needs.dependents, known);
  };
  CHECK(group(accounts) == service);
  Accounts with_bob = accounts;
  with_bob.users.back().groups.push_back(service);
  CHECK_FALSE(group(with_bob));
}

TEST_CASE("no group that stands for nobody in particular is a service's own") {
  for (const std::uint32_t gid : {0U, 65532U, 65534U}) {
    CAPTURE(gid);
    Needing service_needs{{"cloudflared"}};
    service_needs.subject.needs.front().gid = gid;
    const Settled found = settled(file_of(0644), service_needs);
    CHECK_FALSE(
        service_group_of(found, {.mode = 0644}, service_needs.dependents, accounts).has_value());
  }
}

TEST_CASE("two services that share no group are given none") {
  const Needing both{{"cloudflared", "www-data"}};
  const Settled found = settled(file_of(0644), both);
  CHECK(found.locked_out.size() == 2);
  CHECK_FALSE(service_group_of(found, {.mode = 0644}, both.dependents, accounts).has_value());
}

TEST_CASE("what is shared with a group is closed to all others, and never opened for it") {
  const Needing service_needs{{"cloudflared"}};
  const Goal goal{.allowed_mode = 0600, .drop_acl = true};
  CHECK(shared_with(service, file_of(0644), goal, service_needs.dependents) ==
        file_of(0640, service));
  // Nobody could read it: the group would gain what it had not.
  const auto closed = shared_with(service, file_of(0600), goal, service_needs.dependents);
  REQUIRE(closed);
  CHECK(closed->permissions.mode == 0600);
}

TEST_CASE("who reads through more than the owner's bits is told from who does not") {
  const Needing both{{"root", "cloudflared"}};
  const auto stopped = stopped_by_owner_only(file_of(0644), FileType::regular, both.dependents);
  REQUIRE(stopped.size() == 1);
  CHECK(stopped.front()->need->user == "cloudflared");
}

}  // namespace cfwarden
