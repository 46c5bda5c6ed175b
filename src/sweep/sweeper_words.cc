#include "cfwarden/sweep/sweeper_words.h"

#include "cfwarden/host/wire.h"

#include <optional>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t head_bytes = 4;
constexpr std::size_t longest_word = longest_told_path + 4 * max_own_text;
constexpr std::size_t longest_type = 64;

void encode(Encoder& out, const ToldWalls& walls) {
  out.flag(walls.has_landlock);
}

void encode(Encoder& out, const ToldFailure& failure) {
  out.own_text(failure.why);
}

void encode(Encoder& out, const ToldName& name) {
  out.text(name.path, longest_told_path);
}

void encode(Encoder& out, const ToldHandOver& handed) {
  out.text(handed.path, longest_told_path);
  out.number(handed.id.device, 8);
  out.number(handed.id.inode, 8);
  out.flag(handed.is_linked);
}

void encode(Encoder& out, const Gap& gap) {
  out.text(gap.path, longest_told_path);
  out.own_text(gap.why);
}

void encode(Encoder& out, const SkippedMount& mount) {
  out.text(mount.path, longest_told_path);
  out.text(mount.type, longest_type);
  out.own_text(mount.why);
}

void encode(Encoder& out, const ToldEnd& end) {
  out.number(end.more_gaps, 8);
  out.flag(end.stopped);
}

// By its place among the alternatives of SweeperWord. Braces: fields come in this order.
SweeperWord decode(Decoder& in) {
  switch (in.number(1)) {
    case 0:
      return ToldWalls{in.flag()};
    case 1:
      return ToldFailure{in.own_text()};
    case 2:
      return ToldName{in.text(longest_told_path)};
    case 3:
      return ToldHandOver{in.text(longest_told_path), {in.number(8), in.number(8)}, in.flag()};
    case 4:
      return Gap{in.text(longest_told_path), in.own_text()};
    case 5:
      return SkippedMount{in.text(longest_told_path), in.text(longest_type), in.own_text()};
    case 6:
      return ToldEnd{in.number(8), in.flag()};
    default:
      in.demand(false);
      return ToldEnd{};
  }
}

std::size_t length_in(std::string_view head) {
  Decoder in{head};
  return static_cast<std::size_t>(in.number(head_bytes));
}

}  // namespace

std::string frame_of(const SweeperWord& word) {
  Encoder out;
  out.number(word.index(), 1);
  std::visit([&out](const auto& told) { encode(out, told); }, word);
  Encoder head;
  head.number(out.bytes().size(), head_bytes);
  return head.bytes() + out.bytes();
}

Result<std::vector<SweeperWord>> SweeperEar::hear(std::string_view bytes) {
  received_ += bytes;
  std::vector<SweeperWord> words;
  std::string_view rest = received_;
  while (rest.size() >= head_bytes) {
    const std::size_t length = length_in(rest.substr(0, head_bytes));
    if (length > longest_word) return Error{"said what it cannot have seen"};
    if (rest.size() < head_bytes + length) break;
    Decoder in{rest.substr(head_bytes, length)};
    SweeperWord word = decode(in);
    if (in.failed() || in.left() > 0) return Error{"said what it cannot have seen"};
    words.push_back(std::move(word));
    rest.remove_prefix(head_bytes + length);
  }
  received_.erase(0, received_.size() - rest.size());
  return words;
}

}  // namespace cfwarden
