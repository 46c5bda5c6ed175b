#include "cfwarden/app/exposure_by_names.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;

namespace {

using Words = std::vector<std::string>;

ExposureByName named(const std::string& name, Reach readers) {
  return {.name = name, .exposure = {.readers = std::move(readers), .writers = {}}};
}

const Reach nobody{};
const Reach group{.audience = Audience::group, .accounts = {"bob"}, .because = {"group devs: bob"}};
const Reach everyone{.audience = Audience::everyone,
                     .accounts = {"alice", "bob"},
                     .because = {"mode 0644"},
                     .strangers = true};

}  // namespace

TEST_CASE("a name that gives no more than the first changes nothing") {
  for (const Reach& reach : {nobody, group, everyone}) {
    const Exposure exposure = exposure_by_names({.readers = reach, .writers = {}},
                                                {named("/z", nobody), named("/y", reach)});
    CHECK(exposure.readers.audience == reach.audience);
    CHECK(exposure.readers.accounts == reach.accounts);
    CHECK(exposure.readers.because == reach.because);
  }
}

TEST_CASE("the widest name decides, and is named") {
  const Exposure exposure = exposure_by_names({.readers = nobody, .writers = {}},
                                              {named("/b", group), named("/c", everyone)});
  CHECK(exposure.readers.audience == Audience::everyone);
  CHECK(exposure.readers.strangers);
  CHECK(exposure.readers.accounts == Words{"alice", "bob"});
  CHECK(exposure.readers.because == Words{"by its name /c: mode 0644"});
  CHECK(exposure.writers.audience == Audience::owner);
}

TEST_CASE("names that let in different accounts are told side by side") {
  const Reach alice{
      .audience = Audience::some_users, .accounts = {"alice"}, .because = {"ACL: alice"}};
  const Reach bob{.audience = Audience::some_users, .accounts = {"bob"}, .because = {"ACL: bob"}};
  const Exposure exposure =
      exposure_by_names({.readers = alice, .writers = {}}, {named("/b", bob), named("/c", bob)});
  CHECK(exposure.readers.accounts == Words{"alice", "bob"});
  CHECK(exposure.readers.because == Words{"ACL: alice", "by its name /b: ACL: bob"});
}

TEST_CASE(
    "of whose names not all were looked at, that is said; everyone is everyone all the same") {
  Exposure exposure;
  exposure.writers.audience = Audience::everyone;
  make_least(exposure);
  CHECK(exposure.readers.audience == Audience::owner);
  CHECK(exposure.readers.at_least);
  CHECK(exposure.readers.because ==
        std::vector<std::string>{"not all names of the file were looked at"});
  CHECK_FALSE(exposure.writers.at_least);
  CHECK(exposure.writers.because.empty());
}

TEST_CASE("accounts that are too many to list are not listed by halves") {
  Reach many = everyone;
  many.accounts.clear();
  const Exposure exposure =
      exposure_by_names({.readers = group, .writers = {}}, {named("/c", many)});
  CHECK(exposure.readers.audience == Audience::everyone);
  CHECK(exposure.readers.accounts.empty());
}

TEST_CASE("writers are judged as readers are") {
  const Exposure exposure =
      exposure_by_names({}, {{.name = "/tmp/x", .exposure = {.readers = {}, .writers = everyone}}});
  CHECK(exposure.readers.audience == Audience::owner);
  CHECK(exposure.writers.audience == Audience::everyone);
  CHECK(exposure.writers.because == Words{"by its name /tmp/x: mode 0644"});
}

TEST_CASE("however many names there are, few clauses tell of them") {
  std::vector<ExposureByName> names;
  for (int i = 0; i < 100; ++i) {
    const std::string account = "user" + std::to_string(i);
    names.push_back(named(
        "/" + account,
        {.audience = Audience::some_users, .accounts = {account}, .because = {"ACL: " + account}}));
  }
  const Exposure exposure = exposure_by_names({}, names);
  CHECK(exposure.readers.accounts.size() == 100);
  CHECK(exposure.readers.because.size() == 8);
}
