// Opens one entry of a directory for reading: never through a symbolic link, never waiting, without
// touching its access time where the kernel allows that, and never across a mount unless told to.
//
// Promises  where there is openat2, a mount that is not crossed is not touched: a hung network file
//           system holds up nothing.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

#include <cstddef>

namespace cfwarden {

// What openat2 is asked for. A filter sees no flags there, but the address of what holds them: one
// of these, a multiple of `stride` from begin(), which is a multiple of `size`, and which nobody
// can write to.
struct ConfinedOpens {
  static constexpr std::size_t stride = 32;
  static constexpr std::size_t size = 128;

  static const void* begin();
};

// Across a mount: for one that was judged already.
enum class MountStep { stay, cross };

class EntryOpener {
 public:
  EntryOpener() = default;
  // Tries in `directory` whether there is openat2: an old kernel or a container's filter lacks it.
  explicit EntryOpener(int directory);

  // With openat2 an entry that is a mount is EXDEV. Without, the caller compares mount_id_of().
  bool sees_mounts() const { return has_openat2_; }

  // `name`: one component. Where no descriptor is left it tries again for a moment.
  Result<Descriptor> directory(int above, const char* name, MountStep step) const;
  Result<Descriptor> file(int directory, const char* name, MountStep step) const;
  // Only to pass through: needs no right to list it.
  Result<Descriptor> passage(int above, const char* name) const;

 private:
  Result<Descriptor> open(int above, const char* name, int flags, MountStep step) const;
  int open_once(int above, const char* name, int flags, MountStep step) const;

  bool has_openat2_ = false;
};

// It went, or became a link or something else, after it was listed: nothing is left to look at.
bool is_gone(const Error& error);

}  // namespace cfwarden
