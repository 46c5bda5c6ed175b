#include "cfwarden/remedy/plan.h"

#include "small_host.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace cfwarden {
namespace {

using namespace small_host;

const std::string token = "/etc/cloudflared/token";

ExceptionPtr accepted_by_ops() {
  return std::make_shared<const Exception>(Exception{.reason = "a reason",
                                                     .owner = "ops",
                                                     .expires = "2026-12-31",
                                                     .file = "/etc/cfwarden/exceptions.d/a.json"});
}

// One credential that everyone reads, and that somebody accepts.
SmallHost accepted_host() {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0755});
  host.finding("readable-by-everyone", "owner-only", host.credential(token, {.mode = 0644}))
      .exception = accepted_by_ops();
  return host;
}

}  // namespace

TEST_CASE("what is accepted is left as it is, and listed apart") {
  SmallHost host = accepted_host();
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(plan.refusals.empty());
  CHECK(plan.advice.empty());
  REQUIRE(plan.accepted.size() == 1);
  CHECK(plan.accepted[0].finding.rule == "readable-by-everyone");
  CHECK(plan.accepted[0].path == token);
  CHECK(plan.accepted[0].exception->owner == "ops");
}

TEST_CASE("an object is not changed for one finding while another one of it is accepted") {
  SmallHost host = accepted_host();
  host.finding("replaceable-by-others", "owner-only", host.subjects.front());
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  REQUIRE(plan.refusals.size() == 1);
  CHECK(plan.refusals[0].why ==
        "ops accepts readable-by-everyone here until 2026-12-31, in "
        "/etc/cfwarden/exceptions.d/a.json: a change would end that");
  REQUIRE(plan.refusals[0].leaves.size() == 1);
  CHECK(plan.refusals[0].leaves[0].rule == "replaceable-by-others");
  CHECK(plan.accepted.size() == 1);
}

TEST_CASE("what no change could mend does not keep an object from being closed") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0755});
  Subject& subject = host.credential(token, {.mode = 0644});
  host.finding("readable-by-everyone", "owner-only", subject);
  host.finding("credential-old", "rotate", subject).exception = accepted_by_ops();
  const Plan plan = host.plan();
  CHECK(plan.changes.size() == 1);
  CHECK(plan.advice.empty());
  CHECK(plan.accepted.size() == 1);
}

TEST_CASE("a directory whose openness is accepted is not closed for the sake of a file in it") {
  SmallHost host;
  host.directory("/etc/cloudflared", {.mode = 0777});
  Subject& directory = host.subject(SubjectType::directory, "/etc/cloudflared", 0755);
  host.finding("credential-directory-open", "owner-only", directory).exception = accepted_by_ops();
  host.finding("readable-by-everyone", "owner-only", host.credential(token, {.mode = 0644}));
  const Plan plan = host.plan();
  CHECK(plan.changes.empty());
  CHECK(plan.refusals.size() == 2);
}

TEST_CASE("only what was asked for is listed as accepted") {
  SmallHost host = accepted_host();
  host.wishes.only = {"acl-grants-access"};
  CHECK(host.plan().accepted.empty());
}

}  // namespace cfwarden
