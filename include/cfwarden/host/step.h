// One component of a path, opened with O_PATH and never followed.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

namespace cfwarden {

// An object that was reached. Its facts are what fstat says: no ACLs and no ancestors yet.
struct Seen {
  Descriptor descriptor;
  FileFacts facts;
};

Result<Seen> seen_through(Descriptor descriptor);
Result<FileFacts> facts_through(const Descriptor& descriptor);  // The same, of what stays open.

// A regular file's or directory's; anything else has none.
void read_acls(const Descriptor& descriptor, FileFacts& facts);

// How far one step may lead: the last two by openat2, or by openat and a look at the mount.
enum class StepLimit { anywhere, beneath, same_mount };

class Stepper {
 public:
  Stepper() = default;
  // Tries in `root` whether there is openat2: an old kernel or a container's filter lacks it.
  explicit Stepper(const Descriptor& root);

  bool has_openat2() const { return has_openat2_; }
  // `name`: one component, or "..". A symbolic link is opened itself. A mount that is not to be
  // crossed is EXDEV; with openat2, what is mounted there is not touched.
  Result<Seen> step(const Descriptor& directory, const char* name, StepLimit limit) const;

 private:
  int open_component(int directory, const char* name, StepLimit limit) const;

  bool has_openat2_ = false;
};

}  // namespace cfwarden
