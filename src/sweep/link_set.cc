#include "cfwarden/sweep/link_set.h"

#include <cstdint>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t first_slots = 1024;  // A power of two, as every later size.

// Inodes of one directory are neighbours: spread by a multiplication.
std::size_t spread(const FileId& id) {
  const std::uint64_t mixed = (id.inode ^ (id.device << 32)) * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>(mixed >> 20);
}

}  // namespace

bool LinkSet::is_new(const FileId& id) {
  const std::lock_guard lock{mutex_};
  if (used_ * 4 >= slots_.size() * 3 && used_ < most_inodes) grow();
  const std::size_t slot = slot_of(id);
  if (slots_[slot] == id) return false;
  if (used_ == most_inodes) return true;
  slots_[slot] = id;
  ++used_;
  return true;
}

// Where it stands, or would.
std::size_t LinkSet::slot_of(const FileId& id) const {
  std::size_t slot = spread(id) & (slots_.size() - 1);
  while (slots_[slot].inode != 0 && slots_[slot] != id) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void LinkSet::grow() {
  std::vector<FileId> old(slots_.empty() ? first_slots : slots_.size() * 2);
  std::swap(old, slots_);
  for (const FileId& id : old) {
    if (id.inode != 0) slots_[slot_of(id)] = id;
  }
}

}  // namespace cfwarden
