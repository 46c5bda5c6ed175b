#include "cfwarden/remedy/dependents.h"

#include "small_host.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using namespace small_host;

const std::string token = "/etc/token";

// A credential that everyone reads, and a need of `user`'s.
Subject needed_by(const std::string& user) {
  SmallHost host;
  Subject subject = host.credential(token, {.mode = 0644});
  subject.needs.push_back(host.need(user, token));
  return subject;
}

std::vector<Dependent> dependents_of(const Subject& subject) {
  const Subject* one = &subject;
  return dependents_of_file({&one, 1});
}

Dependent dependent_on(const Subject& subject) {
  const auto all = dependents_of(subject);
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace

TEST_CASE("only what root alone could have invented, and that reads it now, depends on a file") {
  Subject subject = needed_by("cloudflared");
  CHECK(dependents_of(subject).size() == 1);
  subject.needs.front().controlled_by = bob;
  CHECK(dependents_of(subject).empty());
  subject = needed_by("cloudflared");
  subject.needs.front().is_claim = true;
  CHECK(dependents_of(subject).empty());
  subject = needed_by("cloudflared");
  subject.needs.front().can_read = false;
  CHECK(dependents_of(subject).empty());
  subject.needs.front().can_read = std::nullopt;  // Not known.
  CHECK(dependents_of(subject).size() == 1);
}

TEST_CASE("root, its manager and a capability are shut out by no mode") {
  CHECK(dependent_on(needed_by("root")).is_kept_anyway);
  Subject subject = needed_by("cloudflared");
  CHECK_FALSE(dependent_on(subject).is_kept_anyway);
  subject.needs.front().read_by_manager = true;
  CHECK(dependent_on(subject).is_kept_anyway);
  subject = needed_by("cloudflared");
  subject.needs.front().reads_everything = true;
  CHECK(dependent_on(subject).is_kept_anyway);
  subject = needed_by("root");
  subject.needs.front().is_powerless = true;
  CHECK_FALSE(dependent_on(subject).is_kept_anyway);
}

TEST_CASE("a need that stands at several subjects depends once") {
  const Subject subject = needed_by("cloudflared");
  const Subject other = subject;
  const std::vector<const Subject*> both{&subject, &other};
  CHECK(dependents_of_file(both).size() == 1);
}

TEST_CASE("a directory has the needs of what is reached through it") {
  SmallHost host;
  host.directory("/srv/a", {.mode = 0755});
  host.credential("/srv/a/token", {.mode = 0644});
  host.subjects.back().needs.push_back(host.need("cloudflared", "/srv/a/token"));
  const auto through = [&](const std::string& path) {
    return dependents_of_directory(host.subjects, path, host.object(path).id).size();
  };
  CHECK(through("/srv/a") == 1);
  CHECK(through("/srv") == 1);
  CHECK(through("/home/alice") == 0);
  host.subjects.back().needs.front().entered_at = "/srv/a";  // By a bind mount.
  CHECK(through("/srv/a") == 1);
  CHECK(through("/srv") == 0);
}

TEST_CASE("access is kept where whatever let it in is left") {
  const Subject subject = needed_by("cloudflared");
  const Dependent dependent = dependent_on(subject);
  const Permissions open{.mode = 0644, .uid = 0, .gid = service};
  const auto keeps = [&](const Permissions& after) {
    return keeps_access(dependent, FileType::regular, open, after);
  };
  CHECK(keeps({.mode = 0640, .uid = 0, .gid = service}));
  CHECK_FALSE(keeps({.mode = 0640, .uid = 0, .gid = 0}));
  CHECK_FALSE(keeps({.mode = 0600, .uid = 0, .gid = service}));
  CHECK(keeps(with_entries({.mode = 0640}, 0, {{AclTag::user, service, 4}})));
}

TEST_CASE("whose user is not known is let in by whatever lets anybody in") {
  const Subject subject = needed_by("ghost");
  const Dependent dependent = dependent_on(subject);
  CHECK_FALSE(dependent.who);
  const auto keeps = [&](unsigned mode) {
    return keeps_access(dependent, FileType::regular, {.mode = 0644}, {.mode = mode});
  };
  CHECK(keeps(0644));
  CHECK_FALSE(keeps(0640));
  CHECK_FALSE(keeps(0604));
}

TEST_CASE("it is said by which way a dependent is let in, and what it is") {
  const Accounts accounts = small_accounts();
  Subject subject = needed_by("cloudflared");
  const auto how = [&](const Permissions& permissions) {
    return how_it_is_let_in(dependent_on(subject), FileType::regular, permissions, accounts);
  };
  CHECK(how({.mode = 0600, .uid = service}) == "as its owner");
  CHECK(how({.mode = 0640, .uid = 0, .gid = service}) == "through its group");
  CHECK(how({.mode = 0644}) == "through others");
  CHECK(how(with_entries({.mode = 0640}, 0, {{AclTag::user, service, 4}})) ==
        "through the ACL's entry for it");
  CHECK(how(with_entries({.mode = 0640}, 0, {{AclTag::named_group, ssl, 4}})) ==
        "through the ACL's entry for group ssl");
  CHECK(described(dependent_on(subject)) == "cloudflared.service (User=cloudflared)");
  subject.needs.front().is_container = true;
  subject.needs.front().source = StartSource::docker;
  CHECK(described(dependent_on(subject)) == "container cloudflared.service (user cloudflared)");
}

}  // namespace cfwarden
