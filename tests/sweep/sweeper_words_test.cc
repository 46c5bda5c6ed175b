#include "cfwarden/sweep/sweeper_words.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

namespace cfwarden {
namespace {

const std::string hostile = "/home/\x1b]8;;\xff\n\xe2\x80\xae";

std::string all_words() {
  return frame_of(ToldWalls{true}) + frame_of(ToldName{hostile}) +
         frame_of(Gap{.path = "/a", .why = "permission denied"}) +
         frame_of(SkippedMount{.path = "/proc", .type = "proc", .why = "kernel interface"}) +
         frame_of(ToldFailure{"seccomp: no"}) +
         frame_of(ToldHandOver{
             .path = "/b", .id = {.device = 1, .inode = ~std::uint64_t{0}}, .is_linked = true}) +
         frame_of(ToldEnd{.more_gaps = 7, .stopped = true});
}

void check_all(const std::vector<SweeperWord>& words) {
  REQUIRE(words.size() == 7);
  CHECK(std::get<ToldWalls>(words[0]).has_landlock);
  CHECK(std::get<ToldName>(words[1]).path == hostile);
  CHECK(std::get<Gap>(words[2]).why == "permission denied");
  CHECK(std::get<SkippedMount>(words[3]).type == "proc");
  CHECK(std::get<ToldFailure>(words[4]).why == "seccomp: no");
  CHECK(std::get<ToldHandOver>(words[5]).path == "/b");
  CHECK(std::get<ToldHandOver>(words[5]).id.inode == ~std::uint64_t{0});
  CHECK(std::get<ToldHandOver>(words[5]).is_linked);
  CHECK(std::get<ToldEnd>(words[6]).more_gaps == 7);
  CHECK(std::get<ToldEnd>(words[6]).stopped);
}

TEST_CASE("what is told comes back as it was said, in one piece or byte by byte") {
  SweeperEar whole;
  const auto words = whole.hear(all_words());
  REQUIRE(words);
  check_all(*words);

  SweeperEar ear;
  std::vector<SweeperWord> heard;
  for (const char byte : all_words()) {
    auto some = ear.hear({&byte, 1});
    REQUIRE(some);
    heard.insert(heard.end(), some->begin(), some->end());
  }
  check_all(heard);
}

TEST_CASE("a frame that is too long is refused by its head, before any of it is kept") {
  SweeperEar ear;
  CHECK_FALSE(ear.hear("\xff\xff\xff\x7f"));
}

TEST_CASE("no word, an unknown one, a torn one, one with more behind it: none is believed") {
  using namespace std::string_literals;
  for (const std::string& frame : {"\0\0\0\0"s, "\1\0\0\0\x09"s, "\1\0\0\0\2"s, "\2\0\0\0\0\2"s,
                                   "\3\0\0\0\0\1\1"s, "\5\0\0\0\3\xff\xff\xff\xff"s}) {
    SweeperEar ear;
    CHECK_FALSE(ear.hear(frame));
  }
}

TEST_CASE("control characters in our own words are refused: no sweeper of ours says any") {
  std::string frame = frame_of(Gap{.path = "/a", .why = "x"});
  frame.back() = '\n';
  SweeperEar ear;
  CHECK_FALSE(ear.hear(frame));
}

TEST_CASE("whatever bytes come, what is heard is bounded, and said again the same") {
  std::mt19937 random{5};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = all_words();
    for (auto i = 1 + random() % 3; i > 0; --i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    SweeperEar ear;
    const auto words = ear.hear(bytes);
    if (!words) continue;
    std::string again;
    for (const SweeperWord& word : *words) again += frame_of(word);
    REQUIRE(bytes.starts_with(again));
  }
}

}  // namespace
}  // namespace cfwarden
