#include "cfwarden/host/position.h"

#include <algorithm>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t max_kept = 32;
constexpr std::size_t max_without_acls = 8;  // Each holds a descriptor.

}  // namespace

void enter(Position& position, Seen directory, std::string path) {
  const Standing above = position.record != nullptr ? position.record->standing : Standing{};
  auto record = std::make_shared<Record>();
  record->path = std::move(path);
  record->standing = standing_in(directory.facts.permissions, above);
  record->facts = std::move(directory.facts);
  record->above = position.record;
  auto descriptor = std::make_shared<const Descriptor>(std::move(directory.descriptor));
  record->without_acls = descriptor;
  if (position.passed.size() >= max_without_acls) complete(*record);
  enter(position, std::move(descriptor), std::move(record));
}

void enter(Position& position, std::shared_ptr<const Descriptor> descriptor,
           std::shared_ptr<Record> record) {
  position.descriptor = std::move(descriptor);
  position.record = std::move(record);
  if (position.passed.empty() || position.passed.back() != position.record) {
    position.passed.push_back(position.record);
  }
}

void complete(Record& directory) {
  if (directory.without_acls != nullptr) complete(directory, *directory.without_acls);
}

void complete(Record& directory, const Descriptor& through) {
  if (directory.without_acls == nullptr) return;
  read_acls(through, directory.facts);
  directory.without_acls.reset();
}

DirectoryFacts directory_facts(std::string path, const FileFacts& facts) {
  return {.path = std::move(path),
          .id = facts.id,
          .permissions = facts.permissions,
          .default_acl = facts.default_acl};
}

void Memory::keep(const std::string& path, const Position& position) {
  if (kept_.size() >= max_kept && !kept_.contains(path)) {
    kept_.erase(std::ranges::min_element(kept_, {},
                                         [](const auto& entry) { return entry.second.last_used; }));
  }
  kept_.insert_or_assign(path, Kept{.position = position, .last_used = ++clock_});
}

const Position* Memory::find(std::string_view path) {
  const auto found = kept_.find(path);
  if (found == kept_.end()) return nullptr;
  found->second.last_used = ++clock_;
  return &found->second.position;
}

}  // namespace cfwarden
