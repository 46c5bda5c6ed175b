#include "cfwarden/base/git_pack_index.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

// Of a pack with these ids, sorted; what stands behind them is not looked at.
std::string index_of(const std::vector<std::string>& ids) {
  std::string bytes = "\377tOc" + number(2);
  for (int i = 0; i < 256; ++i) bytes += number(static_cast<std::uint32_t>(ids.size()));
  for (const std::string& id : ids) bytes += id;
  return bytes + std::string(40, '\0');
}

std::string id_of(char byte, std::size_t size = 20) {
  return std::string(size, byte);
}

std::string text_of(char digit, std::size_t size = 40) {
  return std::string(size, digit);
}

}  // namespace

TEST_CASE("a pack holds what its index lists") {
  const std::string index = index_of({id_of('\x11'), id_of('\x33'), id_of('\xaa')});
  const std::vector<std::string> ids{text_of('1'), text_of('2'), text_of('3'),
                                     text_of('a'), text_of('f'), text_of('0')};
  const auto held = held_by_pack(index, ids);
  REQUIRE(held);
  CHECK(*held == std::vector<bool>{true, false, true, true, false, false});
}

TEST_CASE("ids of SHA-256 are as good") {
  const std::string index = index_of({id_of('\x11', 32), id_of('\x33', 32)});
  const std::vector<std::string> ids{text_of('3', 64), text_of('2', 64)};
  CHECK(held_by_pack(index, ids) == std::vector<bool>{true, false});
}

TEST_CASE("what is no index of a pack, or is cut off, is none") {
  const std::vector<std::string> ids{text_of('1')};
  CHECK_FALSE(held_by_pack("", ids));
  CHECK_FALSE(held_by_pack(std::string(2000, 'x'), ids));
  std::string index = index_of({id_of('\x11'), id_of('\x33')});
  CHECK_FALSE(held_by_pack(index.substr(0, index.size() - 60), ids));
  index[7] = 1;
  CHECK_FALSE(held_by_pack(index, ids));
  std::string larger = index_of({id_of('\x11')});
  larger.replace(8 + 255 * 4, 4, number(0xffffffff));
  CHECK_FALSE(held_by_pack(larger, ids));
}

TEST_CASE("an empty pack holds nothing") {
  const std::vector<std::string> ids{text_of('1')};
  CHECK(held_by_pack(index_of({}), ids) == std::vector<bool>{false});
}
