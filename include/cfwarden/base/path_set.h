// Paths, and whether another one lies at or below one of them. Pure.
//
// Promises  asking is linear in the path that is asked for, whatever the set holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

namespace cfwarden {

class PathSet {
 public:
  void add(std::string_view path);
  bool empty() const { return paths_.empty(); }
  // For the path itself and everything below it; of an archive, its members ("ARCHIVE!MEMBER").
  bool covers(std::string_view path) const;

 private:
  bool holds(std::uint64_t hash, std::string_view path) const;

  std::unordered_set<std::string> paths_;
  std::unordered_set<std::uint64_t> hashes_;  // Of paths_, so that few prefixes are looked up.
};

}  // namespace cfwarden
