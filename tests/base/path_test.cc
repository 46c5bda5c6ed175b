#include "cfwarden/base/path.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a path is taken apart at its last slash") {
  CHECK(file_name_of("/etc/cloudflared/token") == "token");
  CHECK(file_name_of("/") == "");
  CHECK(directory_of("/etc/cloudflared/token") == "/etc/cloudflared");
  CHECK(directory_of("/token") == "/");
}

TEST_CASE("a path lies in a directory by whole components only") {
  CHECK(lies_in("/home/alice", "/home/alice"));
  CHECK(lies_in("/home/alice/x", "/home/alice"));
  CHECK_FALSE(lies_in("/home/alicea", "/home/alice"));
  CHECK_FALSE(lies_in("/home", "/home/alice"));
  CHECK(lies_in("/home", "/"));
}
