#include "cfwarden/base/git_id.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

TEST_CASE("an object has the id that git gives it") {
  CHECK(git_id_text(git_id_of("blob", "", 20)) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  CHECK(git_id_text(git_id_of("tree", "", 20)) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  CHECK(git_id_text(git_id_of("blob", "test content\n", 20)) ==
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4");
  CHECK(git_id_text(git_id_of("blob", "", 32)) ==
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
  CHECK(git_id_of("blob", "", 16).empty());
}

TEST_CASE("an id is written in hexadecimal, and read again") {
  CHECK(git_id_text(std::string{"\x00\x7f\xff", 3}) == "007fff");
  CHECK(git_id_bytes("007fff") == std::string{"\x00\x7f\xff", 3});
}
