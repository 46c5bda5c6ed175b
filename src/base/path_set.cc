#include "cfwarden/base/path_set.h"

namespace cfwarden {
namespace {

// FNV-1a: of every prefix of a path in one pass.
constexpr std::uint64_t first_hash = 0xcbf29ce484222325;

constexpr std::uint64_t next_hash(std::uint64_t hash, char byte) {
  return (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
}

}  // namespace

void PathSet::add(std::string_view path) {
  std::uint64_t hash = first_hash;
  for (const char byte : path) hash = next_hash(hash, byte);
  hashes_.insert(hash);
  paths_.emplace(path);
}

bool PathSet::holds(std::uint64_t hash, std::string_view path) const {
  return hashes_.contains(hash) && paths_.contains(std::string{path});
}

bool PathSet::covers(std::string_view path) const {
  if (empty()) return false;
  std::uint64_t hash = first_hash;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_end = path[i] == '/' || path[i] == '!';
    if (is_end && i != 0 && holds(hash, path.substr(0, i))) return true;
    hash = next_hash(hash, path[i]);
    if (i == 0 && path[i] == '/' && holds(hash, "/")) return true;
  }
  return holds(hash, path);
}

}  // namespace cfwarden
