#include "cfwarden/search/window_filter.h"

#include "cfwarden/search/anchors.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace cfwarden {
namespace {

bool passes(const WindowFilter& filter, std::string_view window) {
  std::array<std::uint8_t, window_size> bytes{};
  std::copy_n(window.begin(), window_size, bytes.begin());
  const Traits traits = traits_of(bytes);
  unsigned buckets = 0xFF;
  for (std::size_t i = 0; i < trait_count; ++i) buckets &= filter.buckets[i][traits[i]];
  return buckets != 0;
}

// As a scan sees it that looks up seven bits of each byte.
bool passes_by_letters(const WindowFilter& filter, std::string_view window) {
  unsigned buckets = 0xFF;
  for (std::size_t i = 0; i < window_size; ++i) {
    buckets &= filter.letters[i][static_cast<unsigned char>(window[i]) & 0x7FU];
  }
  return buckets != 0;
}

TEST_CASE("the window of every literal passes its own filter, in every letter case it allows") {
  const Literal literals[] = {
      {"eyJhI"}, {"ARGO TUNNEL TOKEN"}, {"TunnelSecret", LetterCase::any}, {"\xC3\xBC_ab_cd"}};
  const WindowPlan plan = plan_buckets(literals, choose_windows(literals));
  REQUIRE(plan.has_buckets);
  for (std::size_t i = 0; i < std::size(literals); ++i) {
    const std::string window{literals[i].bytes.substr(plan.shifts[i], window_size)};
    CAPTURE(window);
    CHECK(passes(plan.filter, window));
    CHECK(passes_by_letters(plan.filter, window));
    CHECK(plan.filter.keys[window_key(window.data())]);
  }
  for (const char* written : {"TUNNELSECRET", "tunnelsecret", "tUNNELsECRET"}) {
    const std::string window{std::string_view{written}.substr(plan.shifts[2], window_size)};
    CAPTURE(window);
    CHECK(passes(plan.filter, window));
    CHECK(passes_by_letters(plan.filter, window));
    CHECK(plan.filter.keys[window_key(window.data())]);
  }
}

TEST_CASE("a literal without four bytes of ASCII in a row leaves keys only") {
  const Literal literals[] = {{"eyJhI"},
                              {"abc\xFF"
                               "def"}};
  CHECK(choose_windows(literals).empty());
  CHECK_FALSE(plan_buckets(literals, {}).has_buckets);
}

TEST_CASE("choices that do not fit the literals leave keys only") {
  const Literal literals[] = {{"eyJhI"},
                              {"abcd\xFF"
                               "efg"}};
  using Choices = std::vector<WindowChoice>;
  CHECK(plan_buckets(literals, Choices{{1, 7}, {0, 0}}).has_buckets);
  for (const Choices& choices :
       {Choices{}, Choices{{0, 0}}, Choices{{0, 0}, {0, 0}, {0, 0}}, Choices{{2, 0}, {0, 0}},
        Choices{{0, 8}, {0, 0}}, Choices{{0, 0}, {1, 0}}, Choices{{0xFFFF, 0}, {0, 0}}}) {
    CAPTURE(choices.size());
    CHECK_FALSE(plan_buckets(literals, choices).has_buckets);
  }
}

TEST_CASE("the filter of all anchors passes few windows of base64 and of ordinary words") {
  const std::vector<Anchor> anchors = all_anchors();
  const std::vector<Literal> literals = literals_of(anchors);
  const WindowPlan plan = plan_buckets(literals, choose_windows(literals));
  REQUIRE(plan.has_buckets);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  int passed = 0;
  int passed_by_letters = 0;
  int all = 0;
  for (std::uint32_t number = 1; all < 100'000; ++all, number = number * 1664525U + 1013904223U) {
    std::string window;
    for (const int shift : {26, 20, 14, 8}) window.push_back(alphabet[number >> shift & 63U]);
    passed += passes(plan.filter, window) ? 1 : 0;
    passed_by_letters += passes_by_letters(plan.filter, window) ? 1 : 0;
  }
  CHECK(passed < all / 50);
  CHECK(passed_by_letters < all / 200);
  for (const char* word : {"else", "else if (channel", "function", "eyJhbGciOiJSUzI1NiIsI"}) {
    CAPTURE(word);
    std::size_t candidates = 0;
    const std::string_view text{word};
    for (std::size_t i = 0; i + window_size <= text.size(); ++i) {
      candidates += passes(plan.filter, text.substr(i, window_size)) ? 1U : 0U;
    }
    CHECK(candidates <= 1);
  }
}

}  // namespace
}  // namespace cfwarden
