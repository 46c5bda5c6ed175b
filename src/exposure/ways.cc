#include "cfwarden/exposure/ways.h"

#include "cfwarden/base/path.h"

#include <optional>

namespace cfwarden {

namespace {

std::optional<Way> way_in(const Permissions& permissions, const Principal& who, Access access,
                          std::size_t directory) {
  const Ruling ruling = ruling_of(permissions, who, access);
  if (!ruling.granted) return std::nullopt;
  return Way{.directory = directory, .owns = false, .by = ruling.by, .id = ruling.id};
}

// A sticky directory lets nobody rename or remove what is another's. A file directly in it counts
// all the same: once it is gone, anybody can put another in its place.
bool protects(const FileFacts& facts, std::size_t index) {
  if ((facts.ancestors[index].permissions.mode & 01000) == 0) return false;
  return index + 1 < facts.ancestors.size() || facts.type == FileType::directory;
}

}  // namespace

// Directories are passed from the root down, and after a link down again: what does not hold the
// next one is left behind for good.
Above::Above(const FileFacts& facts) : facts_{facts} {
  const auto& ancestors = facts.ancestors;
  holders_.reserve(ancestors.size() + 1);
  for (std::size_t i = 0; i < ancestors.size(); ++i) {
    const std::string& path = ancestors[i].path;
    std::size_t holder = i;
    while (holder != 0 &&
           (ancestors[holder - 1].path == path || !lies_in(path, ancestors[holder - 1].path))) {
      holder = holders_[holder - 1];
    }
    holders_.push_back(holder);
  }
  holders_.push_back(ancestors.size());
}

bool Above::searches(std::size_t index, const Principal& who) const {
  return permits(facts_.ancestors[index].permissions, who, Access::search);
}

std::vector<bool> Above::reached_by(const Principal& who) const {
  std::vector<bool> reached;
  reached.reserve(holders_.size());
  for (const std::size_t holder : holders_) {
    reached.push_back(holder == 0 || (reached[holder - 1] && searches(holder - 1, who)));
  }
  return reached;
}

const DirectoryFacts* Above::closed_to(const Principal& who) const {
  const DirectoryFacts* closed = nullptr;
  for (std::size_t holder = holders_.back(); holder != 0; holder = holders_[holder - 1]) {
    if (!searches(holder - 1, who)) closed = &facts_.ancestors[holder - 1];
  }
  return closed;
}

std::vector<Way> ways_to_read(const Above& above, const Principal& who) {
  const auto way = way_in(above.facts().permissions, who, Access::read, 0);
  if (!way || !above.file_reached_by(who)) return {};
  return {*way};
}

std::vector<Way> ways_to_write(const Above& above, const Principal& who) {
  const FileFacts& facts = above.facts();
  const std::vector<bool> reached = above.reached_by(who);
  std::vector<Way> ways;
  if (reached.back()) {
    const Access access = facts.type == FileType::directory ? Access::change : Access::write;
    if (const auto way = way_in(facts.permissions, who, access, 0)) ways.push_back(*way);
  }
  for (std::size_t i = 0; i < facts.ancestors.size(); ++i) {
    const Permissions& directory = facts.ancestors[i].permissions;
    if (!reached[i]) continue;
    if (directory.uid == who.uid) {
      ways.push_back({.directory = i + 1, .owns = true, .by = AclTag::owner});
    } else if (const auto way = way_in(directory, who, Access::change, i + 1);
               way && !protects(facts, i)) {
      ways.push_back(*way);
    }
  }
  return ways;
}

}  // namespace cfwarden
