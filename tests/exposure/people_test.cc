#include "cfwarden/exposure/people.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Names = std::vector<std::string>;

Account account(std::string name, std::uint32_t uid, std::uint32_t gid,
                std::vector<std::uint32_t> groups = {}) {
  return {.name = std::move(name), .uid = uid, .gid = gid, .home = "", .groups = std::move(groups)};
}

FileFacts file_of(std::uint32_t uid, std::uint32_t gid) {
  FileFacts facts;
  facts.permissions = {.mode = 0640, .uid = uid, .gid = gid, .acl = {}};
  return facts;
}

std::vector<Names> names_in(const std::vector<PeopleAlike>& all) {
  std::vector<Names> names;
  for (const PeopleAlike& alike : all) add_names(alike, names.emplace_back());
  return names;
}

TEST_CASE("accounts are alike unless the facts tell them apart") {
  const Accounts accounts{
      .users = {account("root", 0, 0), account("owner", 1, 50), account("a", 2, 2, {60, 61}),
                account("b", 3, 3, {61}), account("member", 4, 50), account("also", 5, 5, {70, 50}),
                account("both", 6, 6, {51, 50}), account("named", 7, 7)},
      .groups = {}};
  FileFacts facts = file_of(1, 50);
  facts.permissions.acl = {{AclTag::user, 7, 4},
                           {AclTag::user, 99, 4},
                           {AclTag::user, 1, 4},
                           {AclTag::named_group, 51, 4}};
  CHECK(names_in(people_of(facts, accounts)) ==
        std::vector<Names>{{"a", "b"}, {"member", "also"}, {"both"}, {"named"}, {"99"}});
}

TEST_CASE(
    "the stranger has no uid that the facts speak of, and comes first even on an empty host") {
  FileFacts facts = file_of(4'000'000'000, 50);
  facts.permissions.acl = {{AclTag::user, 4'000'000'001, 4}};
  const auto all = people_of(facts, {});
  REQUIRE(all.size() == 2);
  CHECK(is_empty(all[0]));
  CHECK(all[0].who.uid == 4'000'000'002);
  CHECK(all[0].who.gids.empty());
  CHECK(names_in(all)[1] == Names{"4000000001"});
}

}  // namespace
}  // namespace cfwarden
