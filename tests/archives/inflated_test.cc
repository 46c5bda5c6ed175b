#include "cfwarden/archives/inflated.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <string>

using namespace cfwarden;

namespace {

std::string deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string bytes(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                   reinterpret_cast<const Bytef*>(text.data()), text.size()) == Z_OK);
  bytes.resize(size);
  return bytes;
}

}  // namespace

TEST_CASE("what was deflated comes back") {
  for (const std::size_t size : {0U, 1U, 65'535U, 65'536U, 65'537U, 1'000'000U}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    CHECK(inflated(deflated(text), 1'000'000) == text);
  }
}

TEST_CASE("more than is allowed is nothing, however little it takes") {
  const std::string bomb = deflated(std::string(20'000'000, '\0'));
  CHECK(bomb.size() < 30'000);
  CHECK_FALSE(inflated(bomb, 19'999'999));
  CHECK(inflated(bomb, 20'000'000));
}

TEST_CASE("what is damaged, cut off or followed by something is nothing") {
  const std::string sound = deflated("a text of some length, as a file of a repository has it");
  CHECK_FALSE(inflated("", 100));
  CHECK_FALSE(inflated("text", 100));
  CHECK_FALSE(inflated(sound.substr(0, sound.size() - 1), 100));
  CHECK_FALSE(inflated(sound + "x", 100));
  std::string flipped = sound;
  flipped[sound.size() / 2] = static_cast<char>(flipped[sound.size() / 2] ^ 0x10);
  CHECK_FALSE(inflated(flipped, 100));
}

TEST_CASE("a stream is read until it ends, and holds what was told") {
  const std::string text(100'000, 'x');
  const std::string whole = deflated(text) + "what follows";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, whole.size()}) {
    const auto read = [&](const std::string& bytes, std::size_t size) {
      std::size_t at = 0;
      return inflated_from(
          [&] {
            const std::string piece = bytes.substr(at, step);
            at += piece.size();
            return piece;
          },
          size);
    };
    CHECK(read(whole, text.size()) == text);
    CHECK_FALSE(read(whole, text.size() - 1));
    CHECK_FALSE(read(whole, text.size() + 1));
    CHECK_FALSE(read(whole.substr(0, 20), text.size()));
    CHECK_FALSE(read("no zlib", 3));
    CHECK_FALSE(read("", 0));
    CHECK(read(deflated(""), 0) == "");
  }
}
