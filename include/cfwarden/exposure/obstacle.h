// Can that reader read it? The first thing in the way, over the same facts that give exposure.
// Pure.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/model/file_facts.h"

#include <cstddef>
#include <optional>
#include <string>

namespace cfwarden {

// `bypasses`: holds CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH, as root does unless it was taken away.
struct Reader {
  Principal who;
  bool bypasses = false;
};

struct Obstacle {
  std::string path;  // Of the directory that cannot be searched, or of the file.
  bool is_directory = false;
  std::string words;  // "cannot search /root (0700 root:root)", "cannot read it (0600 root:root)".
};

// nullopt: it can read the file. `path` is the file's as reported; owner and group names come from
// `accounts`. Directories before `first_ancestor` do not count: a bind mount enters below them.
std::optional<Obstacle> obstacle_of(const FileFacts& facts, const std::string& path,
                                    const Reader& reader, const Accounts& accounts,
                                    std::size_t first_ancestor = 0);

}  // namespace cfwarden
