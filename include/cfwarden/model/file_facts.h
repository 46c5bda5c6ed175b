// What the kernel says about a file, its ACLs and every directory above it, at one moment.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace cfwarden {

// Owning the same pair means being the same inode.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

enum class FileType { regular, directory, symlink, other };

enum class AclTag { owner, user, group, named_group, mask, others };  // POSIX.1e, in kernel order.

struct AclEntry {
  AclTag tag = AclTag::owner;
  std::uint32_t id = 0;      // For user and named_group only.
  unsigned permissions = 0;  // rwx as 4, 2, 1.
  friend bool operator==(const AclEntry&, const AclEntry&) = default;
};

// Everything that decides who may do what with one inode.
struct Permissions {
  unsigned mode = 0;  // 07777. With an ACL the group bits are its mask.
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<AclEntry> acl;  // Extended access ACL; empty when there is none.
  friend bool operator==(const Permissions&, const Permissions&) = default;
};

struct DirectoryFacts {
  std::string path;  // As the report shows it.
  FileId id;
  Permissions permissions;
  std::vector<AclEntry> default_acl;
};

struct FileFacts {
  FileId id;
  FileType type = FileType::regular;
  Permissions permissions;
  std::uint64_t links = 1;
  std::uint64_t size = 0;
  std::int64_t modified = 0;             // Seconds since the epoch.
  std::int64_t changed_nanoseconds = 0;  // ctime since the epoch, in ns; for comparison only.
  std::vector<AclEntry> default_acl;     // Directories only.
  // Every directory that was searched to reach the file, from the root down, those that hold a
  // followed symbolic link included. Under --root the first one is that directory.
  std::vector<DirectoryFacts> ancestors;
};

}  // namespace cfwarden
