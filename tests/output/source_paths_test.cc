#include "cfwarden/output/source_paths.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a path below the top of the repository stands from there on, any other does not") {
  Report report;
  CHECK_FALSE(path_in_source("/srv/a", report));
  report.source_root = "/srv/repo";
  CHECK(path_in_source("/srv/repo/a/b", report) == "a/b");
  CHECK_FALSE(path_in_source("/srv/repo", report));
  CHECK_FALSE(path_in_source("/srv/repository/a", report));
  CHECK_FALSE(path_in_source("/srv/a", report));
  report.source_root = "/";
  CHECK(path_in_source("/a/b", report) == "a/b");
}

TEST_CASE("all that means something in a URI is escaped in its path") {
  CHECK(uri_path("/a-b_c.d~e/F0") == "/a-b_c.d~e/F0");
  CHECK(uri_path("a:b?c#d%e[f] \n") == "a%3Ab%3Fc%23d%25e%5Bf%5D%20%0A");
  CHECK(uri_path("\xff\xc3\xa9") == "%FF%C3%A9");
}
