// The outcome of a call at the system's edge: a value, or an Error that says why there is none.
//
// The member names are std::expected's, which neither supported compiler has yet.
// `what` is a lower-case clause that names the call and the reason; it never holds bytes of a file.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace cfwarden {

struct Error {
  std::string what;
  int code = 0;  // errno where the kernel gave one, else 0.
};

// The value of a Result whose success carries nothing.
struct Done {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Expects has_value().
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Expects !has_value().
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace cfwarden
