#include "cfwarden/base/git_index.h"

#include "cfwarden/base/git_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cfwarden {
namespace {

constexpr std::array<std::size_t, 2> id_lengths{20, 32};  // SHA-1, SHA-256.
constexpr std::size_t longest_name = 4096;
constexpr std::size_t header_bytes = 12;
constexpr std::size_t stat_bytes = 40;  // Before the object's id.
constexpr std::size_t mode_at = 24;
constexpr std::uint32_t type_bits = 0170000;
constexpr std::uint32_t directory_type = 0040000;  // Of a sparse index: all that lies below.
constexpr unsigned extended_flag = 0x4000;
constexpr unsigned intended_flag = 0x2000;  // Of the second flags.
constexpr unsigned stage_bits = 0x3000;
constexpr unsigned length_bits = 0x0fff;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

class IndexReader {
 public:
  IndexReader(std::string_view bytes, std::size_t id_bytes, std::span<const std::string> names)
      : bytes_{bytes}, id_bytes_{id_bytes}, names_{names}, listed_(names.size(), false) {}

  // Keeps the entries, too.
  void keep_in(std::vector<GitEntry>& entries) { entries_ = &entries; }

  std::optional<std::vector<bool>> read() {
    if (bytes_.size() < header_bytes + id_bytes_ || !bytes_.starts_with("DIRC")) return {};
    version_ = big_endian(bytes_.substr(4, 4));
    if (version_ < 2 || version_ > 4) return {};
    const std::uint32_t count = big_endian(bytes_.substr(8, 4));
    end_ = bytes_.size() - id_bytes_;  // Behind all stands a checksum.
    at_ = header_bytes;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!read_entry()) return {};
    }
    if (!skip_extensions()) return {};
    return std::move(listed_);
  }

 private:
  std::size_t left() const { return end_ - at_; }

  bool read_entry() {
    const std::size_t begin = at_;
    if (left() < stat_bytes + id_bytes_ + 2) return false;
    const std::uint32_t mode = big_endian(bytes_.substr(at_ + mode_at, 4));
    const std::string_view id = bytes_.substr(at_ + stat_bytes, id_bytes_);
    at_ += stat_bytes + id_bytes_;
    const unsigned flags = big_endian(bytes_.substr(at_, 2));
    at_ += 2;
    bool is_only_intended = false;
    if ((flags & extended_flag) != 0) {
      if (version_ < 3 || left() < 2) return false;
      is_only_intended = (big_endian(bytes_.substr(at_, 2)) & intended_flag) != 0;
      at_ += 2;
    }
    const std::string above = name_;
    if (!(version_ == 4 ? read_compressed_name() : read_name(begin))) return false;
    const std::size_t told = flags & length_bits;
    if (told != std::min<std::size_t>(name_.size(), length_bits)) return false;
    const unsigned stage = flags & stage_bits;
    const bool is_in_order = above < name_ || (above == name_ && stage_ < stage);
    stage_ = stage;
    if (!is_in_order) return false;
    note((mode & type_bits) == directory_type);
    if (entries_ != nullptr) {
      entries_->push_back({.name = name_,
                           .id = git_id_text(id),
                           .mode = mode,
                           .is_only_intended = is_only_intended});
    }
    return true;
  }

  // Ended by one to eight NULs, so that the entry is a multiple of eight bytes.
  bool read_name(std::size_t begin) {
    const std::size_t end = bytes_.find('\0', at_);
    if (end == bytes_.npos || end >= end_ || end - at_ > longest_name) return false;
    name_ = bytes_.substr(at_, end - at_);
    const std::size_t size = (end - begin) / 8 * 8 + 8;
    if (size > end_ - begin) return false;
    const std::string_view padding = bytes_.substr(end, begin + size - end);
    at_ = begin + size;
    return padding.find_first_not_of('\0') == padding.npos;
  }

  // How much of the name before goes, and what comes in its place.
  bool read_compressed_name() {
    std::size_t gone = 0;
    unsigned char byte = 0;
    do {
      if (left() == 0 || gone > longest_name) return false;
      byte = static_cast<unsigned char>(bytes_[at_++]);
      gone = (gone << 7U) + (byte & 0x7fU);
      if ((byte & 0x80U) != 0) ++gone;
    } while ((byte & 0x80U) != 0);
    const std::size_t end = bytes_.find('\0', at_);
    if (gone > name_.size() || end == bytes_.npos || end >= end_) return false;
    if (name_.size() - gone + (end - at_) > longest_name) return false;
    name_.resize(name_.size() - gone);
    name_ += bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }

  void note(bool is_directory) {
    auto found = std::lower_bound(names_.begin(), names_.end(), name_);
    for (; found != names_.end(); ++found) {
      const bool is_listed = is_directory ? found->starts_with(name_) : *found == name_;
      if (!is_listed) return;
      listed_[static_cast<std::size_t>(found - names_.begin())] = true;
    }
  }

  // What git may not pass over has a small letter in front; of these a sparse index's is known.
  bool skip_extensions() {
    constexpr std::size_t head_bytes = 8;
    while (left() >= head_bytes) {
      const std::string_view name = bytes_.substr(at_, 4);
      const std::size_t size = big_endian(bytes_.substr(at_ + 4, 4));
      const bool is_optional = name[0] >= 'A' && name[0] <= 'Z';
      if (size > left() - head_bytes || (!is_optional && name != "sdir")) return false;
      at_ += head_bytes + size;
    }
    return left() == 0;
  }

  std::string_view bytes_;
  std::size_t id_bytes_;
  std::span<const std::string> names_;
  std::vector<bool> listed_;
  std::vector<GitEntry>* entries_ = nullptr;
  std::uint32_t version_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::string name_;
  unsigned stage_ = 0;
};

}  // namespace

// Only the repository's configuration says how long its ids are: with the wrong length no entry
// makes sense.
std::optional<std::vector<bool>> listed_by_git(std::string_view index,
                                               std::span<const std::string> names) {
  for (const std::size_t id_bytes : id_lengths) {
    if (auto listed = IndexReader{index, id_bytes, names}.read()) return listed;
  }
  return std::nullopt;
}

std::optional<std::vector<GitEntry>> entries_in_git_index(std::string_view index) {
  for (const std::size_t id_bytes : id_lengths) {
    std::vector<GitEntry> entries;
    IndexReader reader{index, id_bytes, {}};
    reader.keep_in(entries);
    if (reader.read()) return entries;
  }
  return std::nullopt;
}

std::string git_directory_of(std::string_view link_file) {
  constexpr std::string_view key = "gitdir: ";
  if (!link_file.starts_with(key)) return {};
  link_file.remove_prefix(key.size());
  link_file = link_file.substr(0, link_file.find_last_not_of("\r\n") + 1);
  const bool is_path = link_file.size() <= longest_name && link_file.find('\0') == link_file.npos;
  return is_path ? std::string{link_file} : std::string{};
}

}  // namespace cfwarden
