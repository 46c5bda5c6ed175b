#include "cfwarden/base/go_bytes.h"

namespace cfwarden {

void GoBytes::reserve(std::size_t room) {
  if (room_.size() < room) room_ = Secret{room};
}

void GoBytes::set_size(std::size_t size) {
  size_ = size;
  written_ = size;
}

void GoBytes::clear() {
  set_size(0);
}

void GoBytes::set_element(std::size_t index, char byte) {
  room()[index] = byte;
  if (index >= written_) written_ = index + 1;
}

void GoBytes::keep_element(std::size_t index) {
  if (index >= written_) set_element(index, '\0');
}

void GoBytes::end_array(std::size_t size) {
  size_ = size;
}

}  // namespace cfwarden
