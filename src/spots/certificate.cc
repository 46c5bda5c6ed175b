#include "cfwarden/base/secret.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/spots/letters.h"
#include "cfwarden/spots/sighting.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr auto npos = std::string_view::npos;

// One block, however its lines are indented, escaped, quoted or commented out.
struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view label;
  std::size_t body = 0;     // Its first letter.
  std::size_t letters = 0;  // How many there are,
  std::size_t padding = 0;  // and how many padding bytes.
  bool is_closed = false;
};

bool is_token(const Block& block) {
  return block.label == "ARGO TUNNEL TOKEN" || block.label == "WARP TOKEN";
}

class BlockReader {
 public:
  BlockReader(std::string_view text, std::string_view line_mark)
      : text_{text}, joints_{.line_mark = line_mark, .blanks = Blanks::skipped} {}

  std::optional<Block> block_at(std::size_t begin) const {
    constexpr std::size_t longest_label = 64;
    if (!text_.substr(begin).starts_with(begin_mark)) return std::nullopt;
    Block block{.begin = begin};
    const std::string_view rest = text_.substr(begin + begin_mark.size(), longest_label);
    block.label = rest.substr(0, std::min(rest.find(dashes), rest.size()));
    if (block.label.size() == rest.size()) return std::nullopt;
    block.body = behind_glue(begin + begin_mark.size() + block.label.size() + dashes.size());
    LetterCursor cursor = letters_of(block);
    while (cursor.next()) ++block.letters;
    while (cursor.take_padding()) ++block.padding;
    block.end = cursor.end();
    take_end(block);
    return block;
  }

  // The block that ends where the one at `begin` begins, but for what breaks the line between them.
  std::optional<Block> block_before(std::size_t begin) const {
    constexpr std::size_t longest_gap = 64;
    constexpr std::size_t longest_block = 16 * 1024;
    const std::size_t closing = last_before(begin, dashes, longest_gap);
    if (closing == npos) return std::nullopt;
    const std::size_t opening = last_before(closing, begin_mark, longest_block);
    if (opening == npos) return std::nullopt;
    std::optional<Block> block = block_at(opening);
    const bool is_next = block && block->is_closed && behind_glue(block->end) == begin;
    return is_next ? block : std::nullopt;
  }

  std::optional<Block> block_behind(const Block& block) const {
    return block.is_closed ? block_at(behind_glue(block.end)) : std::nullopt;
  }

  LetterCursor letters_of(const Block& block) const {
    // Two dashes are no letters: a body is never in the URL alphabet.
    const std::string_view reach = text_.substr(0, block.body + max_object_bytes);
    return {text_.substr(0, reach.find("--", block.body)), block.body, joints_};
  }

 private:
  std::size_t behind_glue(std::size_t at) const {
    return cfwarden::behind_glue(text_, at, joints_);
  }

  std::size_t last_before(std::size_t at, std::string_view mark, std::size_t reach) const {
    const std::size_t least = at - std::min(at, reach);
    const std::size_t found = text_.substr(least, at - least).rfind(mark);
    return found == npos ? npos : least + found;
  }

  void take_end(Block& block) const {
    const std::size_t at = behind_glue(block.end);
    std::string_view rest = text_.substr(at);
    if (!rest.starts_with(end_mark)) return;
    rest.remove_prefix(end_mark.size());
    block.is_closed =
        rest.starts_with(block.label) && rest.substr(block.label.size()).starts_with(dashes);
    if (block.is_closed) block.end = at + end_mark.size() + block.label.size() + dashes.size();
  }

  std::string_view text_;
  Joints joints_;
};

// The blocks of one file: the one at `begin` and those that stand right before and behind it.
std::vector<Block> bundle_around(const BlockReader& reader, const Block& block) {
  constexpr std::size_t most_neighbours = 8;
  std::vector<Block> bundle{block};
  for (std::size_t i = 0; i < most_neighbours; ++i) {
    const auto before = reader.block_before(bundle.front().begin);
    if (!before) break;
    bundle.insert(bundle.begin(), *before);
  }
  for (std::size_t i = 0; i < most_neighbours; ++i) {
    const auto behind = reader.block_behind(bundle.back());
    if (!behind) break;
    bundle.push_back(*behind);
  }
  // Of several tokens cloudflared reads none: each is one to itself.
  if (std::ranges::count_if(bundle, is_token) > 1) return {block};
  return bundle;
}

// The blocks as they stand in a file of their own.
Secret plain_blocks(const BlockReader& reader, const std::vector<Block>& blocks) {
  std::size_t room = 0;
  for (const Block& block : blocks) {
    room += block.letters + block.padding + 2 * block.label.size() + begin_mark.size() +
            end_mark.size() + 2 * dashes.size() + 3;
  }
  Secret plain{room};
  std::size_t size = 0;
  const auto append = [&](std::string_view text) {
    std::ranges::copy(text, plain.writable().subspan(size).begin());
    size += text.size();
  };
  for (const Block& block : blocks) {
    for (const std::string_view part : {begin_mark, block.label, dashes}) append(part);
    append("\n");
    LetterCursor cursor = reader.letters_of(block);
    for (std::size_t i = 0; i < block.letters; ++i) plain.writable()[size++] = *cursor.next();
    for (std::size_t i = 0; i < block.padding; ++i) append("=");
    append("\n");
    if (!block.is_closed) continue;
    for (const std::string_view part : {end_mark, block.label, dashes}) append(part);
    append("\n");
  }
  plain.shrink(size);
  return plain;
}

std::optional<Credential> demanded(Decoded decoded) {
  constexpr std::size_t least_secret = 8;
  auto* credential = std::get_if<Credential>(&decoded);
  if (credential == nullptr || credential->kind != account_certificate_kind ||
      credential->secret_bytes.value_or(0) < least_secret ||
      (!is_account_id(credential->scope.account) && !is_account_id(credential->scope.zone))) {
    return std::nullopt;
  }
  return std::move(*credential);
}

}  // namespace

std::optional<Sighting> certificate_at(std::string_view text, std::size_t at,
                                       std::string_view hmac_key) {
  if (!text.substr(0, at).ends_with(begin_mark)) return std::nullopt;
  const std::size_t begin = at - begin_mark.size();
  const BlockReader reader{text, line_mark_before(text, begin)};
  const std::optional<Block> block = reader.block_at(begin);
  if (!block || !is_token(*block) || block->letters == 0) return std::nullopt;
  const Secret file = plain_blocks(reader, bundle_around(reader, *block));
  auto credential = demanded(decode_account_certificate({file.reveal(), {}, hmac_key}));
  if (!credential) return std::nullopt;
  return Sighting{begin, block->end, std::move(*credential), false};
}

std::optional<Sighting> certificate_body_at(std::string_view text, std::size_t at,
                                            std::string_view hmac_key) {
  const std::optional<ObjectLetters> letters = object_letters(text, at);
  if (!letters) return std::nullopt;
  const Secret body = joined_letters(text, at, *letters);
  auto credential = demanded(recognise_account_certificate({body.reveal(), {}, hmac_key}));
  if (!credential) return std::nullopt;
  return Sighting{at, letters->end, std::move(*credential), letters->is_broken};
}

}  // namespace cfwarden
