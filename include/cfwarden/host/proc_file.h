// The small files of /proc, relative to a directory that is open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// As much as fits; -errno where it cannot be read. Calls nothing but the kernel, so that it may be
// used where nothing else may (host/patience.h).
long read_proc_file(int directory, const char* name, std::span<char> bytes);

// A text without secrets; "" where there is none.
std::string proc_text(int directory, const char* name);

// The target of a link; "" where there is none, or the caller may not ask.
std::string proc_link(int directory, const char* name);

// What /proc/PID/status says of a process's rights. A program that is started in the process
// changes its name, its ids or its capabilities where that matters.
struct Rights {
  std::string name;       // As it stands there, a tab in front.
  std::uint32_t uid = 0;  // Those for file access.
  std::uint32_t gid = 0;
  std::uint32_t real_uid = 0;  // Of whoever started it: others make a program setuid.
  std::vector<std::uint32_t> groups;
  std::uint64_t capabilities = 0;  // In effect.
  std::size_t numbers = 1;         // One for each pid namespace that it lies in, from ours on.
  bool is_ending = true;           // It has given its memory back: a zombie, or about to be one.
  friend bool operator==(const Rights&, const Rights&) = default;
};

// Pure.
Rights rights_of(std::string_view status);

// What the process is called: without the tab, and with the bytes for which the kernel writes \n,
// \\ or \ooo. Pure.
std::string program_of(const Rights& rights);

// Who started it, or took it over, by the same text; 0 where it does not say. Pure.
std::uint32_t parent_of(std::string_view status);

}  // namespace cfwarden
