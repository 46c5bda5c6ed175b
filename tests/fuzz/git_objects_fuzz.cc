#include "cfwarden/base/git_refs.h"
#include "cfwarden/base/git_tree.h"
#include "cfwarden/sweep/git_pack.h"
#include "cfwarden/sweep/loose_object.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

BytesAt reader_of(std::string_view bytes) {
  return [bytes](std::uint64_t at, std::size_t count) {
    return at > bytes.size() ? std::string{} : std::string{bytes.substr(at, count)};
  };
}

// The first byte of a seed with a pack is how many bytes, times eight, the index has.
void read_pack(std::string_view text, std::size_t most) {
  const std::size_t size =
      std::min(text.size() - 1, std::size_t{static_cast<unsigned char>(text[0])} * 8);
  const std::string_view index = text.substr(1, size);
  for (const std::size_t id_bytes : {20U, 32U}) {
    const GitPack pack{reader_of(index), reader_of(text.substr(1 + size)), id_bytes};
    std::string id(id_bytes, '\0');
    if (index.size() >= 1032 + id_bytes) id = index.substr(1032, id_bytes);
    std::uint64_t budget = 1 << 20;
    if (pack.object(id, most, budget).content.size() > most) std::abort();
    if (budget > 1 << 20) std::abort();
  }
}

}  // namespace

// No bytes may crash what reads the objects and refs of git, nor unpack to more than was allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  constexpr std::size_t most = 4096;
  if (loose_object(text, most).content.size() > most) std::abort();
  for (const std::size_t id_bytes : {20U, 32U}) {
    const auto entries = entries_in_git_tree(text, id_bytes);
    if (entries && entries->size() > size / id_bytes) std::abort();
  }
  const std::string tree = tree_of_git_commit(text);
  if (!tree.empty() && !is_git_id(tree)) std::abort();
  const GitRef ref = git_ref_in(text);
  if (!ref.leads_to.empty() && ref.leads_to.find("..") == 0) std::abort();
  const std::string id = id_in_packed_refs(text, "refs/heads/main");
  if (!id.empty() && !is_git_id(id)) std::abort();
  const auto made = patched(text.substr(0, size / 2), text.substr(size / 2), most);
  if (made && made->size() > most) std::abort();
  if (size > 1) read_pack(text, most);
  return 0;
}
