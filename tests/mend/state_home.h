// A state directory of an ordinary user in a temporary tree: as root, alice's, who the test then
// is.
#pragma once

#include "../host/tree.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace cfwarden {
namespace {

// Root becomes alice, who has no account, until this goes.
class AsAlice {
 public:
  AsAlice() : was_root_{geteuid() == 0} {
    if (was_root_) REQUIRE((setegid(alice) == 0 && seteuid(alice) == 0));
  }
  AsAlice(const AsAlice&) = delete;
  AsAlice& operator=(const AsAlice&) = delete;
  ~AsAlice() {
    if (was_root_) REQUIRE((seteuid(0) == 0 && setegid(0) == 0));
  }

 private:
  bool was_root_;
};

// A variable of the environment as it was before, when this goes.
class KeptVariable {
 public:
  explicit KeptVariable(const char* name) : name_{name} {
    if (const char* value = std::getenv(name)) value_ = value;
  }
  KeptVariable(const KeptVariable&) = delete;
  KeptVariable& operator=(const KeptVariable&) = delete;
  ~KeptVariable() {
    if (value_) {
      setenv(name_, value_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> value_;
};

class StateHome {
 public:
  StateHome() {
    tree_.directory("/state", alice, 0700);
    setenv("XDG_STATE_HOME", at("").c_str(), 1);
    user_.emplace();
  }

  // Below $XDG_STATE_HOME.
  std::string at(const std::string& below) const { return tree_.at("/state" + below); }
  std::string journal(const std::string& name) const {
    return at("/cfwarden/journal/" + name + ".jsonl");
  }

 private:
  Tree tree_;
  KeptVariable state_home_{"XDG_STATE_HOME"};
  std::optional<AsAlice> user_;  // Goes first: the tree is root's to remove.
};

inline std::string bytes_in(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file{path, std::ios::binary};
  file << bytes;
  REQUIRE(file.flush().good());
}

inline unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

}  // namespace cfwarden
