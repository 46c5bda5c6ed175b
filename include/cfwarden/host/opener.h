// The one way to reach an object of the audited host, for audit and for every later change.
//
// Supplies  Opener: paths, as the audited host names them, to O_PATH descriptors with their facts.
// Promises  component by component from the root, never through a link that an ordinary user could
//           have put there into what is not that user's; below the first directory that is not
//           trusted, openat2 with RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS|NO_XDEV (or a checked
//           walk where the kernel lacks it). Nothing is opened for reading here. Under --root no
//           path, absolute symlinks included, leaves that directory.
//           Remote and user-space file systems (NFS, CIFS, FUSE, 9p, autofs) are not touched unless
//           the path asked for lies at or below one by name (Named::yes).
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// Who controls the directories on the way to an object.
struct Territory {
  bool trusted = true;  // Every directory is root's and closed to others' writes.
  std::uint32_t uid =
      0;  // Otherwise: as whom content is read. 65534 for an open directory of root's.
  friend bool operator==(const Territory&, const Territory&) = default;
};

struct Opened {
  Descriptor descriptor;  // O_PATH.
  std::string path;       // As it was asked for, from the audited root.
  FileFacts facts;
  Territory territory;  // Of the directory that holds it; for a directory: of what it holds.
};

enum class Named { no, yes };  // Whether a person named this path: then mounts may be crossed.

class Opener {
 public:
  // `root`: "" or "/" for the running host, else the directory of --root.
  static Result<Opener> at(const std::string& root);
  Opener(Opener&&) noexcept;
  Opener& operator=(Opener&&) noexcept;
  ~Opener();

  // `path` is absolute. Error codes: ENOENT and ENOTDIR mean absent; ELOOP a link that is not
  // followed (the message names its target); EXDEV a mount or remote file system; EACCES a closed
  // directory.
  Result<Opened> open(std::string_view path, Named named = Named::no) const;

  // One entry of an opened directory. `name` has no slash and is neither "." nor "..".
  Result<Opened> open_in(const Opened& directory, std::string_view name,
                         Named named = Named::no) const;

  // Whether a path lies on a file system that is skipped unless named: its type ("nfs4"), or "".
  std::string skipped_file_system(std::string_view path) const;
  // Like that for kernel interfaces (proc, sysfs, cgroup2, ...), which are never walked.
  std::string pseudo_file_system(const Opened& directory) const;

 private:
  struct State;
  explicit Opener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The extended ACL of an opened object; empty when there is none or the file system has none.
std::vector<AclEntry> read_acl(const Descriptor& descriptor, const char* attribute);

// Decodes the kernel's xattr form (version 2); an empty result for bytes that are none.
std::vector<AclEntry> parse_acl(std::string_view xattr);

}  // namespace cfwarden
