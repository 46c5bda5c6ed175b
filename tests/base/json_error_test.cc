#include "cfwarden/base/json_error.h"

#include <doctest/doctest.h>

#include <set>

namespace cfwarden {
namespace {

TEST_CASE("every flaw has a clause of its own") {
  constexpr JsonFlaw flaws[] = {JsonFlaw::syntax,     JsonFlaw::ends_early, JsonFlaw::too_deep,
                                JsonFlaw::wrong_type, JsonFlaw::bad_base64, JsonFlaw::bad_uuid};
  std::set<std::string_view> clauses;
  for (const JsonFlaw flaw : flaws) clauses.insert(clause_of(flaw));
  CHECK(clauses.size() == std::size(flaws));
  CHECK(clauses.count("") == 0);
}

}  // namespace
}  // namespace cfwarden
