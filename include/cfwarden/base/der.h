// DER (X.690), read an element at a time from bytes that somebody else wrote.
//
// Supplies  DerReader: a cursor over elements that stand side by side. To look into one, make a
//           reader of its content.
// Promises  only tags below 31 and definite lengths in the fewest bytes; never a byte beyond the
//           input; no recursion and no copy. After the first failure a reader is at its end and
//           every take fails, so that a row of them is checked once, with sound().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cfwarden {

enum class DerTag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_id = 0x06,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
};

// [number], around other elements or in the place of one.
constexpr DerTag explicit_tag(unsigned number) {
  return static_cast<DerTag>(0xa0 | number);
}
constexpr DerTag implicit_tag(unsigned number) {
  return static_cast<DerTag>(0x80 | number);
}

struct DerElement {
  DerTag tag = {};
  std::string_view content;
};

class DerReader {
 public:
  explicit DerReader(std::string_view der) : rest_{der} {}

  bool sound() const { return sound_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool peeks(DerTag tag) const;

  DerElement take_any();
  // Its content; "" at any other element, which is a failure.
  std::string_view take(DerTag tag);
  // nullopt where another element stands, or none.
  std::optional<std::string_view> take_optional(DerTag tag);

 private:
  std::optional<std::size_t> take_length();
  DerElement fail();

  std::string_view rest_;
  bool sound_ = true;
};

// What X.690 demands of contents: the fewest bytes, and no bit that is not part of it.
bool is_der_integer(std::string_view content);
bool is_der_object_id(std::string_view content);  // Arcs below 2^31, as in Go.
bool is_der_bit_string(std::string_view content);

// Of an INTEGER; nullopt over 64 bits.
std::optional<std::int64_t> der_integer(std::string_view content);

}  // namespace cfwarden
