#include "cfwarden/base/git_index.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

// No bytes may crash the reader of an index, and none that it takes answers for more than was
// asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const std::vector<std::string> names{".env", "a", "a/b", "deploy/compose.yml"};
  const auto listed = listed_by_git(text, names);
  if (listed && listed->size() != names.size()) std::abort();
  const auto entries = entries_in_git_index(text);
  if (listed.has_value() != entries.has_value()) std::abort();
  if (entries && entries->size() > size / 62) std::abort();  // The smallest one.
  if (git_directory_of(text).size() > size) std::abort();
  return 0;
}
