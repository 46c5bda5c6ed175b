// How a worker comes to the bytes of files that others own: it opens them as their owner, and then
// gives up every right it has.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/host/opener.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct OwnerView {
  Territory territory;
  std::uint32_t gid = 65534;             // See ReadRequest.
  std::span<const Opened* const> files;  // nullptr: there is nothing to open.
};

struct Opening {
  int fd = -1;
  std::string refusal;  // Why there is no fd.
};

// From the parent's rights to none at all; where it fails, nothing may be parsed. `parent` is the
// pid before the fork.
Result<Done> enter_sandbox(const OwnerView& view, int parent, std::vector<Opening>& openings);

// The first `most` bytes, or fewer when the file is shorter; read once more when it moved
// meanwhile.
Result<Secret> read_settled(int fd, std::size_t most);

}  // namespace cfwarden
