// Values as bytes between a worker and its supervisor, checked one by one when they come back.
//
// Promises  of a Decoder: the first thing that does not belong there makes it fail for good; from
//           then on it yields empty values. Every accepted encoding is the only one of what it
//           says.
#pragma once

#include "cfwarden/model/words.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_own_text = 1024;      // Our own words about a file.
inline constexpr std::size_t max_hostile_text = 4096;  // Out of a file: scopes, claims, paths.
inline constexpr std::size_t max_name = 64;            // Rows of tables, keys, fingerprints.
inline constexpr std::size_t max_position = 1024 * 1024 + 1;  // Lines, offsets, lengths.

class Encoder {
 public:
  void number(std::uint64_t value, unsigned bytes);
  void flag(bool value) { number(value ? 1 : 0, 1); }
  template <class E>
  void word(E value) {
    number(static_cast<std::uint64_t>(value), 1);
  }
  void text(std::string_view value, std::size_t most);
  void own_text(std::string_view value);  // Control characters become '?'.
  void position(const std::optional<std::size_t>& value);
  void moment(const std::optional<std::int64_t>& value);

  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_{bytes} {}

  bool failed() const { return failed_; }
  std::size_t left() const { return rest_.size(); }

  void demand(bool condition);
  std::uint64_t number(unsigned bytes);
  bool flag();
  template <class E>
  E tag() {
    return static_cast<E>(number(1));
  }
  template <class E>
  E word() {
    const std::uint64_t value = number(1);
    for (const Word<E>& known : words_of<E>()) {
      if (static_cast<std::uint64_t>(known.value) == value) return known.value;
    }
    demand(false);
    return E{};
  }
  std::string text(std::size_t most);
  std::string own_text();
  std::optional<std::size_t> position();
  std::optional<std::int64_t> moment();

 private:
  std::string_view take(std::size_t count);

  std::string_view rest_;
  bool failed_ = false;
};

// As many of the items as fit into what is left of `room`, after their number. `encode` gives the
// bytes of one.
template <class Item, class Encode>
std::string encoded_list(const std::vector<Item>& items, std::size_t& room, bool& cut,
                         Encode encode) {
  std::string list;
  std::size_t count = 0;
  for (const Item& item : items) {
    const std::string one = encode(item);
    cut = cut || one.size() > room;
    if (cut) break;
    room -= one.size();
    list += one;
    ++count;
  }
  Encoder number;
  number.number(count, 4);
  return number.bytes() + list;
}

// The number is only believed as long as items follow, so a forged one reserves nothing.
template <class Item>
std::vector<Item> decoded_list(Decoder& in, Item (*decode)(Decoder&)) {
  std::vector<Item> items;
  const std::uint64_t count = in.number(4);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) items.push_back(decode(in));
  return items;
}

}  // namespace cfwarden
