#include "cfwarden/sweep/directory.h"

#include <utility>
#include <vector>

namespace cfwarden {

namespace {

std::string joined_path(const std::string& directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path = directory;
  if (!path.empty() && !path.ends_with('/')) path += '/';
  return path.append(name);
}

}  // namespace

bool DescriptorBudget::take() {
  if (left_.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
  give_back();
  return false;
}

DirectoryRef::DirectoryRef(const DirectoryRef& other) : directory_{other.directory_} {
  if (directory_ != nullptr) directory_->users.fetch_add(1, std::memory_order_relaxed);
}

DirectoryRef::DirectoryRef(DirectoryRef&& other) noexcept
    : directory_{std::exchange(other.directory_, nullptr)} {}

DirectoryRef& DirectoryRef::operator=(DirectoryRef other) noexcept {
  std::swap(directory_, other.directory_);
  return *this;
}

DirectoryRef::~DirectoryRef() {
  Directory* freed = directory_;
  while (freed != nullptr && freed->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    Directory* above = freed->above;
    if (freed->budget != nullptr) freed->budget->give_back();
    delete freed;
    freed = above;
  }
}

DirectoryRef DirectoryRef::start(std::string path) {
  DirectoryRef made{new Directory};
  made->name = std::move(path);
  return made;
}

DirectoryRef DirectoryRef::below(std::string_view name) const {
  DirectoryRef made{new Directory};
  made->name = name;
  made->depth = directory_->depth + 1;
  made->mount = directory_->mount;
  directory_->users.fetch_add(1, std::memory_order_relaxed);
  made->above = directory_;
  return made;
}

DirectoryRef DirectoryRef::above() const {
  Directory* above = directory_->above;
  if (above != nullptr) above->users.fetch_add(1, std::memory_order_relaxed);
  return DirectoryRef{above};
}

bool keep_open(Directory& directory, Descriptor& descriptor, DescriptorBudget& budget) {
  if (!budget.take()) return false;
  directory.kept = std::move(descriptor);
  directory.budget = &budget;
  return true;
}

std::string path_of(const Directory& directory) {
  std::vector<const Directory*> way;
  std::size_t length = 0;
  for (const Directory* step = &directory; step != nullptr; step = step->above) {
    way.push_back(step);
    length += step->name.size() + 1;
  }
  std::string path;
  path.reserve(length);
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    if (!path.empty() && !path.ends_with('/')) path += '/';
    path += (*step)->name;
  }
  return path;
}

const std::string& DirectoryPath::text() const {
  if (!is_made_) text_ = path_of(*directory_);
  is_made_ = true;
  return text_;
}

std::string DirectoryPath::of(std::string_view name) const {
  return joined_path(text(), name);
}

}  // namespace cfwarden
