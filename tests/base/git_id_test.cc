#include "cfwarden/base/git_id.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

namespace {

std::string hex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4U];
    text += digits[static_cast<unsigned char>(byte) & 0xfU];
  }
  return text;
}

}  // namespace

TEST_CASE("an object has the id that git gives it") {
  CHECK(hex(git_id_of("blob", "", 20)) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  CHECK(hex(git_id_of("tree", "", 20)) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  CHECK(hex(git_id_of("blob", "test content\n", 20)) == "d670460b4b4aece5915caf5c68d12f560a9fe3e4");
  CHECK(hex(git_id_of("blob", "", 32)) ==
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
  CHECK(git_id_of("blob", "", 16).empty());
}
