// The walk below a directory, without recursion and with bounds.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/report.h"

#include <cstddef>
#include <functional>
#include <string_view>

namespace cfwarden {

struct WalkLimits {
  std::size_t max_entries = 4096;  // Per directory.
  std::size_t max_depth = 2;       // Below the start; the start's own entries are depth 1.
  std::size_t max_files = 10'000;  // In all, links and special files included.
};
inline constexpr WalkLimits default_directory_limits{};
inline constexpr WalkLimits any_depth{.max_entries = static_cast<std::size_t>(-1),
                                      .max_depth = static_cast<std::size_t>(-1),
                                      .max_files = static_cast<std::size_t>(-1)};

struct WalkEvents {
  std::function<bool(std::string_view path)> excluded;  // Excluded on purpose: no gap.
  std::function<bool(std::string_view path)> wanted;    // Worth opening, by its name.
  std::function<void(Opened&& file)> file;              // A regular file that was wanted.
  std::function<void(Opened&& directory)> directory;    // May be empty.
  std::function<void(Gap&& gap)>
      gap;  // A link, a special file with a wanted name, a closed directory...
  std::function<bool(std::size_t names_so_far)>
      keep_going;  // False: stop (a signal). May be empty.
};

// From an opened directory, in sorted order, the files of a directory before its subdirectories;
// returns the names seen. `start` itself gives no event.
// Without a limit of depth, root's own links to directories are followed last, where they lead out
// of what is walked anyway; a user's link to a directory out there is a gap. With a limit, links to
// directories are gaps if they have a wanted name.
// Holds a bounded number of descriptors at any depth and width. Beyond 256 directories above a
// file, those that permit the same as one further up are left out of its ancestors.
std::size_t walk(const Opener& opener, const Opened& start, const WalkLimits& limits,
                 const WalkEvents& events);

}  // namespace cfwarden
