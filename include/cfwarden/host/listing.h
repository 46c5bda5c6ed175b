// The names in one directory, as many as are asked for.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace cfwarden {

struct Entry {
  std::string name;  // Bytes, as the file system has them.
  FileType type = FileType::other;
  bool type_known = true;  // False for DT_UNKNOWN: open it to know.
};

struct Names {
  std::vector<Entry> entries;  // Sorted by name.
  bool truncated = false;      // There were more than max_entries.
};

// Opens the directory itself, where it may be: then list() and own_facts() do without /proc and
// without a descriptor of their own.
void open_for_listing(Opened& directory);

Result<Names> list(const Opened& directory, std::size_t max_entries);

// The entries that `wanted` keeps, and how many names there were.
struct Listed {
  Names names;
  std::size_t seen = 0;
};

Result<Listed> list_wanted(const Descriptor& directory, std::size_t max_entries,
                           const std::function<bool(const Entry&)>& wanted);

}  // namespace cfwarden
