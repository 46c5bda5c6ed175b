#include "cfwarden/host/accounts.h"

#include "cfwarden/exposure/access.h"
#include "cfwarden/host/account_sources.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr std::size_t max_database_bytes = 4 * 1024 * 1024;

// Puts users and groups together as both sources name them.
class Collection {
 public:
  void add_user(Account account);
  void add_group(Group group);
  void add_member(std::uint32_t gid, const std::string& name);
  Accounts take() { return std::move(accounts_); }

 private:
  Accounts accounts_;
  std::unordered_multimap<std::string, std::size_t> by_name_;
};

// NSS may give the same account from two sources.
void Collection::add_user(Account account) {
  const auto [first, last] = by_name_.equal_range(account.name);
  for (auto known = first; known != last; ++known) {
    if (accounts_.users[known->second].uid == account.uid) return;
  }
  by_name_.emplace(account.name, accounts_.users.size());
  accounts_.users.push_back(std::move(account));
}

void Collection::add_group(Group group) {
  accounts_.groups.push_back(std::move(group));
}

void Collection::add_member(std::uint32_t gid, const std::string& name) {
  const auto [first, last] = by_name_.equal_range(name);
  for (auto known = first; known != last; ++known) {
    Account& account = accounts_.users[known->second];
    const bool is_known =
        account.gid == gid || std::ranges::find(account.groups, gid) != account.groups.end();
    if (!is_known) account.groups.push_back(gid);
  }
}

std::string_view next_field(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

std::optional<std::uint32_t> number_of(std::string_view digits) {
  std::uint32_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

bool has_fields(std::string_view line, std::ptrdiff_t separators) {
  return !line.empty() && line.front() != '#' && std::ranges::count(line, ':') == separators;
}

// name:password:uid:gid:comment:home:shell
std::optional<Account> account_of(std::string_view line) {
  if (!has_fields(line, 6)) return std::nullopt;
  const std::string_view name = next_field(line, ':');
  next_field(line, ':');
  const auto uid = number_of(next_field(line, ':'));
  const auto gid = number_of(next_field(line, ':'));
  next_field(line, ':');
  const std::string_view home = next_field(line, ':');
  if (name.empty() || !uid || !gid) return std::nullopt;
  return Account{
      .name = std::string{name}, .uid = *uid, .gid = *gid, .home = std::string{home}, .groups = {}};
}

// name:password:gid:member,member
void add_group_line(Collection& collection, std::string_view line) {
  if (!has_fields(line, 3)) return;
  const std::string_view name = next_field(line, ':');
  next_field(line, ':');
  const auto gid = number_of(next_field(line, ':'));
  if (name.empty() || !gid) return;
  collection.add_group({.name = std::string{name}, .gid = *gid});
  while (!line.empty()) collection.add_member(*gid, std::string{next_field(line, ',')});
}

// In a user's directory nothing is read that this user could not read: a hard link there may be
// somebody else's file.
bool may_read(const Opened& file) {
  if (file.territory.trusted) return true;
  const Principal user{.uid = file.territory.uid, .gids = {}};
  return permits(file.facts.permissions, user, Access::read);
}

Result<std::string> text_of(const Opened& file) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  if (file.facts.type != FileType::regular) return Error{file.path + " is not a regular file", 0};
  if (!may_read(file)) return Error{file.path + ": permission denied to its directory's owner", 0};
  const Descriptor readable{open(proc_path(file.descriptor).c_str(), flags)};
  if (!readable.is_open()) return system_error("open " + file.path, errno);
  std::string text;
  std::array<char, 16384> chunk;
  while (text.size() <= max_database_bytes) {
    const ssize_t count = read(readable.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read " + file.path, errno);
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return Error{file.path + " is larger than 4 MiB", EFBIG};
}

Result<std::string> database(const Opener& opener, std::string_view path) {
  const auto file = opener.open(path);
  if (file) return text_of(*file);
  const int code = file.error().code;
  if (code == ENOENT || code == ENOTDIR) return std::string{};
  return Error{std::string{path} + ": " + file.error().what, code};
}

Accounts accounts_of_name_services() {
  Collection collection;
  setpwent();
  while (const passwd* user = getpwent()) {
    collection.add_user({.name = user->pw_name,
                         .uid = user->pw_uid,
                         .gid = user->pw_gid,
                         .home = user->pw_dir != nullptr ? user->pw_dir : "",
                         .groups = {}});
  }
  endpwent();
  setgrent();
  while (const group* entry = getgrent()) {
    collection.add_group({.name = entry->gr_name, .gid = entry->gr_gid});
    for (char** member = entry->gr_mem; *member != nullptr; ++member) {
      collection.add_member(entry->gr_gid, *member);
    }
  }
  endgrent();
  return collection.take();
}

}  // namespace

Result<Accounts> running_accounts(const Opener& opener) {
  if (files_know_all_accounts()) {
    Result<Accounts> of_files = accounts_of_root(opener);
    if (of_files) return of_files;
  }
  return accounts_of_name_services();
}

Result<Accounts> accounts_of_root(const Opener& opener) {
  const auto passwd = database(opener, "/etc/passwd");
  if (!passwd) return passwd.error();
  const auto group = database(opener, "/etc/group");
  if (!group) return group.error();
  return parse_accounts(*passwd, *group);
}

Accounts parse_accounts(std::string_view passwd, std::string_view group) {
  Collection collection;
  while (!passwd.empty()) {
    if (auto account = account_of(next_field(passwd, '\n'))) {
      collection.add_user(std::move(*account));
    }
  }
  while (!group.empty()) add_group_line(collection, next_field(group, '\n'));
  return collection.take();
}

}  // namespace cfwarden
