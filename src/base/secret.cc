#include "cfwarden/base/secret.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace cfwarden {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// Whole pages of their own: locking and wiping never touch a neighbour.
std::size_t pages_for(std::size_t bytes) {
  return (bytes + page_size() - 1) / page_size() * page_size();
}

char* map_pages(std::size_t bytes) {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc{};
  (void)mlock(pages, bytes);                   // Beyond RLIMIT_MEMLOCK it may be swapped.
  (void)madvise(pages, bytes, MADV_DONTDUMP);  // An old kernel may dump it.
  return static_cast<char*>(pages);
}

// Single pages that were wiped and wait, locked, for the next secret: to map and lock one takes
// longer than to decode what lies in it. A fork leaves the child its parent's pages, unlocked.
struct Spares {
  std::array<char*, 8> pages{};
  std::size_t count = 0;
};

thread_local Spares spare_pages;

Spares& spares() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { spare_pages = {}; });
  if (registered != 0) spare_pages = {};  // Then none are kept beyond a call.
  return spare_pages;
}

char* take_pages(std::size_t bytes) {
  Spares& kept = spares();
  const bool is_kept = bytes == page_size() && kept.count > 0;
  return is_kept ? kept.pages[--kept.count] : map_pages(bytes);
}

void wipe_and_return(char* pages, std::size_t bytes) {
  if (pages == nullptr) return;
  OPENSSL_cleanse(pages, bytes);
  Spares& kept = spares();
  if (bytes == page_size() && kept.count < kept.pages.size()) {
    kept.pages[kept.count++] = pages;
  } else {
    (void)munmap(pages, bytes);  // It cannot fail for pages that map_pages gave.
  }
}

}  // namespace

Secret::Secret(std::size_t capacity) {
  if (capacity == 0) return;
  const std::size_t bytes = pages_for(capacity);
  bytes_ = take_pages(bytes);
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
  wipe_and_return(bytes_, capacity_);
  bytes_ = std::exchange(other.bytes_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

Secret::~Secret() {
  wipe_and_return(bytes_, capacity_);
}

void Secret::shrink(std::size_t size) {
  if (size >= size_) return;
  OPENSSL_cleanse(bytes_ + size, size_ - size);
  size_ = size;
}

}  // namespace cfwarden
