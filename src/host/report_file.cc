#include "cfwarden/host/report_file.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

Error failure(const std::string& path, std::string_view call, int code) {
  return {path + ": " + system_error(call, code).what, code};
}

// Component by component, so that no directory on the way is somebody's link to another place.
Result<Descriptor> open_directory(const std::string& path) {
  Descriptor at{open(path.starts_with('/') ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  for (std::size_t start = 0; at.is_open() && start < path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string name = path.substr(start, end - start);
    start = end + 1;
    if (name.empty()) continue;
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    at = Descriptor{openat(at.get(), name.c_str(), flags)};
    if (!at.is_open() && errno == ENOTDIR) {
      return Error{
          path.substr(0, end) + ": is no directory, or a symbolic link to one; name it directly",
          ENOTDIR};
    }
  }
  if (!at.is_open()) return failure(path, "open", errno);
  // fsync() wants more than O_PATH.
  Descriptor readable{openat(at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!readable.is_open()) return failure(path, "open", errno);
  return readable;
}

// Replacing a device such as /dev/null by a file would harm the whole host.
Result<Done> check_target(const Descriptor& directory, const std::string& name,
                          const std::string& path) {
  struct stat found {};
  if (fstatat(directory.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return Done{};
    return failure(path, "stat", errno);
  }
  if (S_ISREG(found.st_mode)) return Done{};
  return Error{path + ": is not a regular file, so it is not replaced", 0};
}

Result<Done> write_all(const Descriptor& to, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(to.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(to.get()) != 0) return failure(path, "fsync", errno);
  return Done{};
}

// A name that nobody can have foreseen, gone again unless it became the report.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Descriptor& directory) : directory_{directory} {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) return;
    name_ = ".cfwarden-" + std::to_string(random);
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = Descriptor{openat(directory_.get(), name_.c_str(), flags, 0600)};
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_.is_open() && !renamed_) {
      (void)unlinkat(directory_.get(), name_.c_str(), 0);  // An empty rest harms nobody.
    }
  }

  const Descriptor& file() const { return file_; }

  // Fails where there is something of that name; the temporary one goes as it came.
  bool link_as(const std::string& name) const {
    return linkat(directory_.get(), name_.c_str(), directory_.get(), name.c_str(), 0) == 0;
  }

  bool rename_to(const std::string& name) {
    renamed_ = renameat(directory_.get(), name_.c_str(), directory_.get(), name.c_str()) == 0;
    return renamed_;
  }

 private:
  const Descriptor& directory_;
  std::string name_;
  Descriptor file_;
  bool renamed_ = false;
};

struct Target {
  Descriptor directory;
  std::string name;
};

Result<Target> open_target(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return Error{path + ": is a directory", EISDIR};
  const std::string above = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Result<Descriptor> directory = open_directory(above);
  if (!directory) return directory.error();
  const Result<Done> replaceable = check_target(*directory, name, path);
  if (!replaceable) return replaceable.error();
  return Target{std::move(*directory), name};
}

}  // namespace

Result<Done> can_write_report_file(const std::string& path) {
  const Result<Target> target = open_target(path);
  if (!target) return target.error();
  if (faccessat(target->directory.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return failure(path, "create", errno);
  }
  return Done{};
}

Result<Done> write_report_file(const std::string& path, std::string_view bytes,
                               ReportReaders readers, IfThere if_there) {
  const Result<Target> target = open_target(path);
  if (!target) return target.error();
  TemporaryFile temporary{target->directory};
  if (!temporary.file().is_open()) return failure(path, "create", errno);
  const Result<Done> written = write_all(temporary.file(), bytes, path);
  if (!written) return written.error();
  if (readers == ReportReaders::everyone && fchmod(temporary.file().get(), 0644) != 0) {
    return failure(path, "chmod", errno);
  }
  const bool is_there = if_there == IfThere::refused ? temporary.link_as(target->name)
                                                     : temporary.rename_to(target->name);
  if (!is_there) return failure(path, "rename", errno);
  if (fsync(target->directory.get()) != 0) return failure(path, "fsync", errno);
  return Done{};
}

}  // namespace cfwarden
