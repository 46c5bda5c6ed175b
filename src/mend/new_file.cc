#include "cfwarden/mend/new_file.h"

#include "cfwarden/host/acl.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/sync_directory.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr std::string_view temporary_prefix = ".cfwarden-";
constexpr std::size_t random_digits = 16;
constexpr std::string_view hex_digits = "0123456789abcdef";

// Two names for a moment: whoever finds the temporary one afterwards removes it.
Result<Done> link_as_new(const Descriptor& directory, const std::string& temporary,
                         const std::string& name) {
  if (linkat(directory.get(), temporary.c_str(), directory.get(), name.c_str(), 0) != 0) {
    return system_error("link", errno);
  }
  if (unlinkat(directory.get(), temporary.c_str(), 0) == 0) return Done{};
  const int error = errno;
  (void)unlinkat(directory.get(), name.c_str(), 0);  // What failed before may fail again.
  return system_error("unlink", error);
}

}  // namespace

Result<std::string> new_temporary_name() {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) {
    return system_error("getrandom", errno);
  }
  std::string name{temporary_prefix};
  for (std::size_t i = 0; i < random_digits; ++i, random >>= 4) name += hex_digits[random & 15];
  return name;
}

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(temporary_prefix)) return false;
  name.remove_prefix(temporary_prefix.size());
  return name.size() == random_digits &&
         name.find_first_not_of(hex_digits) == std::string_view::npos;
}

Result<Descriptor> create_closed(const Descriptor& directory, const std::string& name) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file{openat(directory.get(), name.c_str(), flags, 0600)};
  if (!file.is_open()) return system_error("create", errno);
  // A setgid directory would pass on its group, a default ACL its entries.
  if (fchown(file.get(), geteuid(), getegid()) != 0) return system_error("chown", errno);
  if (fchmod(file.get(), 0600) != 0) return system_error("chmod", errno);
  if (!read_acl(file, access_acl_attribute).empty()) {
    return Error{"its directory gives new files an ACL", 0};
  }
  return file;
}

Result<Done> fill_with(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(file.get()) != 0) return system_error("fsync", errno);
  return Done{};
}

Result<Done> name_as_new(const Descriptor& directory, const std::string& temporary,
                         const std::string& name) {
  const int fd = directory.get();
  if (renameat2(fd, temporary.c_str(), fd, name.c_str(), RENAME_NOREPLACE) != 0) {
    // Of an old kernel, a container's filter, or a file system without it.
    if (errno != ENOSYS && errno != EPERM && errno != EINVAL) return system_error("rename", errno);
    if (auto linked = link_as_new(directory, temporary, name); !linked) return linked;
  }
  return Done{};
}

Result<Done> name_instead(const Descriptor& directory, const std::string& temporary,
                          const std::string& name) {
  if (renameat(directory.get(), temporary.c_str(), directory.get(), name.c_str()) != 0) {
    return system_error("rename", errno);
  }
  return Done{};
}

Result<Done> remove_name(const Descriptor& directory, const std::string& name) {
  if (unlinkat(directory.get(), name.c_str(), 0) != 0) {
    if (errno == ENOENT) return Done{};
    return system_error("unlink", errno);
  }
  return sync_directory(directory);
}

}  // namespace cfwarden
