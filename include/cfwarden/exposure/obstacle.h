// Can that reader read it? The first thing in the way, over the same facts that give exposure.
// Pure.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/model/file_facts.h"

#include <cstddef>
#include <optional>
#include <string>

namespace cfwarden {

// `bypasses`: not root, but holds CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH. Root passes as it does
// in access.h.
struct Reader {
  Principal who;
  bool bypasses = false;
};

struct Obstacle {
  std::string path;  // Of the directory that cannot be searched, or of the file.
  bool is_directory = false;
  // Why, as whoever has to mend it would say it; holds names of the host. "cannot search /root
  // (mode 0700, owner root)", "cannot read it (mode 0640, owner root, group ssl)", "cannot read it:
  // the ACL's mask takes away what user:alice is given".
  std::string words;
};

// nullopt: it can read the file, as can_open() says. `path` is the file's as reported; owner and
// group names come from `accounts`. Directories before `first_ancestor` do not count: a bind mount
// enters below them.
std::optional<Obstacle> obstacle_of(const FileFacts& facts, const std::string& path,
                                    const Reader& reader, const Accounts& accounts,
                                    std::size_t first_ancestor = 0);

}  // namespace cfwarden
