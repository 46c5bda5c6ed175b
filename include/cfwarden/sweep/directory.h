// The directories of a walk, each with the one it was found in: enough to tell its path when
// somebody asks, and to come back to it. Shared by threads: a Directory changes no more once it is
// published.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cfwarden {

// How many descriptors all directories together may keep open.
class DescriptorBudget {
 public:
  explicit DescriptorBudget(int descriptors) : left_{descriptors} {}
  bool take();
  void give_back() { left_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> left_;
};

struct Directory {
  Directory* above = nullptr;  // Kept alive by this one; nullptr where a walk starts.
  std::string name;            // One component; of a start the path that it was named by.
  std::uint32_t depth = 0;
  Descriptor kept;                     // Open only where the budget allowed it;
  DescriptorBudget* budget = nullptr;  // which it came from.
  FileId id;                           // Set where nothing is kept: to know it again.
  bool is_mount = false;               // Judged, and to be entered.
  unsigned long long mount = 0;        // Its number, where mounts are told by nothing else.
  std::atomic<std::uint32_t> users{1};
};

// One of the users of a Directory. The last one to go frees it, and then the directories above that
// have no other, one after the other: a chain of any depth needs no stack.
class DirectoryRef {
 public:
  DirectoryRef() = default;
  DirectoryRef(const DirectoryRef& other);
  DirectoryRef(DirectoryRef&& other) noexcept;
  DirectoryRef& operator=(DirectoryRef other) noexcept;
  ~DirectoryRef();

  static DirectoryRef start(std::string path);
  DirectoryRef below(std::string_view name) const;
  DirectoryRef above() const;

  Directory& operator*() const { return *directory_; }
  Directory* operator->() const { return directory_; }
  Directory* get() const { return directory_; }
  explicit operator bool() const { return directory_ != nullptr; }

 private:
  explicit DirectoryRef(Directory* directory) : directory_{directory} {}

  Directory* directory_ = nullptr;
};

// Keeps `descriptor` in the directory if the budget allows it; before the directory is published.
bool keep_open(Directory& directory, Descriptor& descriptor, DescriptorBudget& budget);

std::string path_of(const Directory& directory);

// The path of one directory, made when it is first asked for. One thread's.
class DirectoryPath {
 public:
  explicit DirectoryPath(const Directory& directory) : directory_{&directory} {}
  const std::string& text() const;
  std::string of(std::string_view name) const;

 private:
  const Directory* directory_;
  mutable std::string text_;
  mutable bool is_made_ = false;
};

}  // namespace cfwarden
