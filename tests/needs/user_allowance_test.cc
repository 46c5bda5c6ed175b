#include "cfwarden/needs/user_allowance.h"

#include "cfwarden/needs/definition_texts.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;

namespace {

void add(std::size_t count, const std::string& who, Starts& starts) {
  for (std::size_t i = 0; i < count; ++i) {
    starts.all.push_back({.who = who});
    want("/" + who + std::to_string(i), starts);
    add_gap("/" + who, "why", starts);
  }
}

}  // namespace

TEST_CASE("what a user adds within the allowance stays, and no gap is made of it") {
  Starts starts;
  add(3, "root", starts);
  const UserAllowance allowance{starts};
  add(5, "alice", starts);
  want("/alice0", starts);
  allowance.enforce("/home/alice", starts);
  CHECK(starts.all.size() == 8);
  CHECK(starts.wanted.size() == 8);  // One was wanted twice.
  CHECK(starts.gaps.size() == 8);
}

TEST_CASE("what goes beyond is taken back, what was there before is not") {
  Starts starts;
  add(300, "root", starts);
  const std::size_t gaps = starts.gaps.size();
  const UserAllowance allowance{starts};
  add(300, "alice", starts);
  allowance.enforce("/home/alice", starts);
  CHECK(starts.all.size() == 300 + max_starts_of_user);
  CHECK(starts.all[299].who == "root");
  CHECK(starts.wanted.size() == 300 + max_wanted_of_user);
  CHECK(starts.wanted[299] == "/root299");
  CHECK(starts.gaps.size() <= gaps + max_gaps_of_user + 1);
}
