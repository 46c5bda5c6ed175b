// A []byte field of a Go struct, as encoding/json fills it.
//
// Promises  like Go's slice it keeps the bytes of earlier values behind its length: a null in an
//           array leaves what an earlier value of the same field put there.
#pragma once

#include "cfwarden/base/secret.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace cfwarden {

class GoBytes {
 public:
  std::string_view reveal() const { return room_.reveal().substr(0, size_); }
  std::size_t size() const { return size_; }

  // For the reader: `room` bytes are enough for every later call.
  void reserve(std::size_t room);
  std::span<char> room() { return room_.writable(); }
  void set_size(std::size_t size);  // Of a whole value just written from the start of room().
  void clear();
  void set_element(std::size_t index, char byte);
  void keep_element(std::size_t index);  // As it was, or 0 when it never was set.
  void end_array(std::size_t size);

 private:
  Secret room_;
  std::size_t size_ = 0;
  std::size_t written_ = 0;  // Bytes of room_ that hold something.
};

}  // namespace cfwarden
