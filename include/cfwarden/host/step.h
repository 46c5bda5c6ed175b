// One component of a path, opened with O_PATH and never followed.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <string>

namespace cfwarden {

// An object that was reached. Its facts are what fstat says: no ACLs and no ancestors yet.
struct Seen {
  Descriptor descriptor;
  FileFacts facts;
};

Result<Seen> seen_through(Descriptor descriptor);

// A regular file's or directory's; anything else has none.
void read_acls(const Descriptor& descriptor, FileFacts& facts);

// How far one step may lead: the last two by openat2, or by openat and a look at the mount.
enum class StepLimit { anywhere, beneath, same_mount };

class Stepper {
 public:
  // `name`: one component, or "..". A symbolic link is opened itself.
  Result<Seen> step(const Descriptor& directory, const std::string& name, StepLimit limit);

 private:
  int open_component(int directory, const char* name, StepLimit limit);

  bool has_openat2_ = true;  // Until the kernel or a container's filter says otherwise.
};

}  // namespace cfwarden
