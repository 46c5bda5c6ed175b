#include "cfwarden/remedy/complaint.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace cfwarden;

TEST_CASE("a rule complains of what its row says, and any other of something else") {
  CHECK(complaint_of("replaceable-by-others") == Complaint::writers);
  CHECK(complaint_of("readable-by-everyone") == Complaint::everyone);
  CHECK(complaint_of("default-acl") == Complaint::default_acl);
  CHECK(complaint_of("hard-linked") == Complaint::names);
  for (const char* rule : {"readable-by-group", "mode-too-wide", "readable-by", "", "x"}) {
    CAPTURE(rule);
    CHECK(complaint_of(rule) == Complaint::other);
  }
}

TEST_CASE("no rule has two rows, and none says nothing") {
  std::set<std::string_view> rules;
  for (const RuleComplaint& row : all_complaints()) {
    CAPTURE(row.rule);
    CHECK(rules.insert(row.rule).second);
    CHECK(row.complaint != Complaint::other);
  }
}
