// Where a JSON object ends, told byte by byte, so that it can be told while it comes out of base64.
//
// Promises  everything that is an object of JSON is one here, and little else: what begins like a
//           second object inside the first breaks it, unless it is a value of it. At most
//           most_open_objects are open at a time, so that of many objects that begin in the same
//           text few are followed over the same byte.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cfwarden {

class ObjectEnd {
 public:
  static constexpr unsigned most_open_objects = 8;

  enum class State { open, closed, broken };

  // The first byte taken is the opening brace. None may follow once it is closed or broken.
  State take(char byte);

 private:
  enum class Expected { object, key_or_end, key, colon, value, value_or_end, comma_or_end };
  enum class Inside { nothing, text, escape, code, word };

  State take_inside(char byte);
  State take_between(char byte);
  State open(char bracket);
  State close(char bracket);
  State begin_text();
  State begin_value(char byte);

  bool is_in_object() const { return (objects_ & 1U) != 0; }

  Expected expected_ = Expected::object;
  Inside inside_ = Inside::nothing;
  std::uint32_t objects_ =
      0;  // A bit for each open container, the innermost last: is it an object?
  unsigned depth_ = 0;
  unsigned code_digits_ = 0;
};

}  // namespace cfwarden
