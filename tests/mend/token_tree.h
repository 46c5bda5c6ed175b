// A root with a unit that cloudflared installed, as these tests move its token about.
#pragma once

#include "cfwarden/mend/token_move_site.h"

#include "../host/tree.h"

#include <sys/stat.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cfwarden {

// {"a": ..., "t": ..., "s": base64 of "invented-secret-of-a-test-unit-move"}
inline const std::string unit_token =
    "eyJhIjoiOWYzYzAwMDBhYWFhMTExMWJiYmIyMjIyY2NjY2UxYjAiLCJ0IjoiNmYxYjJjM2QtMDAwMC00MDAwLTgwMDAt"
    "MDAwMDAwMDBjMGRlIiwicyI6ImFXNTJaVzUwWldRdGMyVmpjbVYwTFc5bUxXRXRkR1Z6ZEMxMWJtbDBMVzF2ZG1VPSJ9";
inline const std::string unit_path = "/etc/systemd/system/cloudflared.service";
inline const std::string moved_path{moved_token_path};

inline std::string unit_running(const std::string& arguments) {
  return "[Unit]\nDescription=cloudflared\nAfter=network-online.target\n"
         "Wants=network-online.target\n\n[Service]\nTimeoutStartSec=15\nType=notify\n"
         "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run " +
         arguments +
         "\nRestart=on-failure\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n";
}
inline const std::string unit_before = unit_running("--token " + unit_token);
inline const std::string unit_after = unit_running("--token-file " + moved_path);

inline std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline unsigned mode_of(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0xFFFFU;
}

inline bool is_there(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

inline std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

// With /etc/cloudflared, empty.
[[maybe_unused]] void lay_out_unit(Tree& tree) {
  tree.directory("/etc");
  tree.directory("/etc/cloudflared");
  tree.directory("/etc/systemd");
  tree.directory("/etc/systemd/system");
  tree.directory("/etc/systemd/system/multi-user.target.wants");
  tree.file(unit_path, 0, 0644, unit_before);
  tree.link(unit_path, "/etc/systemd/system/multi-user.target.wants/cloudflared.service");
}

// Files that hold the token, whatever their names.
[[maybe_unused]] std::vector<std::string> files_with_token(const Tree& tree) {
  std::vector<std::string> paths;
  for (const char* directory : {"/etc/cloudflared", "/etc/systemd/system"}) {
    if (!is_there(tree.at(directory))) continue;
    for (const std::string& name : names_in(tree.at(directory))) {
      const std::string path = std::string{directory} + "/" + name;
      if (content_of(tree.at(path)).find(unit_token) != std::string::npos) paths.push_back(path);
    }
  }
  return paths;
}

}  // namespace

}  // namespace cfwarden
