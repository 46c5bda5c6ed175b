#include "cfwarden/sweep/text_stream.h"

#include "cfwarden/archives/archive.h"
#include "cfwarden/base/path.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/spots/wrapping.h"

#include <algorithm>
#include <cstring>
#include <variant>

namespace cfwarden {
namespace {

constexpr std::size_t least_buffer_bytes = 64 * 1024;
constexpr std::size_t beginning_bytes = 64 * 1024;  // What a carrier is told by.
// An object reaches spot_reach behind its first byte, and what it is wrapped in as far again. Even,
// as whole_text_bytes is, so that UTF-16 stays in step.
constexpr std::size_t margin = 2 * spot_reach;
constexpr std::size_t longest_hole = 4096;
static_assert(margin % 2 == 0 && longest_hole % 2 == 0 && whole_text_bytes > 4 * margin);

constexpr std::string_view archive_name = "x.zip";  // As any is called that its bytes tell.
constexpr std::string_view too_much_work = "is made to be hard to search: not all was looked at";
constexpr std::string_view too_many = "holds more than 4096 credentials: the others are left out";
static_assert(most_found_in_text == 4096);

bool is_utf16(std::string_view text) {
  return wrapping_of_all(text) != nullptr;
}

// The first sound one that is the same as what was found, else the first; nullptr without any.
const Credential* best_of(const Examination& examination, const Credential& found) {
  const Credential* best = nullptr;
  for (const Recognised& one : examination.recognised) {
    const auto* const judged = std::get_if<Credential>(&one.decoded);
    const bool is_it =
        judged != nullptr && judged->kind == found.kind && judged->fingerprint == found.fingerprint;
    if (!is_it) continue;
    if (judged->status != Status::damaged) return judged;
    if (best == nullptr) best = judged;
  }
  return best;
}

}  // namespace

void TextStream::begin(TextSource source) {
  source_ = std::move(source);
  size_ = 0;
  mark_bytes_ = 0;
  core_begin_ = 0;
  lines_passed_ = 0;
  units_passed_ = 0;
  has_zero_ = false;
  carrier_ = {};
  problem_ = {};
  known_.clear();
  found_.clear();
}

void TextStream::append(std::string_view piece) {
  while (!piece.empty()) {
    if (size_ == window_bytes_) {
      search(size_ - margin);
      move_on();
    }
    const std::string_view taken = piece.substr(0, window_bytes_ - size_);
    reserve(size_ + taken.size());
    char* const to = buffer_.writable().data() + size_;
    std::memcpy(to, taken.data(), taken.size());
    if (source_.form == TextForm::zero_ended) std::replace(to, to + taken.size(), '\0', '\n');
    has_zero_ = has_zero_ || taken.find('\0') != taken.npos;
    size_ += taken.size();
    piece.remove_prefix(taken.size());
  }
}

void TextStream::append_zeros(std::uint64_t count) {
  static constexpr char zeros[longest_hole + 1] = {};
  const std::uint64_t kept = count <= longest_hole ? count : longest_hole + count % 2;
  append({zeros, static_cast<std::size_t>(kept)});
}

std::vector<FoundCredential> TextStream::finish() {
  search(size_);
  if (core_begin_ == 0 && is_utf16(window())) mark_bytes_ = wrapping_mark_bytes;
  const bool has_lines = source_.form == TextForm::any && (!has_zero_ || mark_bytes_ != 0);
  if (!has_lines) {
    for (FoundCredential& found : found_) found.line = std::nullopt;
  }
  judge_by_name();
  size_ = 0;
  return std::move(found_);
}

void TextStream::reserve(std::size_t size) {
  if (size <= buffer_.size()) return;
  const std::size_t doubled = std::max(2 * buffer_.size(), least_buffer_bytes);
  Secret larger{std::min(std::max(size, doubled), window_bytes_)};
  if (size_ != 0) std::memcpy(larger.writable().data(), buffer_.reveal().data(), size_);
  buffer_ = std::move(larger);
}

void TextStream::search(std::size_t core_end) {
  Spots spots = finder_.spots_of(window());
  if (!spots.is_complete) problem_ = too_much_work;
  for (Spot& spot : spots.found) {
    if (spot.offset >= core_begin_ && spot.offset < core_end) add(std::move(spot));
  }
}

// The last two margins are kept: the core of the next window begins where that of this one ended.
void TextStream::move_on() {
  (void)carrier();  // What it is told by goes.
  if (core_begin_ == 0 && is_utf16(window())) mark_bytes_ = wrapping_mark_bytes;
  const std::size_t kept = size_ - 2 * margin;
  count_lines(window().substr(mark_bytes_, kept - mark_bytes_));
  char* const bytes = buffer_.writable().data();
  std::memmove(bytes + mark_bytes_, bytes + kept, 2 * margin);
  size_ = mark_bytes_ + 2 * margin;
  core_begin_ = mark_bytes_ + margin;
}

void TextStream::count_lines(std::string_view passed) {
  lines_passed_ += static_cast<std::size_t>(std::ranges::count(passed, '\n'));
  if (mark_bytes_ == 0) return;
  const std::string_view mark = window().substr(0, mark_bytes_);
  const std::string_view line_end =
      mark == "\xff\xfe" ? std::string_view{"\n\0", 2} : std::string_view{"\0\n", 2};
  for (std::size_t at = 0; at + 1 < passed.size(); at += 2) {
    if (passed.substr(at, 2) == line_end) ++units_passed_;
  }
}

void TextStream::add(Spot&& spot) {
  Credential& credential = spot.credential;
  if (!known_.insert({credential.kind, credential.fingerprint}).second) return;
  if (found_.size() == most_found_in_text) {
    problem_ = too_many;
    return;
  }
  const bool in_units = !spot.wrappings.empty() && spot.wrappings.front() == "utf-16";
  found_.push_back({.member = source_.member,
                    .line = spot.line + (in_units ? units_passed_ : lines_passed_),
                    .carrier = carrier(),
                    .credential = std::move(credential)});
}

void TextStream::judge_by_name() {
  if (found_.empty() || size_ > max_credential_bytes) return;
  const std::string name = backup_name(file_name_of(source_.path)).original;
  if (kind_of_name(name).empty()) return;
  const Examination examination = examine(name, window(), finder_.hmac_key());
  for (FoundCredential& found : found_) {
    const Credential* const judged = best_of(examination, found.credential);
    if (judged != nullptr) found.credential = *judged;
  }
}

std::string_view TextStream::carrier() {
  if (carrier_.empty()) {
    const std::string_view beginning = window().substr(0, beginning_bytes);
    const CarrierContext& context = context_of(source_.path, beginning);
    const bool is_other = &context == &all_contexts().back();
    carrier_ =
        is_other && is_archive(beginning) ? context_of_name(archive_name).name : context.name;
  }
  return carrier_;
}

}  // namespace cfwarden
