#include "cfwarden/model/report.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("attributes mend three of the fix words") {
  Finding finding;
  for (const char* fix : {"owner-only", "remove-acl", "set-owner"}) {
    CAPTURE(fix);
    finding.fix = fix;
    CHECK(is_mended_by_attributes(finding));
  }
  for (const char* fix : {"none", "rotate", "delete", "", "owner"}) {
    CAPTURE(fix);
    finding.fix = fix;
    CHECK_FALSE(is_mended_by_attributes(finding));
  }
}
