// What a container sees of the host, gathered while its definition is read.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_container_mounts = 64;

class ContainerMounts {
 public:
  // `inside` is absolute; an `outside` that is not ("" or a volume's name) is elsewhere. The last
  // of several at a place counts.
  void add(std::string_view inside, std::string_view outside);
  bool has(std::string_view inside) const;

  // Appends to the start, a gap where there are too many: those beyond are left out.
  void give_to(Start& start, Starts& starts);

 private:
  std::vector<Mount> all_;  // outside: "" for elsewhere.
  bool left_out_ = false;
};

}  // namespace cfwarden
