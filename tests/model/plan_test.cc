#include "cfwarden/model/plan.h"

#include "cfwarden/model/words.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("those whom ACL entries name get their names, and keep their ids where they have none") {
  const Accounts accounts{.users = {{.name = "alice", .uid = 1000}},
                          .groups = {{.name = "ops", .gid = 900}}};
  Attributes attributes;
  attributes.permissions.acl = {{AclTag::owner, 0, 6}, {AclTag::user, 1000, 4}};
  attributes.default_acl = {{AclTag::user, 77, 4}, {AclTag::named_group, 900, 5}};
  AclNames names;
  names.add(attributes, accounts);
  CHECK(names.users == std::map<std::uint32_t, std::string>{{77, "77"}, {1000, "alice"}});
  CHECK(names.groups == std::map<std::uint32_t, std::string>{{900, "ops"}});
}

TEST_CASE("every change of a repair counts once, whatever became of it") {
  Repair repair;
  repair.plan.changes.resize(5);
  repair.plan.refusals.resize(2);
  repair.plan.advice.resize(3);
  const RepairTally planned = tally_of(repair);
  CHECK(planned.pending == 5);
  CHECK(planned.refused == 2);
  CHECK(planned.left == 3);
  CHECK(planned.fixed + planned.failed + planned.not_reached == 0);

  repair.is_applied = true;
  repair.applied = {{Outcome::done, ""},
                    {Outcome::refused, "is gone"},
                    {Outcome::failed, "fchmodat2"},
                    {Outcome::not_reached, ""}};
  const RepairTally applied = tally_of(repair);
  CHECK(applied.pending == 0);
  CHECK(applied.fixed == 1);
  CHECK(applied.refused == 3);
  CHECK(applied.failed == 1);
  CHECK(applied.not_reached == 2);
  CHECK(applied.left == 3);
}

TEST_CASE("what became of a change has a word of its own") {
  CHECK(name_of(Outcome::done) == "done");
  CHECK(name_of(Outcome::refused) == "refused");
  CHECK(name_of(Outcome::failed) == "failed");
  CHECK(name_of(Outcome::not_reached) == "not-reached");
  CHECK(from_name<FileType>("directory") == FileType::directory);
}
