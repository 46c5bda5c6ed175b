#include "cfwarden/app/drift.h"
#include "cfwarden/app/saved_report.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace cfwarden;

// No bytes may crash the reader of a report, and what it takes has not changed against itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const Result<SavedReport> read = read_saved_report(text, "f");
  if (!read) return 0;
  if (read->findings.size() > size) std::abort();
  const std::vector<std::string_view> own = own_rule_ids();
  const Drift drift = drift_between(*read, *read, own);
  if (!drift.changes.empty() || drift.unchanged != read->findings.size()) std::abort();
  if (!drift.new_gaps.empty()) std::abort();
  return 0;
}
