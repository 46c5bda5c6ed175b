#include "cfwarden/sweep/loose_object.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

template <std::size_t size>
std::string bytes(const char (&text)[size]) {
  return {text, size - 1};
}

// Deflated, each with a NUL behind its head where it has one.
const std::string blob =
    bytes("\x78\x9c\x4b\xca\xc9\x4f\x52\x30\x62\xa8\xe0\x02\x00\x0e\x92\x02\x74");
const std::string empty = bytes("\x78\x9c\x4b\xca\xc9\x4f\x52\x30\x60\x00\x00\x09\xb0\x01\xf0");
const std::string tree =
    bytes("\x78\x9c\x2b\x29\x4a\x4d\x55\x30\x62\xa8\xe0\x02\x00\x0f\x30\x02\x85");
const std::string liar =
    bytes("\x78\x9c\x4b\xca\xc9\x4f\x52\x30\x66\xa8\xe0\x02\x00\x0e\x96\x02\x75");
const std::string headless =
    bytes("\x78\x9c\x4b\xca\xc9\x4f\x52\x30\xaa\xe0\x02\x00\x0c\xa0\x02\x74");
const std::string octal =
    bytes("\x78\x9c\x4b\xca\xc9\x4f\x52\x30\x30\x62\xa8\xe0\x02\x00\x11\x42\x02\xa4");

// A letter for what it is, and its content.
std::string told(const std::string& object, std::size_t most) {
  const GitObject found = loose_object(object, most);
  return static_cast<char>(found.what) + found.content;
}

}  // namespace

TEST_CASE("the content of a blob is told") {
  CHECK(told(blob, 100) == "Bx\n");
  CHECK(told(blob, 2) == "Bx\n");
  CHECK(told(empty, 100) == "B");
}

TEST_CASE("of an object its sort is told, too") {
  CHECK(told(tree, 100) == "Tx\n");
}

TEST_CASE("what is damaged, too large or lies about its size is told as damaged") {
  for (const std::string& one :
       {std::string{}, std::string{"no zlib"}, blob.substr(0, 10), liar, headless, octal}) {
    CHECK(told(one, 100) == "D");
  }
  CHECK(told(blob, 1) == "D");
}
