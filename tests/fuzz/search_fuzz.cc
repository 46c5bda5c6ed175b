#include "../search/naive_search.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

// Each literal is a byte of its length and letter case, and its bytes; a byte without a literal
// behind it ends them. All that follows is the text.
std::vector<Literal> take_literals(std::string_view& input) {
  std::vector<Literal> literals;
  while (!input.empty() && literals.size() < 16) {
    const auto head = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const std::size_t size = 4 + (head & 15U);
    if ((head & 0x40U) != 0 || input.size() < size) break;
    literals.push_back(
        {input.substr(0, size), (head & 0x80U) != 0 ? LetterCase::any : LetterCase::exact});
    input.remove_prefix(size);
  }
  return literals;
}

}  // namespace

// Every implementation finds what a naive search finds, whatever is searched for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(bytes), size};
  const std::vector<Literal> literals = take_literals(input);
  const auto room = std::make_unique<char[]>(input.size());
  input.copy(room.get(), input.size());
  const std::string_view text{room.get(), input.size()};
  const std::vector<Hit> expected = naive_hits(text, literals);
  for (const Implementation implementation : implementations()) {
    if (MultiSearch{literals, implementation}.hits_in(text) != expected) std::abort();
  }
  return 0;
}
