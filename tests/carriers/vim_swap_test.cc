#include "cfwarden/carriers/all_carriers.h"
#include "unwrapped_text.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

constexpr std::size_t page = 4096;

void put(std::string& file, std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    file[at + i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  }
}

// Block 0 and a pointer block that names blocks 2, 3, ...
std::string swap_head(std::size_t data_blocks) {
  std::string file(2 * page, '\0');
  file.replace(0, 9, "b0VIM 9.0");
  put(file, 12, page, 4);
  put(file, 1008, 0x30313233, 8);
  file.replace(page, 2, "tp");
  put(file, page + 2, data_blocks, 2);
  for (std::size_t i = 0; i < data_blocks; ++i) put(file, page + 8 + 32 * i, i + 2, 8);
  return file;
}

std::string data_block(const std::vector<std::string>& lines) {
  std::string block(page, '\0');
  block.replace(0, 2, "ad");
  put(block, 12, page, 4);
  put(block, 16, lines.size(), 8);
  std::size_t end = page;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    end -= lines[i].size() + 1;
    block.replace(end, lines[i].size(), lines[i]);
    put(block, 24 + 4 * i, end, 4);
  }
  return block;
}

}  // namespace

TEST_CASE("the text in a swap file is unwrapped as the file that was edited") {
  const std::string swap =
      swap_head(2) + data_block({"tunnel: web", ""}) + data_block({"token: MADEUP"});
  REQUIRE(takes_vim_swap("config.yml", swap));
  const Unwrapped found = unwrap_vim_swap("config.yml", swap);
  CHECK(excerpts_of(found) == Lines{"vim-swap:3 token_value MADEUP"});
  CHECK(found.problem == "");
}

TEST_CASE("a swap file is no configuration and points nowhere") {
  const std::string swap = swap_head(1) + data_block({"credentials-file: /x", "token: MADEUP"});
  const Unwrapped found = unwrap_vim_swap("config.yml", swap);
  CHECK_FALSE(found.is_configuration);
  CHECK(found.pointers.empty());
}

TEST_CASE("a credential in a swap file is one excerpt with its lines in order") {
  const std::string swap = swap_head(2) + data_block({"one", "two"}) + data_block({"three"});
  CHECK(excerpts_of(unwrap("cert.pem", swap)) == Lines{"vim-swap whole_file one\ntwo\nthree\n"});
}

TEST_CASE("lines that Vim has not written out are not in the file, and no problem") {
  const std::string swap = swap_head(3) + data_block({"token: MADEUP"});
  const Unwrapped found = unwrap_vim_swap("config.yml", swap);
  CHECK(excerpts_of(found) == Lines{"vim-swap:1 token_value MADEUP"});
  CHECK(found.problem == "");
}

TEST_CASE("a damaged block is a problem, and the others are found") {
  const std::string swap = swap_head(2) + std::string(page, 'x') + data_block({"token: MADEUP"});
  const Unwrapped found = unwrap_vim_swap("config.yml", swap);
  CHECK(excerpts_of(found) == Lines{"vim-swap:1 token_value MADEUP"});
  CHECK(found.problem == "a damaged Vim swap file");
}

TEST_CASE("files that only look like swap files are left to the other carriers") {
  std::string no_magic = swap_head(0);
  put(no_magic, 1008, 0x33323130, 8);
  std::string no_page = swap_head(0);
  put(no_page, 12, 0, 4);
  for (const std::string& bytes : {std::string{}, std::string{"b0VIM 9.0"}, no_magic, no_page}) {
    CAPTURE(bytes.size());
    CHECK_FALSE(takes_vim_swap("config.yml", bytes));
  }
}

TEST_CASE("hostile offsets, counts and loops end, inside the file") {
  std::string loop = swap_head(2);
  put(loop, page + 8, 1, 8);           // A pointer block that points at itself.
  put(loop, page + 8 + 32, ~0ULL, 8);  // And far beyond the end.
  std::string count = swap_head(1) + data_block({"a"});
  put(count, 2 * page + 16, ~0ULL, 8);  // 2^64 - 1 lines.
  std::string overlap = swap_head(1) + data_block({"a", "b"});
  put(overlap, 2 * page + 28, page - 1, 4);  // The second line lies above the first.
  std::string into_index = swap_head(1) + data_block({"a"});
  put(into_index, 2 * page + 24, 4, 4);
  std::string beyond = swap_head(1) + data_block({"a"});
  put(beyond, 2 * page + 12, ~0ULL, 4);  // A text end beyond the file.
  for (const std::string& bytes : {loop, count, overlap, into_index, beyond}) {
    REQUIRE(takes_vim_swap("x", bytes));
    std::size_t recovered = 0;
    const Unwrapped found = unwrap_vim_swap("x", bytes);
    for (const Excerpt& excerpt : found.excerpts) recovered += excerpt.bytes.size();
    CHECK(recovered <= bytes.size());
  }
}
