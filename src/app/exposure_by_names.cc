#include "cfwarden/app/exposure_by_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <tuple>

namespace cfwarden {
namespace {

using ReachOf = Reach Exposure::*;

// Accounts of everyone are not always listed: what counts first is the audience.
auto width_of(const Reach& reach) {
  return std::tuple{reach.audience, reach.strangers, reach.accounts.size()};
}

bool adds_to(const Reach& reach, const Reach& other) {
  if (other.audience > reach.audience || (other.strangers && !reach.strangers)) return true;
  if (reach.audience == Audience::everyone) return false;
  return !std::ranges::includes(reach.accounts, other.accounts);
}

void add_clauses(Reach& reach, const Reach& other, const std::string& name) {
  // A few tell what is to be closed, and a name may be 4,096 bytes long.
  constexpr std::size_t most_clauses = 8;
  for (const std::string& clause : other.because) {
    if (reach.because.size() >= most_clauses) return;
    std::string& named = reach.because.emplace_back("by its name ");
    named += name;
    named += ": ";
    named += clause;
  }
}

void widen(Reach& reach, const Reach& other, const std::string& name) {
  if (!adds_to(reach, other)) return;
  // For everyone only what gives it to everyone, and beside a wider one nothing narrower is told.
  const bool is_wider = other.audience > reach.audience;
  if (is_wider) reach.because.clear();
  add_clauses(reach, other, name);
  std::vector<std::string> accounts;
  const bool are_listed = !is_wider || !other.accounts.empty();
  if (are_listed) {
    std::ranges::set_union(reach.accounts, other.accounts, std::back_inserter(accounts));
  }
  reach.accounts = std::move(accounts);
  reach.audience = std::max(reach.audience, other.audience);
  reach.strangers = reach.strangers || other.strangers;
}

Reach widest(Reach reach, const std::vector<ExposureByName>& others, ReachOf of) {
  std::vector<const ExposureByName*> sorted;
  for (const ExposureByName& other : others) sorted.push_back(&other);
  std::ranges::stable_sort(sorted, [of](const ExposureByName* a, const ExposureByName* b) {
    return width_of(a->exposure.*of) > width_of(b->exposure.*of);
  });
  for (const ExposureByName* other : sorted) widen(reach, other->exposure.*of, other->name);
  return reach;
}

void make_least(Reach& reach) {
  if (reach.audience == Audience::everyone) return;
  reach.at_least = true;
  reach.because.emplace_back("not all names of the file were looked at");
}

}  // namespace

void make_least(Exposure& exposure) {
  make_least(exposure.readers);
  make_least(exposure.writers);
}

Exposure exposure_by_names(Exposure first, const std::vector<ExposureByName>& others) {
  return {.readers = widest(std::move(first.readers), others, &Exposure::readers),
          .writers = widest(std::move(first.writers), others, &Exposure::writers)};
}

}  // namespace cfwarden
