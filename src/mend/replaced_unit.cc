#include "cfwarden/mend/replaced_unit.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/new_file.h"

#include <array>
#include <cerrno>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cfwarden {
namespace {

// Where there is none, or no such thing, there is nothing to carry over.
Result<Done> copy_label(const Opened& from, const Descriptor& to) {
  std::array<char, 1024> label;
  const ssize_t size =
      getxattr(proc_path(*from.descriptor).c_str(), security_label, label.data(), label.size());
  if (size < 0) {
    return errno == ENODATA || errno == ENOTSUP ? Result<Done>{Done{}}
                                                : system_error("getxattr", errno);
  }
  if (fsetxattr(to.get(), security_label, label.data(), static_cast<std::size_t>(size), 0) != 0) {
    return system_error("setxattr", errno);
  }
  return Done{};
}

// chown clears setuid bits, so that the mode comes last.
Result<Done> set_permissions(const Descriptor& file, const Permissions& permissions) {
  if (fchown(file.get(), permissions.uid, permissions.gid) != 0) {
    return system_error("chown", errno);
  }
  if (fchmod(file.get(), permissions.mode & 0777) != 0) return system_error("chmod", errno);
  if (fsync(file.get()) != 0) return system_error("fsync", errno);
  return Done{};
}

}  // namespace

Result<Done> replace_unit(const UnitReplacement& replacement, const AfterStep& after_step) {
  const HeldPlace& place = replacement.place;
  const Descriptor& directory = *place.directory.descriptor;
  const Result<Descriptor> file = create_closed(directory, replacement.temporary);
  if (!file) return file.error();
  if (auto made = told(after_step, Done{}, "unit created"); !made) return made;
  const auto filled =
      told(after_step, fill_with(*file, replacement.bytes.reveal()), "unit written");
  if (!filled) return filled;
  if (auto labelled = copy_label(place.file->opened, *file); !labelled) return labelled;
  const auto set = told(after_step, set_permissions(*file, replacement.permissions), "unit opened");
  if (!set) return set;
  if (auto unmoved = check_unmoved(place); !unmoved) return unmoved;
  const std::string name{file_name_of(place.file->facts.path)};
  return told(after_step, name_instead(directory, replacement.temporary, name), "unit in place");
}

}  // namespace cfwarden
