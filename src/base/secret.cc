#include "cfwarden/base/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <utility>

namespace cfwarden {
namespace {

// Whole pages of their own: locking and wiping never touch a neighbour, and what lies in them is
// gone from this process once they are unmapped.
std::size_t pages_for(std::size_t bytes) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

char* map_pages(std::size_t bytes) {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc{};
  (void)mlock(pages, bytes);                   // Beyond RLIMIT_MEMLOCK it may be swapped.
  (void)madvise(pages, bytes, MADV_DONTDUMP);  // An old kernel may dump it.
  return static_cast<char*>(pages);
}

void wipe_and_unmap(char* pages, std::size_t bytes) {
  if (pages == nullptr) return;
  OPENSSL_cleanse(pages, bytes);
  (void)munmap(pages, bytes);  // It cannot fail for pages that map_pages gave.
}

}  // namespace

Secret::Secret(std::size_t capacity) {
  if (capacity == 0) return;
  const std::size_t bytes = pages_for(capacity);
  bytes_ = map_pages(bytes);
  size_ = capacity;
  capacity_ = bytes;
}

Secret Secret::copy_of(std::string_view bytes) {
  Secret copy{bytes.size()};
  if (copy.bytes_ != nullptr) std::memcpy(copy.bytes_, bytes.data(), bytes.size());
  return copy;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_{std::exchange(other.bytes_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      capacity_{std::exchange(other.capacity_, 0)} {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe_and_unmap(bytes_, capacity_);
  bytes_ = std::exchange(other.bytes_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

Secret::~Secret() {
  wipe_and_unmap(bytes_, capacity_);
}

void Secret::shrink(std::size_t size) {
  if (size >= size_) return;
  OPENSSL_cleanse(bytes_ + size, size_ - size);
  size_ = size;
}

}  // namespace cfwarden
