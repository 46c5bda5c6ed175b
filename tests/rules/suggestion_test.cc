#include "cfwarden/rules/suggestion.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>
#include <array>

using namespace cfwarden;

constexpr std::array<std::string_view, 4> verbs{"audit", "explain", "rules", "readers"};

TEST_CASE("a slip of the fingers finds the word that was meant") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"audti", "audit"}, {"audi", "audit"},     {"auditt", "audit"}, {"expalin", "explain"},
      {"rule", "rules"},  {"reades", "readers"}, {"rules", "rules"},
  };
  for (const auto& row : cases) {
    const auto& [word, meant] = row;
    CAPTURE(row.first);
    CHECK(did_you_mean(word, verbs) == meant);
  }
}

TEST_CASE("a word that is like none of the known is not guessed") {
  for (const std::string& word : {std::string{""}, std::string{"x"}, std::string{"bake"},
                                  std::string{"undo"}, std::string(5000, 'a')}) {
    CAPTURE(word.substr(0, 20));
    CHECK(did_you_mean(word, verbs) == "");
  }
}

TEST_CASE("an unknown word is answered with all that are allowed") {
  CHECK(unknown_among("audti", verbs) ==
        "unknown, did you mean 'audit'? allowed: audit, explain, rules, readers");
  CHECK(unknown_among("cake", verbs) == "unknown; allowed: audit, explain, rules, readers");
}
