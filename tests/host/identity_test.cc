#include "cfwarden/host/identity.h"

#include "tree.h"

#include <doctest/doctest.h>
#include <cstdlib>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("the running host's root by any spelling is the running host") {
  for (const std::string root : {"", "/", "//", "/.", "/./"}) {
    CAPTURE(root);
    CHECK(is_running_host(root));
  }
  for (const std::string root : {".", "./", "image", "/image", "/image/", "/.."}) {
    CAPTURE(root);
    CHECK_FALSE(is_running_host(root));
  }
}

TEST_CASE("the caller's home has one spelling") {
  const char* before = std::getenv("HOME");
  const std::string kept = before != nullptr ? before : "";
  REQUIRE(setenv("HOME", "//srv/./alice/", 1) == 0);
  CHECK(home_of_caller({}) == "/srv/alice");
  REQUIRE(setenv("HOME", kept.c_str(), 1) == 0);
}

TEST_CASE("the host name of a root is the first line of its file") {
  Tree tree;
  tree.directory("/etc");
  CHECK(hostname_of_root(*Opener::at(tree.path())).empty());
  tree.file("/etc/hostname", 0, 0644, "inside\nmore\n");
  CHECK(hostname_of_root(*Opener::at(tree.path())) == "inside");
}

TEST_CASE("the host name of a user's root is not read from a file that is closed to the user") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/image", alice);
  tree.directory("/image/etc", alice);
  tree.file("/image/etc/hostname", 0, 0600, "root:invented-hash\n");
  CHECK(hostname_of_root(*Opener::at(tree.at("/image"))).empty());
}

}  // namespace
}  // namespace cfwarden
