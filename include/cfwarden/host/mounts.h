// What is mounted where, as /proc/self/mountinfo says: only what an audit keeps away from.
//
// To add a file system: add its row in src/host/mounts.cc.
#pragma once

#include "cfwarden/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace cfwarden {

// Served over a network or by a user's process: touching it can hang, and it answers what it likes.
bool is_remote_file_system(std::string_view type);

// A kernel interface that holds no files of anybody.
bool is_pseudo_file_system(std::string_view type);

// The name of a kernel interface by statfs's magic number; "" for any other file system.
std::string_view pseudo_file_system_name(unsigned long magic);

class Mounts {
 public:
  // Of the text of mountinfo; the last of several mounts on one directory counts.
  static Mounts parse(std::string_view mountinfo);
  // Of this process; none when /proc is missing. An error only where descriptors have run out.
  static Result<Mounts> current();

  bool is_empty() const { return types_.empty(); }
  // The type of the remote or pseudo file system mounted on exactly this path; "" for none.
  std::string_view type_on(std::string_view path) const;

 private:
  std::map<std::string, std::string, std::less<>> types_;
};

// The number by which the kernel knows the mount that a descriptor stands on; 0 when it is unknown.
unsigned long long mount_id_of(int descriptor);

// The type, "ext4", of the mount with that number in a text of mountinfo; "" for none. Pure.
std::string type_of_mount(unsigned long long id, std::string_view mountinfo);
// Of the mount that a descriptor stands on; "" where /proc does not tell.
std::string file_system_type(int descriptor);

}  // namespace cfwarden
