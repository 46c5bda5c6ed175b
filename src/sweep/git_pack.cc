#include "cfwarden/sweep/git_pack.h"

#include "cfwarden/archives/inflated.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::string_view index_magic{"\377tOc\0\0\0\2", 8};
constexpr std::size_t fan_out_bytes = 256 * 4;
constexpr std::uint64_t ids_at = index_magic.size() + fan_out_bytes;
constexpr std::size_t longest_chain = 4095;  // As git's own --depth.
constexpr std::size_t longest_head = 64;     // Two numbers, or a number and an id.

constexpr unsigned ofs_delta = 6;
constexpr unsigned ref_delta = 7;

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

GitObjectState object_of(unsigned type) {
  switch (type) {
    case 1:
      return GitObjectState::commit;
    case 2:
      return GitObjectState::tree;
    case 3:
      return GitObjectState::blob;
    case 4:
      return GitObjectState::tag;
    default:
      return GitObjectState::damaged;
  }
}

// Seven bits in each byte, the lowest first; takes it off the front.
std::optional<std::size_t> take_size(std::string_view& bytes) {
  constexpr unsigned most_bits = 56;
  std::size_t size = 0;
  for (unsigned shift = 0; shift < most_bits && !bytes.empty(); shift += 7) {
    const unsigned byte = byte_at(bytes, 0);
    bytes.remove_prefix(1);
    size |= std::size_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return size;
  }
  return std::nullopt;
}

struct Copy {
  std::size_t at = 0;
  std::size_t size = 0;
};

std::optional<Copy> take_copy(unsigned instruction, std::string_view& delta) {
  Copy copy;
  for (unsigned i = 0; i < 7; ++i) {
    if ((instruction >> i & 1U) == 0) continue;
    if (delta.empty()) return std::nullopt;
    const std::size_t byte = byte_at(delta, 0);
    delta.remove_prefix(1);
    if (i < 4) {
      copy.at |= byte << (8 * i);
    } else {
      copy.size |= byte << (8 * (i - 4));
    }
  }
  if (copy.size == 0) copy.size = 0x10000;
  return copy;
}

}  // namespace

std::optional<std::string> patched(std::string_view base, std::string_view delta,
                                   std::size_t most) {
  const auto base_size = take_size(delta);
  const auto size = take_size(delta);
  if (!base_size || !size || *base_size != base.size() || *size > most) return std::nullopt;
  std::string text;
  text.reserve(*size);
  while (!delta.empty()) {
    const unsigned instruction = byte_at(delta, 0);
    delta.remove_prefix(1);
    std::string_view piece;
    if ((instruction & 0x80U) != 0) {
      const auto copy = take_copy(instruction, delta);
      if (!copy || copy->at > base.size() || copy->size > base.size() - copy->at) return {};
      piece = base.substr(copy->at, copy->size);
    } else {
      if (instruction == 0 || instruction > delta.size()) return std::nullopt;
      piece = delta.substr(0, instruction);
      delta.remove_prefix(instruction);
    }
    if (piece.size() > *size - text.size()) return std::nullopt;
    text += piece;
  }
  if (text.size() != *size) return std::nullopt;
  return text;
}

GitPack::GitPack(BytesAt index, BytesAt pack, std::size_t id_bytes)
    : index_{std::move(index)}, pack_{std::move(pack)}, id_bytes_{id_bytes} {
  const std::string head = index_(0, index_magic.size() + fan_out_bytes);
  if (head.size() != ids_at || !head.starts_with(index_magic)) return;
  fan_out_ = head.substr(index_magic.size());
  count_ = static_cast<std::uint32_t>(number_in(std::string_view{fan_out_}.substr(255U * 4U)));
}

