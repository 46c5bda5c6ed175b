// Bytes that may hold a secret: owned, move-only, wiped before they are given back.
//
// Supplies  Secret: a fixed-capacity buffer. Where the limits allow it, it is neither swapped
//           (mlock) nor dumped (MADV_DONTDUMP).
// Promises  the bytes are overwritten on destruction and when moved from; nothing is copied
//           implicitly. reveal() is the only way to see them: each call is reviewed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace cfwarden {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t capacity);  // size() == capacity, zero-filled.
  static Secret copy_of(std::string_view bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<char> writable() { return {bytes_, size_}; }
  void shrink(std::size_t size);  // Wipes and forgets the tail; size <= size().

  // A view that dies with this object.
  std::string_view reveal() const { return {bytes_, size_}; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cfwarden
