#include "cfwarden/carriers/all_carriers.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view carrier_name = "vim-swap";

// Block 0 says what the file is; block 1 is the root of a tree of pointer blocks, whose leaves are
// data blocks. A data block keeps its lines from its end downwards, each ended by NUL, and an index
// of their offsets from its start upwards.
constexpr std::size_t page_size_offset = 12;
constexpr std::size_t magic_offset = 1008;  // A `long` that shows the writer's word size and order.
constexpr std::uint64_t magic = 0x30313233;
constexpr std::size_t smallest_page = 1048;
constexpr std::size_t largest_page = 50'000;
constexpr std::size_t pointers_offset = 8;
constexpr std::size_t pointer_bytes = 32;
constexpr std::size_t index_offset = 24;
constexpr std::uint64_t offset_bits = 0x7FFFFFFF;  // The top bit marks a line for :global.

// 0 beyond the end, which no check below takes for good.
std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  if (at > bytes.size() || bytes.size() - at < width) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

class SwapFile {
 public:
  explicit SwapFile(std::string_view bytes)
      : bytes_{bytes}, page_{little_endian(bytes, page_size_offset, 4)} {}

  bool has_page_size() const { return page_ >= smallest_page && page_ <= largest_page; }
  bool is_sound() const { return sound_; }

  // The lines in order, each with its line feed. No longer than the file.
  Secret text() {
    text_ = Secret{bytes_.size()};
    visit(1);
    text_.shrink(length_);
    return std::move(text_);
  }

 private:
  // Each block once, so that a hostile tree ends. Its depth is bounded too: real ones have two or
  // three levels.
  void visit(std::uint64_t block, unsigned depth = 0) {
    const std::string_view page = block_at(block);
    if (page.empty()) return;  // Vim has not written it out: the file does not hold those lines.
    if (depth > max_depth || !visited_.insert(block).second) {
      sound_ = false;
    } else if (page.starts_with("tp")) {
      const std::uint64_t count = little_endian(page, 2, 2);
      const std::uint64_t room = (page_ - pointers_offset) / pointer_bytes;
      for (std::size_t i = 0; i < std::min(count, room); ++i) {
        visit(little_endian(page, pointers_offset + i * pointer_bytes, 8), depth + 1);
      }
    } else if (page.starts_with("ad")) {
      append_lines(page);
    } else {
      sound_ = false;
    }
  }

  // From the block's first page to the end of the file: a data block may take several pages.
  std::string_view block_at(std::uint64_t block) const {
    if (block > bytes_.size() / page_) return {};
    return bytes_.substr(std::min(block * page_, bytes_.size()));
  }

  // A line lies below the one before it, so that no byte is copied twice.
  void append_lines(std::string_view block) {
    const std::uint64_t text_end = little_endian(block, 12, 4);
    const std::uint64_t count = little_endian(block, 16, 8);
    std::uint64_t end = std::min<std::uint64_t>(text_end, block.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t entry = index_offset + i * 4;
      const std::uint64_t start = little_endian(block, entry, 4) & offset_bits;
      if (start >= end || start < entry + 4) {
        sound_ = false;
        return;
      }
      if (!append_line(block.substr(start, end - start))) return;
      end = start;
    }
  }

  bool append_line(std::string_view line) {
    line = line.substr(0, line.find('\0'));
    const auto to = text_.writable().subspan(length_);
    if (to.size() <= line.size()) {
      sound_ = false;
      return false;
    }
    std::ranges::copy(line, to.begin());
    to[line.size()] = '\n';
    length_ += line.size() + 1;
    return true;
  }

  static constexpr unsigned max_depth = 8;

  std::string_view bytes_;
  std::uint64_t page_;
  Secret text_;
  std::size_t length_ = 0;
  std::set<std::uint64_t> visited_;
  bool sound_ = true;
};

}  // namespace

bool takes_vim_swap(std::string_view, std::string_view bytes) {
  return bytes.starts_with("b0VIM ") && little_endian(bytes, magic_offset, 8) == magic &&
         SwapFile{bytes}.has_page_size();
}

Unwrapped unwrap_vim_swap(std::string_view file_name, std::string_view bytes) {
  if (!takes_vim_swap(file_name, bytes)) return {};
  SwapFile swap{bytes};
  const Secret text = swap.text();
  Unwrapped unwrapped;
  if (!text.empty()) unwrapped.excerpts = unwrap(file_name, text.reveal()).excerpts;
  for (Excerpt& excerpt : unwrapped.excerpts) excerpt.carrier = carrier_name;
  if (!swap.is_sound()) unwrapped.problem = "a damaged Vim swap file";
  return unwrapped;
}

}  // namespace cfwarden
