#include "cfwarden/rules/suggestion.h"

#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <numeric>

namespace cfwarden {
namespace {

constexpr std::size_t longest_compared = 64;
constexpr std::size_t most_edits = 3;

// Insertions, deletions, replacements, and swaps of neighbours.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > longest_compared) return "";
  std::size_t best_edits = std::min(most_edits, std::max<std::size_t>(1, word.size() / 3)) + 1;
  std::string_view best;
  for (const std::string_view candidate : known) {
    if (candidate.size() > longest_compared) continue;
    const std::size_t edits = edits_between(word, candidate);
    if (edits < best_edits) {
      best_edits = edits;
      best = candidate;
    }
  }
  return std::string{best};
}

std::string unknown_among(std::string_view word, std::span<const std::string_view> known) {
  std::string what = "unknown";
  const std::string meant = did_you_mean(word, known);
  if (!meant.empty()) what += ", did you mean '" + meant + "'?";
  what += meant.empty() ? "; allowed: " : " allowed: ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) what += ", ";
    what += known[i];
  }
  return what;
}

}  // namespace cfwarden
