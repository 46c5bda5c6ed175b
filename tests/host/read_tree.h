// Files with content in a Tree, and what Opener would say of them.
#pragma once

#include "cfwarden/host/opener.h"
#include "tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <cstdint>
#include <string>

namespace cfwarden {

inline std::string put(Tree& tree, const std::string& name, const std::string& content,
                       mode_t mode = 0600, std::uint32_t uid = 0) {
  return tree.file("/" + name, uid, mode, content);
}

inline std::string put_of(std::uint32_t uid, Tree& tree, const std::string& name,
                          const std::string& content) {
  return put(tree, name, content, 0600, uid);
}

inline Opened opened(const std::string& path, Territory territory = {}) {
  Opened file;
  file.descriptor =
      std::make_shared<const Descriptor>(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat now {};
  REQUIRE(fstat(file.descriptor->get(), &now) == 0);
  file.path = path;
  file.facts.id = {now.st_dev, now.st_ino};
  file.facts.permissions.mode = now.st_mode & 07777;
  file.facts.permissions.uid = now.st_uid;
  file.facts.permissions.gid = now.st_gid;
  file.territory = territory;
  return file;
}

}  // namespace cfwarden
