#include "cfwarden/host/accounts.h"

#include "cfwarden/host/account_sources.h"
#include "cfwarden/host/name_services.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_text.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t max_database_bytes = 4 * 1024 * 1024;

// Puts users and groups together as both sources name them.
class Collection {
 public:
  void expect(std::size_t users);
  void add_user(Account account);
  void add_group(Group group);
  // Of the group that was added last.
  void add_member(const std::string& name);
  Accounts take() { return std::move(accounts_); }

 private:
  Accounts accounts_;
  std::unordered_multimap<std::string, std::size_t> by_name_;
};

void Collection::expect(std::size_t users) {
  accounts_.users.reserve(users);
  by_name_.reserve(users);
}

// NSS may give the same account from two sources. adduser and LDAP write homes as they were told.
void Collection::add_user(Account account) {
  if (account.home.starts_with('/')) account.home = normal_path(account.home);
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

void Collection::add_member(const std::string& name) {
  Group& group = accounts_.groups.back();
  const auto [first, last] = by_name_.equal_range(name);
  for (auto known = first; known != last; ++known) {
    Account& account = accounts_.users[known->second];
    const bool is_known = account.gid == group.gid ||
                          std::ranges::find(account.groups, group.gid) != account.groups.end();
    if (!is_known) account.groups.push_back(group.gid);
  }
  if (first == last && !name.empty()) group.other_members.push_back(name);
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

// Blank lines, comments and the "+" of NIS name nobody.
bool names_nobody(std::string_view line) {
  return line.empty() || line.front() == '#' || line.front() == '+' || line.front() == '-';
}

enum class Completeness { complete, has_unread_line };

Completeness add_user_lines(Collection& collection, std::string_view passwd) {
  Completeness completeness = Completeness::complete;
  collection.expect(static_cast<std::size_t>(std::ranges::count(passwd, '\n')) + 1);
  while (!passwd.empty()) {
    const std::string_view line = next_field(passwd, '\n');
    if (auto account = account_of(line)) {
      collection.add_user(std::move(*account));
    } else if (!names_nobody(line)) {
      completeness = Completeness::has_unread_line;
    }
  }
  return completeness;
}

// name:password:gid:member,member
void add_group_line(Collection& collection, std::string_view line) {
  if (!has_fields(line, 3)) return;
  const std::string_view name = next_field(line, ':');
  next_field(line, ':');
  const auto gid = number_of(next_field(line, ':'));
  if (name.empty() || !gid) return;
  collection.add_group({.name = std::string{name}, .gid = *gid, .other_members = {}});
  while (!line.empty()) collection.add_member(std::string{next_field(line, ',')});
}

void add_group_lines(Collection& collection, std::string_view group) {
  while (!group.empty()) add_group_line(collection, next_field(group, '\n'));
}

// "" with a gap for a file that is there and cannot be read.
std::string database(const Opener& opener, const std::string& path, std::vector<Gap>& gaps) {
  const Result<std::string> text = system_text(opener, path, max_database_bytes);
  if (text) return *text;
  const int code = text.error().code;
  if (code != ENOENT && code != ENOTDIR) gaps.push_back({path, text.error().what});
  return {};
}

std::optional<Accounts> accounts_of_name_services() {
  std::optional<NameServiceEntries> entries = ask_name_services();
  if (!entries) return std::nullopt;
  Collection collection;
  for (Account& user : entries->users) collection.add_user(std::move(user));
  for (NamedGroup& named : entries->groups) {
    collection.add_group(std::move(named.group));
    for (const std::string& member : named.members) collection.add_member(member);
  }
  return collection.take();
}

// Where name services cannot be asked: what the files say, and that it may not be all.
KnownAccounts accounts_of_files_alone(const Opener& opener, const AccountSources& sources) {
  KnownAccounts known = accounts_of_root(opener);
  if (known.accounts.incomplete_because.empty() && sources.names_others) {
    known.accounts.incomplete_because =
        "only /etc/passwd and /etc/group were read: this program is linked statically, and cannot "
        "ask what else nsswitch.conf or systemd's user records name";
  }
  return known;
}

}  // namespace

KnownAccounts running_accounts(const Opener& opener) {
  const AccountSources sources = account_sources();
  KnownAccounts known;
  if (sources.files_suffice) known = accounts_of_root(opener);
  if (!sources.files_suffice || !known.gaps.empty()) {
    std::optional<Accounts> named = accounts_of_name_services();
    if (!named) return accounts_of_files_alone(opener, sources);
    known = {.accounts = std::move(*named), .gaps = {}};
  }
  known.accounts.incomplete_because = sources.incomplete_because;
  return known;
}

KnownAccounts accounts_of_root(const Opener& opener) {
  KnownAccounts known;
  const std::string passwd = database(opener, "/etc/passwd", known.gaps);
  const std::string group = database(opener, "/etc/group", known.gaps);
  const std::string nsswitch = database(opener, "/etc/nsswitch.conf", known.gaps);
  Collection collection;
  if (add_user_lines(collection, passwd) == Completeness::has_unread_line) {
    known.gaps.push_back({"/etc/passwd", "has a line that does not parse: an account is missing"});
  }
  add_group_lines(collection, group);
  known.accounts = collection.take();
  known.accounts.incomplete_because = not_listed_because(nsswitch);
  return known;
}

Accounts parse_accounts(std::string_view passwd, std::string_view group) {
  Collection collection;
  (void)add_user_lines(collection, passwd);  // What could not be read is the caller's to judge.
  add_group_lines(collection, group);
  return collection.take();
}

}  // namespace cfwarden
