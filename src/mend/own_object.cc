#include "cfwarden/mend/own_object.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/sync_directory.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

Error refused(const std::string& path, const std::string& why) {
  return {path + ": " + why, 0};
}

Descriptor open_directory_in(const Descriptor& above, const std::string& name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  return Descriptor{openat(above.get(), name.c_str(), flags)};
}

Result<Done> make_directory_in(const Descriptor& above, const std::string& name,
                               const std::string& path) {
  if (mkdirat(above.get(), name.c_str(), 0700) != 0) {
    if (errno == EEXIST) return Done{};  // Another run was faster.
    return failure_at(path, "mkdir", errno);
  }
  const Result<Done> synced = sync_directory(above);
  if (!synced) return failure_at(path, synced.error());
  return Done{};
}

}  // namespace

Result<std::optional<Descriptor>> open_own_directory(const Descriptor& above,
                                                     const std::string& name, Missing missing,
                                                     const std::string& path) {
  Descriptor opened = open_directory_in(above, name);
  if (!opened.is_open() && errno == ENOENT) {
    if (missing == Missing::left) return std::optional<Descriptor>{};
    const Result<Done> made = make_directory_in(above, name, path);
    if (!made) return made.error();
    opened = open_directory_in(above, name);
  }
  if (!opened.is_open() && (errno == ENOTDIR || errno == ELOOP)) {
    return refused(path, "is no directory, or a symbolic link, which is not followed here");
  }
  if (!opened.is_open()) return failure_at(path, "open", errno);
  const Result<Done> ours = check_own(opened, FileType::directory, path);
  if (!ours) return ours.error();
  return std::optional<Descriptor>{std::move(opened)};
}

Result<Done> check_own(const Descriptor& opened, FileType type, const std::string& path) {
  struct stat found {};
  if (fstat(opened.get(), &found) != 0) return failure_at(path, "fstat", errno);
  const bool is_directory = type == FileType::directory;
  if (is_directory ? !S_ISDIR(found.st_mode) : !S_ISREG(found.st_mode)) {
    return refused(path, is_directory ? "is not a directory" : "is not a regular file");
  }
  const bool is_roots_file = found.st_uid == 0 && !is_directory;
  if (found.st_uid != geteuid() && !is_roots_file) {
    return refused(path, "belongs to uid " + std::to_string(found.st_uid) + "; it must be " +
                             (geteuid() == 0 ? "root's" : "the caller's"));
  }
  if (!is_directory && found.st_nlink != 1) {
    return refused(path, "has " + std::to_string(found.st_nlink) + " names; it must have one");
  }
  if ((found.st_mode & 077) != 0) {
    return Error{path + ": is open to others (" + mode_text(found.st_mode & 07777) +
                     "); it may be at most " + mode_text(found.st_mode & 07700),
                 EPERM};
  }
  return Done{};
}

Error failure_at(const std::string& path, std::string_view call, int code) {
  return failure_at(path, system_error(call, code));
}

Error failure_at(const std::string& path, const Error& error) {
  return {path + ": " + error.what, error.code};
}

}  // namespace cfwarden