std::optional<std::uint64_t> GitPack::place_of(std::string_view id) const {
  const unsigned first = byte_at(id, 0);
  const auto up_to = [this](unsigned byte) {
    return static_cast<std::uint32_t>(number_in(std::string_view{fan_out_}.substr(byte * 4U, 4)));
  };
  std::uint32_t low = first == 0 ? 0 : up_to(first - 1);
  std::uint32_t high = std::min(up_to(first), count_);
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const std::string one = index_(ids_at + std::uint64_t{middle} * id_bytes_, id_bytes_);
    if (one.size() != id_bytes_) return std::nullopt;
    if (one == id) return offset_at(middle);
    if (one < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

// Behind the ids stand checksums, then offsets of 31 bits, then those that need 63.
std::optional<std::uint64_t> GitPack::offset_at(std::uint32_t place) const {
  constexpr std::uint64_t is_far = 0x80000000;
  const std::uint64_t offsets = ids_at + std::uint64_t{count_} * (id_bytes_ + 4);
  const std::string near = index_(offsets + std::uint64_t{place} * 4, 4);
  if (near.size() != 4) return std::nullopt;
  const std::uint64_t offset = number_in(near);
  if ((offset & is_far) == 0) return offset;
  const std::uint64_t far_offsets = offsets + std::uint64_t{count_} * 4;
  const std::string far = index_(far_offsets + (offset ^ is_far) * 8, 8);
  if (far.size() != 8 || byte_at(far, 0) >= 0x80U) return std::nullopt;
  return number_in(far);
}

// Where the object lies that a delta is to be applied to: before it, or by its id.
std::optional<std::uint64_t> GitPack::base_of(const Head& head, std::uint64_t at,
                                              std::string_view rest, std::size_t& used) const {
  if (head.type == ref_delta) {
    used = id_bytes_;
    if (rest.size() < id_bytes_) return std::nullopt;
    return place_of(rest.substr(0, id_bytes_));
  }
  constexpr std::uint64_t most = std::uint64_t{1} << 48U;
  std::uint64_t back = 0;
  for (used = 0; used < rest.size() && back < most;) {
    const unsigned byte = byte_at(rest, used++);
    back = back << 7U | (byte & 0x7fU);
    if ((byte & 0x80U) == 0) {
      const bool is_before = back != 0 && back <= at;
      return is_before ? std::optional{at - back} : std::nullopt;
    }
    ++back;
  }
  return std::nullopt;
}

std::optional<GitPack::Head> GitPack::head_at(std::uint64_t at) const {
  const std::string bytes = pack_(at, longest_head);
  if (bytes.empty()) return std::nullopt;
  Head head;
  const unsigned first = byte_at(bytes, 0);
  head.type = first >> 4U & 7U;
  std::string_view rest = std::string_view{bytes}.substr(1);
  head.size = first & 0xfU;
  if ((first & 0x80U) != 0) {
    const auto more = take_size(rest);
    if (!more) return std::nullopt;
    head.size |= *more << 4U;
  }
  std::size_t used = 0;
  if (head.type == ofs_delta || head.type == ref_delta) {
    const auto base = base_of(head, at, rest, used);
    if (!base) return std::nullopt;
    head.base_at = *base;
  }
  head.content_at = at + (bytes.size() - rest.size()) + used;
  return head;
}

std::optional<std::string> GitPack::content_of(const Head& head) const {
  constexpr std::size_t step = 16 << 10;
  std::uint64_t at = head.content_at;
  return inflated_from(
      [&] {
        std::string bytes = pack_(at, step);
        at += bytes.size();
        return bytes;
      },
      head.size);
}

// Down to what is whole, then up again with each delta: no more than one is held at a time.
GitObject GitPack::unpacked(std::uint64_t at, std::size_t most, std::uint64_t& budget) const {
  std::vector<Head> chain;
  while (true) {
    const auto head = head_at(at);
    if (!head || chain.size() > longest_chain) return {GitObjectState::damaged, {}};
    // A delta is hardly larger than what it makes.
    if (head->size > most || head->size > budget) return {GitObjectState::too_large, {}};
    budget -= head->size;
    chain.push_back(*head);
    if (head->type != ofs_delta && head->type != ref_delta) break;
    at = head->base_at;
  }
  GitObject object{object_of(chain.back().type), {}};
  if (object.what == GitObjectState::damaged) return object;
  auto content = content_of(chain.back());
  for (chain.pop_back(); content && !chain.empty(); chain.pop_back()) {
    const auto delta = content_of(chain.back());
    if (!delta) return {GitObjectState::damaged, {}};
    content = patched(*content, *delta, most);
    if (content && content->size() > budget) return {GitObjectState::too_large, {}};
    if (content) budget -= content->size();
  }
  if (!content) return {GitObjectState::damaged, {}};
  object.content = std::move(*content);
  return object;
}

GitObject GitPack::object(std::string_view id, std::size_t most, std::uint64_t& budget) const {
  if (fan_out_.empty() || id.size() != id_bytes_) return {};
  const auto at = place_of(id);
  return at ? unpacked(*at, most, budget) : GitObject{};
}

}  // namespace cfwarden
