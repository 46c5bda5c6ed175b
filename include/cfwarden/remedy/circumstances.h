// What stands around an object that is to be changed, as mend/circumstances.h finds it. Pure
// values.
#pragma once

#include "cfwarden/model/file_facts.h"

#include <cstdint>
#include <string>

namespace cfwarden {

struct Circumstances {
  FileFacts facts;         // Fresh, with ACLs and the directories above.
  std::string path;        // As it was asked for, from the audited root.
  std::string location;    // Without links.
  bool is_trusted = true;  // Every directory above is root's and closed to others' writing.
  std::uint32_t uid = 0;   // Else: whose territory it lies in.
  // Below the trusted part a symbolic link was followed: "symbolic link /home/a/x of alice to
  // /home/a/y"; "" where none was.
  std::string link;
  bool is_immutable = false;    // chattr +i.
  bool is_append_only = false;  // chattr +a.
  bool is_read_only = false;    // Its mount is.
  std::string remote_type;      // "nfs4", "fuse.sshfs", ...; "" for a local file system.
  bool is_unmapped = false;     // Its owner or group has no id in this user namespace.
  std::string root_prefix;      // What commands put before paths: DIR of --root; or "".
};

}  // namespace cfwarden
