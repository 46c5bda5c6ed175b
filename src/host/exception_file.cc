#include "cfwarden/host/exception_file.h"

#include "cfwarden/host/report_file.h"
#include "cfwarden/host/settings.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/trusted_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace cfwarden {
namespace {

// As the one of a package would be, whatever the umask.
Result<Done> make_directory(const std::string& path) {
  const std::string above = path.substr(0, path.rfind('/'));
  const std::string name = path.substr(path.rfind('/') + 1);
  const Result<Descriptor> parent =
      open_trusted_directory(above.empty() ? "/" : above, PathTrust::trusted);
  if (!parent) return parent.error();
  if (mkdirat(parent->get(), name.c_str(), 0755) != 0) {
    if (errno == EEXIST) return Done{};
    return Error{path + ": " + system_error("mkdir", errno).what, errno};
  }
  const Descriptor made{
      openat(parent->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!made.is_open() || fchmod(made.get(), 0755) != 0) {
    return Error{path + ": " + system_error("chmod", errno).what, errno};
  }
  return Done{};
}

Result<Done> check_directory(const std::string& path, bool is_named) {
  const PathTrust above = is_named ? PathTrust::any : PathTrust::trusted;
  Result<Descriptor> opened = open_trusted_directory(path, above);
  if (!opened && opened.error().code == ENOENT && !is_named) {
    const std::string configuration = path.substr(0, path.rfind('/'));
    if (const Result<Done> made = make_directory(configuration); !made) return made.error();
    if (const Result<Done> made = make_directory(path); !made) return made.error();
    opened = open_trusted_directory(path, above);
  }
  if (!opened) return opened.error();
  return Done{};
}

}  // namespace

Result<std::string> create_exception_file(const std::string& directory, const std::string& name,
                                          std::string_view bytes) {
  const std::string path = exceptions_directory(directory);
  const Result<Done> sound = check_directory(path, !directory.empty());
  if (!sound) return sound.error();
  const std::string file = path + "/" + name;
  const Result<Done> written =
      write_report_file(file, bytes, ReportReaders::everyone, IfThere::refused);
  if (!written) return written.error();
  return file;
}

}  // namespace cfwarden
