#include "cfwarden/mend/token_move_site.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/unit_surroundings.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr std::size_t max_bytes = 64 * 1024;

Error clause(const std::string& path, std::string_view says) {
  return {path + " " + std::string{says}, 0};
}

Error failure(const std::string& path, const Error& error) {
  return {path + ": " + error.what, error.code};
}

std::string owner_text(std::uint32_t uid) {
  return "belongs to uid " + std::to_string(uid);
}

// Root's, and nobody else's to write.
std::string why_not_roots(const FileFacts& facts) {
  if (facts.permissions.uid != 0) return owner_text(facts.permissions.uid) + ", not to root";
  if ((facts.permissions.mode & 0022) != 0) return "can be written by others than root";
  return {};
}

// renameat() and unlinkat() fail on such directories, and leave half a move behind.
std::string why_not_changeable(const Opened& opened) {
  struct statx facts {};
  if (statx(opened.descriptor->get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &facts) != 0) {
    return system_error("statx", errno).what;
  }
  if ((facts.stx_attributes & STATX_ATTR_IMMUTABLE) != 0) return "is immutable (chattr +i)";
  if ((facts.stx_attributes & STATX_ATTR_APPEND) != 0) return "is append-only (chattr +a)";
  struct statvfs mount {};
  if (fstatvfs(opened.descriptor->get(), &mount) != 0) return system_error("statvfs", errno).what;
  return (mount.f_flag & ST_RDONLY) != 0 ? "lies on a read-only mount" : "";
}

// A new file would not have them. A label of SELinux is carried over.
std::string why_not_plain(const Opened& file) {
  std::array<char, 4096> names;
  const std::string path = proc_path(*file.descriptor);
  const ssize_t size = listxattr(path.c_str(), names.data(), names.size());
  if (size < 0) return errno == ENOTSUP ? "" : system_error("listxattr", errno).what;
  std::string_view rest{names.data(), static_cast<std::size_t>(size)};
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find('\0'));
    if (name == "system.posix_acl_access") return "has an ACL";
    if (name != security_label) return "has extended attributes";
    rest.remove_prefix(name.size() + 1);
  }
  return {};
}

std::string why_not_taken(const Opened& file) {
  if (file.location != file.path) return "is reached through a symbolic link: " + file.location;
  if (file.facts.type != FileType::regular) return "is not a regular file";
  if (std::string why = why_not_roots(file.facts); !why.empty()) return why;
  if (file.facts.links != 1) {
    return "has " + std::to_string(file.facts.links) + " names: another may be someone else's";
  }
  if ((file.facts.permissions.mode & 07000) != 0) return "has special mode bits";
  if (std::string why = why_not_plain(file); !why.empty()) return why;
  return why_not_changeable(file);
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool is_same_moment(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         nanoseconds(one.st_ctim) == nanoseconds(other.st_ctim) &&
         nanoseconds(one.st_mtim) == nanoseconds(other.st_mtim);
}

Result<Secret> read_to_end(int fd) {
  Secret bytes{max_bytes + 1};
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto room = bytes.writable().subspan(length);
    const ssize_t got = read(fd, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_bytes) return Error{"is larger than 64 KiB", 0};
  bytes.shrink(length);
  return bytes;
}

// The name was judged as O_PATH: what is opened now must be the same.
Result<HeldFile> read_held(Opened opened) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const Descriptor readable{open(proc_path(*opened.descriptor).c_str(), flags)};
  if (!readable.is_open()) return system_error("open", errno);
  struct stat before {};
  if (fstat(readable.get(), &before) != 0) return system_error("fstat", errno);
  if (FileId{before.st_dev, before.st_ino} != opened.facts.id) {
    return Error{"is another file than the one that was looked at", ESTALE};
  }
  Result<Secret> bytes = read_to_end(readable.get());
  if (!bytes) return bytes.error();
  struct stat after {};
  if (fstat(readable.get(), &after) != 0) return system_error("fstat", errno);
  if (!is_same_moment(before, after)) return Error{"changed while it was read", ESTALE};
  const Result<InodeIdentity> identity = identity_of(readable);
  if (!identity) return identity.error();
  MovedFile facts{.path = opened.path,
                  .identity = *identity,
                  .changed_nanoseconds = nanoseconds(after.st_ctim),
                  .modified_nanoseconds = nanoseconds(after.st_mtim),
                  .size = static_cast<std::uint64_t>(after.st_size),
                  .permissions = opened.facts.permissions};
  return HeldFile{
      .opened = std::move(opened), .facts = std::move(facts), .bytes = std::move(*bytes)};
}

