#include "cfwarden/sweep/git_pack.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace cfwarden;

namespace {

std::string big_endian(std::uint64_t number, unsigned bytes) {
  std::string text;
  while (bytes-- != 0) text += static_cast<char>(number >> (8 * bytes) & 0xffU);
  return text;
}

// zlib that stores: one block.
std::string stored(const std::string& text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : text) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<unsigned>(text.size());
  const std::string length{static_cast<char>(size & 0xffU), static_cast<char>(size >> 8U)};
  const std::string inverse{static_cast<char>(~size & 0xffU),
                            static_cast<char>(~size >> 8U & 0xffU)};
  return "\x78\x01\x01" + length + inverse + text + big_endian(b << 16U | a, 4);
}

std::string head(unsigned type, std::size_t size) {
  std::string text;
  unsigned byte = type << 4U | static_cast<unsigned>(size & 0xfU);
  for (size >>= 4U; size != 0; size >>= 7U) {
    text += static_cast<char>(byte | 0x80U);
    byte = static_cast<unsigned>(size & 0x7fU);
  }
  return text + static_cast<char>(byte);
}

BytesAt reader_of(const std::string& bytes) {
  return [bytes](std::uint64_t at, std::size_t count) {
    return at > bytes.size() ? std::string{} : bytes.substr(at, count);
  };
}

std::string id_of(char first) {
  return first + std::string(19, 'i');
}

// Objects with their ids, in the order of these.
struct Packed {
  std::string pack = "PACK" + big_endian(2, 4) + big_endian(1, 4);
  std::vector<std::pair<std::string, std::size_t>> places;

  std::size_t add(char first, const std::string& bytes) {
    places.emplace_back(id_of(first), pack.size());
    pack += bytes;
    return places.back().second;
  }

  std::string index() const {
    std::string text{"\377tOc\0\0\0\2", 8};
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto up_to = std::ranges::count_if(places, [byte](const auto& place) {
        return static_cast<unsigned char>(place.first.front()) <= byte;
      });
      text += big_endian(static_cast<std::uint64_t>(up_to), 4);
    }
    for (const auto& place : places) text += place.first;
    text += std::string(places.size() * 4, 'c');
    for (const auto& place : places) text += big_endian(place.second, 4);
    return text;
  }

  GitObject object(char first, std::size_t most = 1000, std::uint64_t budget = 10000) const {
    return GitPack{reader_of(index()), reader_of(pack), 20}.object(id_of(first), most, budget);
  }
};

// Of "hello world": the word "world", and "!" behind it.
const std::string delta = std::string{"\x0b\x06\x91\x06\x05\x01!", 7};

}  // namespace

TEST_CASE("an object is found by its id and told with its sort") {
  Packed packed;
  packed.add('a', head(1, 6) + stored("commit"));
  packed.add('b', head(3, 300) + stored(std::string(300, 'x')));
  CHECK(packed.object('a').what == GitObjectState::commit);
  CHECK(packed.object('a').content == "commit");
  CHECK(packed.object('b').what == GitObjectState::blob);
  CHECK(packed.object('b').content == std::string(300, 'x'));
  CHECK(packed.object('c').what == GitObjectState::absent);
  CHECK(packed.object('b', 299).what == GitObjectState::too_large);
  CHECK(packed.object('b', 1000, 299).what == GitObjectState::too_large);
}

TEST_CASE("a delta is applied to what lies before it or has its base's id") {
  Packed packed;
  const std::size_t base = packed.add('a', head(3, 11) + stored("hello world"));
  const auto back = static_cast<char>(packed.pack.size() - base);
  packed.add('b', head(6, delta.size()) + back + stored(delta));
  packed.add('c', head(7, delta.size()) + id_of('a') + stored(delta));
  packed.add('d', head(7, delta.size()) + id_of('z') + stored(delta));
  packed.add('e', head(7, delta.size()) + id_of('e') + stored(delta));
  packed.add('f', head(6, delta.size()) + '\0' + stored(delta));
  packed.add('g', head(7, delta.size()) + id_of('b') + stored(delta));
  CHECK(packed.object('b').content == "world!");
  CHECK(packed.object('b').what == GitObjectState::blob);
  CHECK(packed.object('c').content == "world!");
  for (const char one : {'d', 'f', 'g'}) CHECK(packed.object(one).what == GitObjectState::damaged);
  // It is its own base: ends at a bound.
  CHECK(packed.object('e').what == GitObjectState::too_large);
  CHECK(packed.object('e', 1000, 1 << 30).what == GitObjectState::damaged);
}

TEST_CASE("what is cut off or lies about its size is damaged or not there") {
  Packed packed;
  packed.add('a', head(3, 12) + stored("hello world"));
  packed.add('b', head(3, 10) + stored("hello world"));
  packed.add('c', head(5, 11) + stored("hello world"));
  packed.add('d', head(3, 11) + stored("hello world"));
  for (const char one : {'a', 'b', 'c'}) CHECK(packed.object(one).what == GitObjectState::damaged);
  const std::string index = packed.index();
  for (std::size_t size = 0; size < index.size(); size += 7) {
    std::uint64_t budget = 1000;
    const GitPack pack{reader_of(index.substr(0, size)), reader_of(packed.pack), 20};
    CHECK(pack.object(id_of('d'), 100, budget).what != GitObjectState::blob);
  }
  packed.pack.resize(packed.pack.size() - 1);
  CHECK(packed.object('d').what == GitObjectState::damaged);
}

TEST_CASE("a delta copies of its base and adds its own, within both") {
  const std::string base = "hello world";
  CHECK(patched(base, delta, 100) == "world!");
  CHECK_FALSE(patched(base, delta, 5));
  CHECK_FALSE(patched("hello", delta, 100));
  for (std::size_t size = 0; size < delta.size(); ++size) {
    CHECK_FALSE(patched(base, delta.substr(0, size), 100));
  }
  CHECK_FALSE(patched(base, std::string{"\x0b\x01\x91\x0b\x01", 5}, 100));  // Behind its end.
  CHECK_FALSE(patched(base, std::string{"\x0b\x01\x00", 3}, 100));          // No instruction.
  CHECK_FALSE(patched(base, std::string{"\x0b\x01\x02xy", 5}, 100));        // More than was told.
  CHECK_FALSE(patched(base, std::string(20, '\xff'), 100));
}
