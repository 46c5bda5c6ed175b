// What an object must still be when it is changed, and how to look at it again.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/plan.h"

#include <cstdint>
#include <string>

namespace cfwarden {

struct Expected {
  FileId id;
  FileType type = FileType::regular;
  std::int64_t changed_nanoseconds = 0;  // 0: the ctime does not matter (undo after a crash).
  Attributes attributes;
};

// Why the object is not as expected, as a clause: "its mode is 0640, not 0644"; "" when it is. A
// file must also have exactly one name.
std::string difference(const Expected& expected, const FileFacts& now);

Attributes attributes_in(const FileFacts& facts);

// What the kernel says of an opened object at this moment, its ACLs included; no ancestors.
Result<FileFacts> present_facts(const Descriptor& object);

}  // namespace cfwarden
