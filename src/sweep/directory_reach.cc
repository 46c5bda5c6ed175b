#include "cfwarden/sweep/directory_reach.h"

#include <cerrno>
#include <cstddef>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace cfwarden {

namespace {

// Further up, names from above are as quick.
constexpr std::uint32_t most_steps_up = 4;

const char* const moved = "was moved or replaced during the walk";

bool is_directory(const Descriptor& descriptor, const FileId& id) {
  struct stat status {};
  return fstat(descriptor.get(), &status) == 0 && status.st_dev == id.device &&
         status.st_ino == id.inode;
}

}  // namespace

void DirectoryReach::remember(DirectoryRef directory, Descriptor descriptor) {
  here_ = std::move(directory);
  descriptor_ = std::move(descriptor);
}

Result<int> DirectoryReach::descriptor_of(const DirectoryRef& directory) {
  if (directory->kept.is_open()) return directory->kept.get();
  if (here_.get() == directory.get()) return descriptor_.get();
  if (go_up_to(*directory)) {
    here_ = directory;
    return descriptor_.get();
  }
  return come_down_to(directory);
}

// A directory may have been moved away from the one it was found in: its id tells.
bool DirectoryReach::go_up_to(const Directory& directory) {
  if (!here_ || here_->depth <= directory.depth) return false;
  const std::uint32_t steps = here_->depth - directory.depth;
  if (steps > most_steps_up) return false;
  const Directory* above = here_.get();
  for (std::uint32_t i = 0; i < steps; ++i) above = above->above;
  if (above != &directory) return false;
  int from = descriptor_.get();
  Descriptor reached;
  for (std::uint32_t i = 0; i < steps; ++i) {
    auto next = opener_.passage(from, "..");
    if (!next) return false;
    reached = std::move(*next);
    from = reached.get();
  }
  if (!is_directory(reached, directory.id)) return false;
  descriptor_ = std::move(reached);
  return true;
}

Result<int> DirectoryReach::come_down_to(const DirectoryRef& directory) {
  std::vector<const Directory*> way;
  const Directory* from = directory.get();
  while (from != nullptr && !from->kept.is_open() && from != here_.get()) {
    way.push_back(from);
    from = from->above;
  }
  int above = AT_FDCWD;
  if (from != nullptr) above = from->kept.is_open() ? from->kept.get() : descriptor_.get();
  Descriptor reached;
  for (std::size_t i = way.size(); i-- > 0;) {
    auto next = opener_.passage(above, way[i]->name.c_str());
    if (!next && !is_gone(next.error())) return next.error();
    if (!next || !is_directory(*next, way[i]->id)) return Error{moved, ESTALE};
    reached = std::move(*next);
    above = reached.get();
  }
  remember(directory, std::move(reached));
  return descriptor_.get();
}

}  // namespace cfwarden
