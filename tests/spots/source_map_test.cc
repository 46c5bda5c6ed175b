#include "cfwarden/spots/source_map.h"

#include <doctest/doctest.h>

#include <vector>

namespace cfwarden {
namespace {

TEST_CASE("a letter is found again where it came from, however the letters stood there") {
  const std::vector<std::vector<std::size_t>> cases = {
      {5},
      {0, 1, 2, 3},
      {7, 9, 11, 13},
      {0, 1, 2, 80, 81, 82, 160},
      {3, 6, 7, 8, 11, 12, 40, 41, 43, 45},
  };
  for (const std::vector<std::size_t>& sources : cases) {
    SourceMap map;
    for (const std::size_t source : sources) map.append(source);
    CHECK(map.size() == sources.size());
    for (std::size_t letter = 0; letter < sources.size(); ++letter) {
      CAPTURE(letter);
      CHECK(map.source_of(letter) == sources[letter]);
      CHECK(map.letter_at(sources[letter]) == letter);
    }
  }
}

TEST_CASE("a place between two letters is that of the one before") {
  SourceMap map;
  for (const std::size_t source : {10U, 11U, 12U, 90U, 91U}) map.append(source);
  CHECK(map.letter_at(50) == 2);
  CHECK(map.letter_at(95) == 4);
  CHECK(map.letter_at(3) == 0);
}

}  // namespace
}  // namespace cfwarden
