#include "cfwarden/spots/object_end.h"

#include "cfwarden/base/ascii.h"

namespace cfwarden {
namespace {

bool is_space(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

// Of numbers, true, false and null.
bool is_word_byte(char byte) {
  return is_digit(byte) || is_lower(byte) || byte == '-' || byte == '+' || byte == '.' ||
         byte == 'E';
}

bool is_escape(char byte) {
  switch (byte) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    default:
      return false;
  }
}

}  // namespace

ObjectEnd::State ObjectEnd::take(char byte) {
  if (inside_ == Inside::word && !is_word_byte(byte)) inside_ = Inside::nothing;
  return inside_ == Inside::nothing ? take_between(byte) : take_inside(byte);
}

ObjectEnd::State ObjectEnd::take_inside(char byte) {
  switch (inside_) {
    case Inside::text:
      if (byte == '"') {
        inside_ = Inside::nothing;
      } else if (byte == '\\') {
        inside_ = Inside::escape;
      } else if (static_cast<unsigned char>(byte) < 0x20) {
        return State::broken;
      }
      return State::open;
    case Inside::escape:
      inside_ = byte == 'u' ? Inside::code : Inside::text;
      code_digits_ = 0;
      return byte == 'u' || is_escape(byte) ? State::open : State::broken;
    case Inside::code:
      if (++code_digits_ == 4) inside_ = Inside::text;
      return is_hex_digit(byte) ? State::open : State::broken;
    case Inside::word:
    case Inside::nothing:
      return State::open;
  }
  return State::broken;
}

ObjectEnd::State ObjectEnd::take_between(char byte) {
  if (expected_ == Expected::object) return byte == '{' ? open(byte) : State::broken;
  if (is_space(byte)) return State::open;
  switch (expected_) {
    case Expected::key_or_end:
      if (byte == '}') return close(byte);
      [[fallthrough]];
    case Expected::key:
      expected_ = Expected::colon;
      return byte == '"' ? begin_text() : State::broken;
    case Expected::colon:
      expected_ = Expected::value;
      return byte == ':' ? State::open : State::broken;
    case Expected::value_or_end:
      if (byte == ']') return close(byte);
      [[fallthrough]];
    case Expected::value:
      return begin_value(byte);
    case Expected::comma_or_end:
      if (byte == '}' || byte == ']') return close(byte);
      // A comma behind the last one is a mistake that is easily mended.
      expected_ = is_in_object() ? Expected::key_or_end : Expected::value_or_end;
      return byte == ',' ? State::open : State::broken;
    case Expected::object:
      break;
  }
  return State::broken;
}

ObjectEnd::State ObjectEnd::begin_value(char byte) {
  if (byte == '{' || byte == '[') return open(byte);
  expected_ = Expected::comma_or_end;
  if (byte == '"') return begin_text();
  inside_ = Inside::word;
  return is_word_byte(byte) ? State::open : State::broken;
}

ObjectEnd::State ObjectEnd::begin_text() {
  inside_ = Inside::text;
  return State::open;
}

ObjectEnd::State ObjectEnd::open(char bracket) {
  if (depth_ == most_open_objects) return State::broken;
  ++depth_;
  objects_ = objects_ << 1 | (bracket == '{' ? 1U : 0U);
  expected_ = bracket == '{' ? Expected::key_or_end : Expected::value_or_end;
  return State::open;
}

ObjectEnd::State ObjectEnd::close(char bracket) {
  if (is_in_object() != (bracket == '}')) return State::broken;
  objects_ >>= 1;
  expected_ = Expected::comma_or_end;
  return --depth_ == 0 ? State::closed : State::open;
}

}  // namespace cfwarden
