#include "cfwarden/search/multi_search.h"

#include "naive_search.h"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>

namespace doctest {
template <>
struct StringMaker<cfwarden::Hit> {
  static String convert(const cfwarden::Hit& hit) {
    return (std::to_string(hit.literal) + " at " + std::to_string(hit.offset)).c_str();
  }
};
template <>
struct StringMaker<std::vector<cfwarden::Hit>> {
  static String convert(const std::vector<cfwarden::Hit>& hits) {
    String text = "{";
    for (const cfwarden::Hit& hit : hits) text += StringMaker<cfwarden::Hit>::convert(hit) + ", ";
    return text + "}";
  }
};
}  // namespace doctest

namespace cfwarden {
namespace {

using Hits = std::vector<Hit>;

// A copy of its own with not one readable byte to spare, so that a sanitizer sees every other read.
Hits hits_in_exact_room(const MultiSearch& search, std::string_view text) {
  const auto room = std::make_unique<char[]>(text.size());
  text.copy(room.get(), text.size());
  Hits hits = search.hits_in({room.get(), text.size()});
  CHECK(search.has_hit_in({room.get(), text.size()}) == !hits.empty());
  return hits;
}

std::string letters(std::mt19937& random, std::size_t size, std::string_view alphabet) {
  std::string text(size, '\0');
  for (char& letter : text) letter = alphabet[random() % alphabet.size()];
  return text;
}

TEST_CASE("every literal is found where it begins, in every implementation") {
  const Literal literals[] = {{"token"}, {"secret"}, {"TunnelSecret", LetterCase::any}};
  for (const Implementation implementation : implementations()) {
    CAPTURE(static_cast<int>(implementation));
    const MultiSearch search{literals, implementation};
    CHECK(search.hits_in("a token, a secret") == Hits{{2, 0}, {11, 1}});
    CHECK(search.hits_in("TUNNELSECRET tunnelsecret TunnelSecret") ==
          Hits{{0, 2}, {13, 2}, {19, 1}, {26, 2}});
    CHECK(search.hits_in("Token tunnel_secret") == Hits{{13, 1}});
    CHECK(search.hits_in("").empty());
    CHECK(search.hits_in("tok").empty());
    CHECK(search.hits_in("toke").empty());
    CHECK(search.hits_in("oken").empty());
  }
}

TEST_CASE("occurrences that overlap are all found, by offset and then by literal") {
  const Literal literals[] = {{"aaaa"}, {"aaaaab"}, {"aaaa"}, {"abaa"}};
  for (const Implementation implementation : implementations()) {
    const MultiSearch search{literals, implementation};
    CHECK(search.hits_in("aaaaabaaaa") ==
          Hits{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 2}, {4, 3}, {6, 0}, {6, 2}});
  }
}

TEST_CASE("a literal is found at every offset of texts of every length, with nothing read beyond") {
  const Literal literals[] = {{"eyJhI"}, {"ARGO TUNNEL TOKEN"}, {"wXyZ"}};
  for (const Implementation implementation : implementations()) {
    CAPTURE(static_cast<int>(implementation));
    const MultiSearch search{literals, implementation};
    for (std::size_t before = 0; before < 140; ++before) {
      for (const std::size_t behind : {0U, 1U, 2U, 3U, 28U, 60U, 61U, 64U, 65U, 130U}) {
        for (std::size_t i = 0; i < std::size(literals); ++i) {
          std::string text(before, 'e');
          text.append(literals[i].bytes).append(behind, 'W');
          CAPTURE(text);
          CHECK(hits_in_exact_room(search, text) == Hits{{before, i}});
        }
      }
    }
  }
}

TEST_CASE("a literal that is cut off at either end is not found") {
  const Literal literals[] = {{"eyJhIjoi"}, {"TunnelSecret", LetterCase::any}};
  for (const Implementation implementation : implementations()) {
    const MultiSearch search{literals, implementation};
    for (const Literal& literal : literals) {
      for (std::size_t size = 0; size < literal.bytes.size(); ++size) {
        for (const std::size_t between : {1U, 50U, 64U, 100U}) {
          const std::string text = std::string{literal.bytes.substr(literal.bytes.size() - size)} +
                                   std::string(between, '.') +
                                   std::string{literal.bytes.substr(0, size)};
          CAPTURE(text);
          CHECK(hits_in_exact_room(search, text).empty());
        }
      }
    }
  }
}

TEST_CASE("pieces of a text that overlap by the longest literal but one byte lose nothing") {
  const Literal literals[] = {{"AccountTag"}, {"eyJhI"}};
  std::mt19937 random{11};
  std::string text = letters(random, 2000, "AcountTageyJhI");
  for (std::size_t at = 0; at + 20 < text.size(); at += 37) text.replace(at, 10, "AccountTag");
  for (const Implementation implementation : implementations()) {
    const MultiSearch search{literals, implementation};
    const std::size_t overlap = search.longest() - 1;
    REQUIRE(overlap == 9);
    for (const std::size_t piece : {10U, 63U, 64U, 65U, 67U, 68U, 256U}) {
      Hits hits;
      for (std::size_t at = 0; at < text.size(); at += piece - overlap) {
        for (Hit hit : search.hits_in(std::string_view{text}.substr(at, piece))) {
          hit.offset += at;
          hits.push_back(hit);
        }
      }
      std::ranges::sort(hits);
      hits.erase(std::unique(hits.begin(), hits.end()), hits.end());
      CHECK(hits == naive_hits(text, literals));
    }
  }
}

struct RandomLiterals {
  std::vector<std::string> bytes;
  std::vector<Literal> literals;
};

RandomLiterals random_literals(std::mt19937& random, std::size_t count, std::string_view alphabet) {
  RandomLiterals made;
  for (std::size_t i = 0; i < count; ++i) {
    made.bytes.push_back(letters(random, 4 + random() % 12, alphabet));
  }
  for (const std::string& bytes : made.bytes) {
    made.literals.push_back({bytes, random() % 4 == 0 ? LetterCase::any : LetterCase::exact});
  }
  return made;
}

// A text of the same letters, with literals of the set in it, whole and cut short.
std::string text_with(const RandomLiterals& literals, std::mt19937& random, std::size_t size,
                      std::string_view alphabet) {
  std::string text = letters(random, size, alphabet);
  for (std::size_t planted = 0; planted < size / 20; ++planted) {
    const std::string& bytes = literals.bytes[random() % literals.bytes.size()];
    const std::size_t length = std::min(random() % 3 == 0 ? bytes.size() - 1 : bytes.size(), size);
    text.replace(random() % (size - length + 1), length, bytes, 0, length);
  }
  return text;
}

TEST_CASE(
    "whatever the literals and the text, all implementations find what a naive search finds") {
  const std::string every_byte = [] {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    return bytes;
  }();
  const std::string_view alphabets[] = {
      "ab",
      "abAB",
      "eyJhIjoiZXlK",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
      std::string_view{"ab\0\xC3", 4},
      every_byte};
  std::mt19937 random{42};
  for (const std::string_view alphabet : alphabets) {
    for (const std::size_t count : {1U, 3U, 40U, 256U}) {
      for (int round = 0; round < 3; ++round) {
        const RandomLiterals made = random_literals(random, count, alphabet);
        const std::string text = text_with(made, random, 20 + random() % 400, alphabet);
        const Hits expected = naive_hits(text, made.literals);
        for (const Implementation implementation : implementations()) {
          CAPTURE(static_cast<int>(implementation));
          CAPTURE(count);
          CHECK(hits_in_exact_room(MultiSearch{made.literals, implementation}, text) == expected);
        }
      }
    }
  }
}

TEST_CASE("whatever windows were chosen before, the same is found") {
  const std::string_view alphabet = "eyJhIjoiZXlK";
  std::mt19937 random{7};
  for (int round = 0; round < 20; ++round) {
    const RandomLiterals made = random_literals(random, 40, alphabet);
    std::vector<WindowChoice> choices;
    for (const std::string& bytes : made.bytes) {
      choices.push_back({.shift = static_cast<std::uint16_t>(random() % (bytes.size() - 3)),
                         .bucket = static_cast<std::uint8_t>(random() % bucket_count)});
    }
    if (round % 5 == 4) choices.pop_back();
    const std::string text = text_with(made, random, 500, alphabet);
    const Hits expected = naive_hits(text, made.literals);
    for (const Implementation implementation : implementations()) {
      CAPTURE(static_cast<int>(implementation));
      const MultiSearch search{made.literals, implementation, choices};
      CHECK(hits_in_exact_room(search, text) == expected);
    }
  }
}

TEST_CASE("more candidates than are collected at a time are all looked at") {
  const Literal literals[] = {{"eyJhI"}};
  std::string text;
  for (int i = 0; i < 5000; ++i) text += i % 3 == 0 ? "eyJhI" : "eyJhX.eyJhJ";
  for (const Implementation implementation : implementations()) {
    const Hits hits = MultiSearch{literals, implementation}.hits_in(text);
    CHECK(hits.size() == 1667);
    CHECK(hits == naive_hits(text, literals));
  }
}

TEST_CASE("a literal is found where one scan ends and the next begins") {
  const Literal literals[] = {{"eyJhI"}, {"ARGO TUNNEL TOKEN"}};
  constexpr std::size_t border = blocks_at_a_time * block_size;
  for (const Implementation implementation : implementations()) {
    CAPTURE(static_cast<int>(implementation));
    const MultiSearch search{literals, implementation};
    for (std::size_t offset = border - 20; offset <= border + 4; ++offset) {
      for (std::size_t i = 0; i < std::size(literals); ++i) {
        std::string text(2 * border + 100, '.');
        text.replace(offset, literals[i].bytes.size(), literals[i].bytes);
        text.replace(offset + border, literals[i].bytes.size(), literals[i].bytes);
        CHECK(hits_in_exact_room(search, text) == Hits{{offset, i}, {offset + border, i}});
      }
    }
  }
}

TEST_CASE("bytes above ASCII are no letters, whatever their other seven bits say") {
  const Literal literals[] = {{"eyJhI"}, {"TunnelSecret", LetterCase::any}};
  for (const Implementation implementation : implementations()) {
    CAPTURE(static_cast<int>(implementation));
    const MultiSearch search{literals, implementation};
    for (const Literal& literal : literals) {
      for (std::size_t raised = 0; raised < literal.bytes.size(); ++raised) {
        std::string text{literal.bytes};
        text[raised] = static_cast<char>(text[raised] | 0x80);
        CAPTURE(raised);
        CHECK(
            hits_in_exact_room(search, std::string(40, '.') + text + std::string(90, '.')).empty());
      }
    }
  }
}

TEST_CASE("one search serves several threads") {
  const Literal literals[] = {{"eyJhI"}, {"WARP TOKEN"}};
  const MultiSearch search{literals};
  const std::string text = std::string(100'000, '.') + "eyJhI" + std::string(1000, 'W');
  std::vector<Hits> found(4);
  std::vector<std::thread> threads;
  for (Hits& hits : found) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) hits = search.hits_in(text);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Hits& hits : found) CHECK(hits == Hits{{100'000, 0}});
}

TEST_CASE("the fastest implementation is one that this processor runs, and portable always is") {
  const auto all = implementations();
  CHECK(std::ranges::count(all, fastest_implementation()) == 1);
  CHECK(all.front() == Implementation::portable);
}

}  // namespace
}  // namespace cfwarden
