#include "cfwarden/remedy/refusal.h"

#include "cfwarden/base/path.h"
#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/remedy/command.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr unsigned written_by_others = 02;
constexpr unsigned sticky = 01000;

struct LaidOutPlace {
  std::string_view directory;
  std::string_view by;
};
constexpr std::array laid_out_places{
    LaidOutPlace{"/run/credentials", "systemd"}, LaidOutPlace{"/var/lib/kubelet", "the kubelet"},
    LaidOutPlace{"/nix/store", "Nix"}, LaidOutPlace{"/gnu/store", "Guix"}};

std::optional<Forbidden> forbidden_by_link(const Circumstances& object) {
  if (object.link.empty()) return std::nullopt;
  return Forbidden{
      .why = "is reached through " + object.link + ", which can be led elsewhere at any time",
      .command = fix_command(object.location, object)};
}

std::optional<Forbidden> forbidden_by_place(const Circumstances& object) {
  for (const LaidOutPlace& place : laid_out_places) {
    if (!lies_in(object.location, place.directory) && !lies_in(object.path, place.directory)) {
      continue;
    }
    return Forbidden{
        .why = "is laid out by " + std::string{place.by} + ": what is set by hand is not kept",
        .command = {}};
  }
  return std::nullopt;
}

std::string find_names_command(const Circumstances& object) {
  const auto word = path_word(object);
  if (!word) return "";
  return "sudo find \"$(sudo stat --format=%m " + *word + ")\" -xdev -samefile " + *word;
}

std::optional<Forbidden> forbidden_by_kind(const Circumstances& object) {
  const FileFacts& facts = object.facts;
  if (facts.type == FileType::symlink) return Forbidden{.why = "is a symbolic link", .command = {}};
  if (facts.type == FileType::other) {
    return Forbidden{.why = "is no regular file or directory, but a FIFO, socket or device",
                     .command = {}};
  }
  if (facts.type == FileType::regular && facts.links > 1) {
    return Forbidden{.why = "has " + std::to_string(facts.links) +
                            " names: another name may be someone else's file",
                     .command = find_names_command(object)};
  }
  return std::nullopt;
}

std::string writers_of(const Permissions& directory, const Accounts& accounts) {
  if ((directory.mode & written_by_others) != 0) return "everybody";
  if (!directory.acl.empty()) return "whom its ACL or its group lets in";
  return "group " + accounts.group_name(directory.gid);
}

Forbidden forbidden_by_writers(const DirectoryFacts& directory, const Circumstances& object,
                               const Accounts& accounts) {
  const Permissions& permissions = directory.permissions;
  const bool is_sticky = (permissions.mode & sticky) != 0;
  // To close /tmp would break more than it mends.
  return {.why = "the directory " + directory.path + " above it, of " +
                 accounts.user_name(permissions.uid) + ", can be written in by " +
                 writers_of(permissions, accounts),
          .command = is_sticky ? "" : close_to_writers_command(directory, object, accounts)};
}

std::optional<Forbidden> forbidden_by_directories(const Circumstances& object,
                                                  const Accounts& accounts,
                                                  const std::set<FileId>& mended_first) {
  for (const DirectoryFacts& directory : object.facts.ancestors) {
    const Permissions& permissions = directory.permissions;
    const bool is_open = (permissions.mode & others_write) != 0;
    if (is_open && !mended_first.contains(directory.id)) {
      return forbidden_by_writers(directory, object, accounts);
    }
    const bool is_foreign =
        permissions.uid != 0 && (object.is_trusted || permissions.uid != object.uid);
    if (!is_foreign) continue;
    const std::string expected =
        object.is_trusted || object.uid == 0 ? "root" : "root or " + accounts.user_name(object.uid);
    return Forbidden{.why = "the directory " + directory.path + " above it belongs to " +
                            accounts.user_name(permissions.uid) + ", expected " + expected,
                     .command = {}};
  }
  return std::nullopt;
}

// A home may be reached through a link of root's: /home to /usr/home.
std::string location_of_home(const std::string& home, const Circumstances& object) {
  if (!lies_in(object.path, home)) return home;
  const std::string_view below = std::string_view{object.path}.substr(home.size());
  if (!std::string_view{object.location}.ends_with(below)) return home;
  return object.location.substr(0, object.location.size() - below.size());
}

