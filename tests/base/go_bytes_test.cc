#include "cfwarden/base/go_bytes.h"

#include <doctest/doctest.h>

#include <string_view>

namespace cfwarden {
namespace {

TEST_CASE("nothing was read into new bytes") {
  const GoBytes bytes;
  CHECK(bytes.size() == 0);
  CHECK(bytes.reveal().empty());
}

TEST_CASE("bytes are as long as the last value, and an element kept is what was there before") {
  GoBytes bytes;
  bytes.reserve(8);
  bytes.room()[0] = 'a';
  bytes.room()[1] = 'b';
  bytes.room()[2] = 'c';
  bytes.set_size(3);
  CHECK(bytes.reveal() == "abc");

  bytes.set_element(0, 'x');
  bytes.keep_element(1);
  bytes.end_array(2);
  CHECK(bytes.reveal() == "xb");

  for (std::size_t i = 0; i < 4; ++i) bytes.keep_element(i);
  bytes.end_array(4);
  CHECK(bytes.reveal() == std::string_view("xbc\0", 4));
}

TEST_CASE("what was cleared is not kept") {
  GoBytes bytes;
  bytes.reserve(4);
  bytes.set_element(0, 'x');
  bytes.end_array(1);
  bytes.clear();
  CHECK(bytes.reveal().empty());
  bytes.keep_element(0);
  bytes.end_array(1);
  CHECK(bytes.reveal() == std::string_view("\0", 1));
}

TEST_CASE("more room is made once and only when it is needed") {
  GoBytes bytes;
  bytes.reserve(4);
  const char* const first = bytes.room().data();
  bytes.set_element(0, 'x');
  bytes.end_array(1);
  bytes.reserve(4);
  CHECK(bytes.room().data() == first);
  CHECK(bytes.reveal() == "x");
}

}  // namespace
}  // namespace cfwarden
