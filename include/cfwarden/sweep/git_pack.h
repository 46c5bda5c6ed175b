// Objects of git that lie in a pack: found by its index (version 2), unpacked, and put together
// from deltas, as gitformat-pack(5) says it. To be asked in a worker: anyone may have made it up.
//
// Promises  nothing is read but through the two functions; an object is no larger than `most`, its
//           chain of deltas no longer than git makes them, and all that is unpacked for it is taken
//           off a budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

enum class GitObjectState : char {
  commit = 'C',
  tree = 'T',
  blob = 'B',
  tag = 'G',
  absent = 'N',
  damaged = 'D',
  too_large = 'L',  // It, or what it is made of.
};

struct GitObject {
  GitObjectState what = GitObjectState::absent;
  std::string content;
};

// What a file holds from there on, that many bytes; fewer at its end.
using BytesAt = std::function<std::string(std::uint64_t at, std::size_t count)>;

class GitPack {
 public:
  // `id_bytes`: 20 or 32.
  GitPack(BytesAt index, BytesAt pack, std::size_t id_bytes);

  // `id`: its bytes, not in hexadecimal.
  GitObject object(std::string_view id, std::size_t most, std::uint64_t& budget) const;

 private:
  struct Head {
    unsigned type = 0;
    std::size_t size = 0;
    std::uint64_t content_at = 0;
    std::uint64_t base_at = 0;  // Of a delta.
  };

  std::optional<std::uint64_t> place_of(std::string_view id) const;
  std::optional<std::uint64_t> offset_at(std::uint32_t place) const;
  std::optional<Head> head_at(std::uint64_t at) const;
  std::optional<std::uint64_t> base_of(const Head& head, std::uint64_t at, std::string_view rest,
                                       std::size_t& used) const;
  std::optional<std::string> content_of(const Head& head) const;
  GitObject unpacked(std::uint64_t at, std::size_t most, std::uint64_t& budget) const;

  BytesAt index_;
  BytesAt pack_;
  std::size_t id_bytes_;
  std::string fan_out_;  // "" for what is no index.
  std::uint32_t count_ = 0;
};

// nullopt where the delta does not fit its base, or makes more than `most` bytes of it.
std::optional<std::string> patched(std::string_view base, std::string_view delta, std::size_t most);

}  // namespace cfwarden
