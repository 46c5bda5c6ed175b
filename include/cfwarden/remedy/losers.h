// Who could open an object and no longer can. Pure.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/file_facts.h"

#include <string>
#include <vector>

namespace cfwarden {

struct Losers {
  std::vector<std::string> names;    // Sorted, each once. Root never; the owner where it changes.
  bool everyone = false;             // Strangers, too.
  bool everyone_reads = false;       // Strangers could read it.
  std::vector<std::string> readers;  // Of the names those that could read it.
  bool is_empty() const { return names.empty() && !everyone; }
};

// Of a file: who could read it, or write it and not even that any more. Of a directory: who could
// list it or reach what it holds. The facts are of one object, before and after, with the
// directories above as they then are.
Losers losers_between(const FileFacts& before, const FileFacts& after, const Accounts& accounts);

// The same facts once that inode, the object itself or a directory above, has these permissions.
FileFacts with_permissions(FileFacts facts, FileId id, const Permissions& permissions);

}  // namespace cfwarden
