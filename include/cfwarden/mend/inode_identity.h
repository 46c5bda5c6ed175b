// An inode across its reuse: a number is given away again, its birth and generation are not.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <cstdint>
#include <optional>

namespace cfwarden {

struct InodeIdentity {
  FileId id;
  std::optional<std::int64_t> born_nanoseconds;  // statx btime.
  std::optional<std::uint32_t> generation;       // FS_IOC_GETVERSION, where it can be asked.
  // What only one of the two knows does not count: an O_PATH descriptor has no generation.
  friend bool operator==(const InodeIdentity& a, const InodeIdentity& b);
};

Result<InodeIdentity> identity_of(const Descriptor& object);

}  // namespace cfwarden
