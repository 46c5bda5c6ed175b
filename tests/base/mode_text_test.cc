#include "cfwarden/base/mode_text.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a mode has four octal digits, with leading zeros") {
  CHECK(mode_text(0) == "0000");
  CHECK(mode_text(04) == "0004");
  CHECK(mode_text(0644) == "0644");
  CHECK(mode_text(04755) == "4755");
  CHECK(mode_text(07777) == "7777");
}

TEST_CASE("the type of a file is no part of its mode") {
  CHECK(mode_text(0100600) == "0600");
  CHECK(mode_text(0040755) == "0755");
}