Result<Opened> hold_directory(const Opener& opener, const std::string& path) {
  Result<Opened> directory = opener.open(path);
  if (!directory) return failure(path, directory.error());
  if (directory->facts.type != FileType::directory) return clause(path, "is not a directory");
  if (directory->location != path) {
    return clause(path, "is reached through a symbolic link: " + directory->location);
  }
  const FileFacts& facts = own_facts(*directory);
  if (std::string why = why_not_roots(facts); !why.empty()) return clause(path, why);
  if (!directory->territory.trusted) {
    return clause(path, "lies below a directory that others than root can write");
  }
  if (!facts.default_acl.empty()) return clause(path, "gives new files an ACL (default ACL)");
  if (std::string why = why_not_changeable(*directory); !why.empty()) return clause(path, why);
  return directory;
}

std::variant<TokenMoveSite, MoveRefused> with_token_place(TokenMoveSite site, const Opener& opener,
                                                          HalfMoved half_moved) {
  Result<HeldPlace> token = hold(opener, std::string{moved_token_path});
  if (!token) {
    if (!is_absent(token.error())) return MoveRefused{token.error().what};
    return site;
  }
  if (token->file) {
    const bool is_ours = half_moved == HalfMoved::yes && why_not_closed(*token->file).empty() &&
                         token->file->bytes.reveal() == site.command.token;
    if (!is_ours) return MoveRefused{std::string{moved_token_path} + " is there already"};
  }
  site.token = std::move(*token);
  return site;
}

}  // namespace

Result<HeldPlace> hold(const Opener& opener, const std::string& path) {
  Result<Opened> directory = hold_directory(opener, std::string{directory_of(path)});
  if (!directory) return directory.error();
  HeldPlace place{.directory = std::move(*directory), .file = {}};
  Result<Opened> file = opener.open(path);
  if (!file) {
    if (is_absent(file.error())) return place;
    return failure(path, file.error());
  }
  if (std::string why = why_not_taken(*file); !why.empty()) return clause(path, why);
  Result<HeldFile> held = read_held(std::move(*file));
  if (!held) return clause(path, held.error().what);
  place.file = std::move(*held);
  return place;
}

Result<Done> check_unmoved(const HeldPlace& place) {
  const std::string name{file_name_of(place.file->facts.path)};
  struct stat now {};
  if (fstatat(place.directory.descriptor->get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error("stat", errno);
  }
  const MovedFile& before = place.file->facts;
  const bool is_same = FileId{now.st_dev, now.st_ino} == before.identity.id &&
                       static_cast<std::uint64_t>(now.st_size) == before.size &&
                       nanoseconds(now.st_ctim) == before.changed_nanoseconds &&
                       nanoseconds(now.st_mtim) == before.modified_nanoseconds;
  if (is_same) return Done{};
  return Error{before.path + " changed since it was looked at", ESTALE};
}

MoveLook look_at_move(const Opener& opener, const std::string& unit_path, HalfMoved half_moved) {
  Result<HeldPlace> unit = hold(opener, unit_path);
  if (!unit) return MoveRefused{unit.error().what};
  if (!unit->file) return MoveRefused{unit_path + " is not there"};
  const Result<UnitWithToken> command = unit_with_token(unit->file->bytes.reveal());
  if (!command) {
    if (command.error().code != EALREADY) {
      return MoveRefused{unit_path + ": " + command.error().what};
    }
    return AlreadyMoved{*token_file_of_unit(unit->file->bytes.reveal())};
  }
  const std::string besides = what_bears_on(opener, file_name_of(unit_path));
  if (!besides.empty()) return MoveRefused{besides};
  auto site = with_token_place({.unit = std::move(*unit), .command = *command, .token = {}}, opener,
                               half_moved);
  if (auto* refused = std::get_if<MoveRefused>(&site)) return std::move(*refused);
  return std::get<TokenMoveSite>(std::move(site));
}

std::string why_not_closed(const HeldFile& token) {
  const Permissions& permissions = token.facts.permissions;
  if (permissions.mode != 0600 || permissions.uid != 0 || permissions.gid != 0 ||
      !permissions.acl.empty()) {
    return "is not root's alone (0600)";
  }
  return {};
}

}  // namespace cfwarden
