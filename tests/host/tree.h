// A tree of real files with real owners below a directory of root's, gone at the end of its test.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

namespace cfwarden {

constexpr std::uint32_t alice = 54321;  // Uids, and gids, without accounts.
constexpr std::uint32_t mallory = 54322;

// Every test file has its own: a class of this name elsewhere in the program would lend it the
// wrong path, and what the tests then write and remove would be the machine's.
namespace {

class Tree {
 public:
  Tree() {
    // In memory where that is possible: thousands of directories come and go.
    path_ = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    path_ += "/cfwarden-tree-XXXXXX";
    REQUIRE(mkdtemp(path_.data()) != nullptr);
    REQUIRE(chmod(path_.c_str(), 0755) == 0);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    const std::string command = "rm -rf -- " + path_;  // Knows trees deeper than a path is long.
    if (std::system(command.c_str()) != 0) MESSAGE("left behind: " << path_);
  }

  const std::string& path() const { return path_; }
  std::string at(const std::string& below) const { return path_ + below; }

  std::string directory(const std::string& below, std::uint32_t uid = 0, mode_t mode = 0755) {
    const std::string path = at(below);
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
    own(path, uid);
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path;
  }

  std::string file(const std::string& below, std::uint32_t uid = 0, mode_t mode = 0600,
                   const std::string& content = "invented") {
    const std::string path = at(below);
    std::ofstream{path, std::ios::binary} << content;
    own(path, uid);
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path;
  }

  std::string link(const std::string& target, const std::string& below, std::uint32_t uid = 0) {
    const std::string path = at(below);
    REQUIRE(symlink(target.c_str(), path.c_str()) == 0);
    own(path, uid);
    return path;
  }

 private:
  // An ordinary user's tests leave everything to that user.
  static void own(const std::string& path, std::uint32_t uid) {
    if (geteuid() == 0) REQUIRE(lchown(path.c_str(), uid, uid) == 0);
  }

  std::string path_;
};

}  // namespace

inline std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

inline bool needs_root() {
  if (geteuid() == 0) return false;
  MESSAGE("skipped: only root can make files of other users");
  return true;
}

}  // namespace cfwarden
