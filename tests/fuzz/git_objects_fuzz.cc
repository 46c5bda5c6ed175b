#include "cfwarden/base/git_pack_index.h"
#include "cfwarden/sweep/loose_object.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

// No bytes may crash what reads the objects of git, nor unpack to more than was allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  for (const std::size_t length : {40U, 64U}) {
    const std::vector<std::string> ids{std::string(length, '0'), std::string(length, 'f')};
    const auto held = held_by_pack(text, ids);
    if (held && held->size() != ids.size()) std::abort();
  }
  constexpr std::size_t most = 4096;
  const std::string blob = blob_in(text, most);
  if (blob.empty() || blob.size() > most + 1) std::abort();
  return 0;
}
