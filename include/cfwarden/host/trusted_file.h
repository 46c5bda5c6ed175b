// Files that steer cfwarden itself, opened only when nobody but root and the caller can have
// written them: otherwise whoever can would choose what an audit sees.
//
// Promises  no final symbolic link is followed; the file is regular, or the directory one; its
//           owner is root or the caller, and group and others cannot write it. With
//           PathTrust::trusted the same holds for every directory above. Error messages name the
//           path and what to change; codes are errno's (ENOENT: absent), 0 for a refusal of ours.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/host/descriptor.h"

#include <cstddef>
#include <string>

namespace cfwarden {

enum class PathTrust { trusted, any };  // What must hold for the directories above.

Result<Descriptor> open_trusted_directory(const std::string& path, PathTrust above);

// `forbidden`: permission bits of the file that must not be set.
struct TrustedFile {
  std::string path;
  PathTrust above = PathTrust::any;
  unsigned forbidden = 0022;
  std::size_t cap = 0;  // A larger file is an Error.
};
Result<Secret> read_trusted_file(const TrustedFile& file);

// The same, to be read by the caller; its cap means nothing.
Result<Descriptor> open_trusted_file(const TrustedFile& file);

// `name` has no slash. The directory has been opened by open_trusted_directory(); `path` is for
// errors.
Result<Secret> read_trusted_file_in(const Descriptor& directory, const std::string& name,
                                    const TrustedFile& file);

}  // namespace cfwarden
