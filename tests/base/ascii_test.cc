#include "cfwarden/base/ascii.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace cfwarden {
namespace {

std::string all_that(bool (*is)(char)) {
  std::string all;
  for (int byte = std::numeric_limits<char>::min(); byte <= std::numeric_limits<char>::max();
       ++byte)
    if (is(static_cast<char>(byte))) all.push_back(static_cast<char>(byte));
  return all;
}

TEST_CASE("of all bytes only those of ASCII are letters and digits") {
  CHECK(all_that(is_lower) == "abcdefghijklmnopqrstuvwxyz");
  CHECK(all_that(is_upper) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  CHECK(all_that(is_digit) == "0123456789");
  CHECK(all_that(is_hex_digit) == "0123456789ABCDEFabcdef");
}

TEST_CASE("a hex digit has its value in either letter case") {
  CHECK(hex_value('0') == 0);
  CHECK(hex_value('9') == 9);
  CHECK(hex_value('a') == 10);
  CHECK(hex_value('F') == 15);
  CHECK(hex_value('g') == -1);
}

}  // namespace
}  // namespace cfwarden