const Permissions* directory_at(const std::string& location, const Circumstances& object) {
  const FileFacts& facts = object.facts;
  if (facts.type == FileType::directory && object.location == location) return &facts.permissions;
  const auto found = std::ranges::find(facts.ancestors, location, &DirectoryFacts::path);
  return found == facts.ancestors.end() ? nullptr : &found->permissions;
}

bool is_home(const Account& account) {
  return account.home.size() > 1 && account.home.front() == '/' && account.home != "/nonexistent";
}

// Where several accounts share a home, it may belong to any of them; root's own is the system's.
std::optional<Forbidden> forbidden_by_home(const Circumstances& object, const Accounts& accounts) {
  for (const Account& account : accounts.users) {
    if (!is_home(account)) continue;
    const Permissions* home = directory_at(location_of_home(account.home, object), object);
    if (home == nullptr || home->uid == 0) continue;
    const bool is_theirs = std::ranges::any_of(accounts.users, [&](const Account& other) {
      return other.home == account.home && other.uid == home->uid;
    });
    if (is_theirs) continue;
    return Forbidden{.why = "lies in " + account.home + ", the home of " + account.name +
                            ", which belongs to " + accounts.user_name(home->uid),
                     .command = {}};
  }
  return std::nullopt;
}

std::optional<Forbidden> forbidden_by_owner(const Circumstances& object, const Accounts& accounts) {
  const std::uint32_t owner = object.facts.permissions.uid;
  if (object.is_trusted || owner == object.uid) return std::nullopt;
  const std::string user = accounts.user_name(object.uid);
  return Forbidden{.why = "belongs to " + accounts.user_name(owner) + " in a directory of " + user +
                          ": only what is " + user + "'s own is changed there",
                   .command = {}};
}

std::optional<Forbidden> forbidden_by_state(const Circumstances& object, bool is_named) {
  const auto word = path_word(object);
  const auto chattr = [&](const std::string& flag) {
    return word ? "sudo chattr " + flag + " " + *word : "";
  };
  if (object.is_immutable) {
    return Forbidden{.why = "is immutable (chattr +i)", .command = chattr("-i")};
  }
  if (object.is_append_only) {
    return Forbidden{.why = "is append-only (chattr +a)", .command = chattr("-a")};
  }
  if (object.is_read_only) return Forbidden{.why = "is mounted read-only", .command = {}};
  if (!object.remote_type.empty() && !is_named) {
    return Forbidden{.why = "lies on a file system of type " + object.remote_type +
                            ", and is changed only if it is named",
                     .command = fix_command(object.path, object)};
  }
  return std::nullopt;
}

}  // namespace

Circumstances once_mended(Circumstances object, const std::set<FileId>& mended_first) {
  const auto& above = object.facts.ancestors;
  const bool changes = std::ranges::any_of(
      above, [&](const DirectoryFacts& directory) { return mended_first.contains(directory.id); });
  if (!changes) return object;
  const auto users = std::ranges::find_if(
      above, [](const DirectoryFacts& directory) { return directory.permissions.uid != 0; });
  object.is_trusted = users == above.end();
  object.uid = object.is_trusted ? 0 : users->permissions.uid;
  return object;
}

std::optional<Forbidden> forbidden(const Circumstances& object, const Accounts& accounts,
                                   const std::set<FileId>& mended_first, bool is_named) {
  if (auto link = forbidden_by_link(object)) return link;
  if (auto place = forbidden_by_place(object)) return place;
  if (auto kind = forbidden_by_kind(object)) return kind;
  if (object.is_unmapped) {
    return Forbidden{.why =
                         "belongs to an account or a group that has no id here (it is unmapped "
                         "in this user namespace)",
                     .command = {}};
  }
  const Circumstances mended = once_mended(object, mended_first);
  if (auto directory = forbidden_by_directories(mended, accounts, mended_first)) return directory;
  if (auto home = forbidden_by_home(mended, accounts)) return home;
  if (auto owner = forbidden_by_owner(mended, accounts)) return owner;
  return forbidden_by_state(mended, is_named);
}

bool may_be_mended_first(std::string_view path) {
  return is_default_directory(path);
}

}  // namespace cfwarden
