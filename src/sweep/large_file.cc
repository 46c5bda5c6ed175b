#include "cfwarden/sweep/large_file.h"

#include <algorithm>
#include <cerrno>

#include <sys/types.h>
#include <unistd.h>

namespace cfwarden {

std::optional<FilePart> PartCursor::next() {
  if (position_ >= content_end_ && !find_content()) return std::nullopt;
  FilePart part{.begin = position_, .end = content_end_, .continues = position_ > content_begin_};
  part.end = std::min(part.end, part.begin + longest_part_);
  position_ = part.end;
  return part;
}

bool PartCursor::find_content() {
  if (position_ >= size_) return false;
  const off_t found = lseek(descriptor_, static_cast<off_t>(position_), SEEK_DATA);
  if (found < 0 && errno == ENXIO) {
    position_ = size_;
    return false;
  }
  const off_t hole = found < 0 ? -1 : lseek(descriptor_, found, SEEK_HOLE);
  if (found >= 0) position_ = static_cast<std::uint64_t>(found);
  content_begin_ = position_;
  content_end_ = hole > found ? std::min(static_cast<std::uint64_t>(hole), size_) : size_;
  return position_ < size_;
}

LargeFile::LargeFile(DirectoryRef its_directory, std::string its_name, Descriptor opened,
                     const FileId& its_id, std::uint64_t its_size, std::uint64_t its_links)
    : directory{std::move(its_directory)},
      name{std::move(its_name)},
      descriptor{std::move(opened)},
      id{its_id},
      size{its_size},
      links{its_links},
      cursor_{descriptor.get(), size, part_bytes},
      next_{cursor_.next()} {}

std::optional<FilePart> LargeFile::take() {
  const std::lock_guard lock{mutex_};
  const std::optional<FilePart> part = next_;
  if (part) {
    next_ = cursor_.next();
    ++being_read_;
  }
  return part;
}

LargeFile::After LargeFile::finish(bool is_wanted) {
  const std::lock_guard lock{mutex_};
  is_wanted_ = is_wanted_ || is_wanted;
  if (--being_read_ > 0 || next_) return After::more;
  return is_wanted_ ? After::all_and_wanted : After::all;
}

void LargeFile::give_up() {
  const std::lock_guard lock{mutex_};
  next_.reset();
}

bool LargeFile::has_more() {
  const std::lock_guard lock{mutex_};
  return next_.has_value();
}

}  // namespace cfwarden
