// What a sweep found in the bytes of one file, before anything is known of who can read it.
#pragma once

#include "cfwarden/model/credential.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct FoundCredential {
  std::string member;               // Of an archive; of one inside another "inner.zip!name". "" for
                                    // the file itself. Hostile bytes.
  std::optional<std::size_t> line;  // 1-based; nullopt where lines mean nothing.
  std::string_view carrier;         // The name of a row of all_contexts().
  Credential credential;
};

struct FileFindings {
  std::vector<FoundCredential> found;  // Of each member each kind and fingerprint once.
  // What was not looked at, and why: the member, or "" for the file. Our own words.
  struct Miss {
    std::string member;
    std::string why;
  };
  std::vector<Miss> misses;
};

}  // namespace cfwarden
