#include "cfwarden/app/runner.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <charconv>

namespace cfwarden {
namespace {

// systemd takes dynamic uids from here; none of them owns a file or is in a group of the host.
constexpr std::uint32_t dynamic_uid = 61184;

std::optional<std::uint32_t> number_in(const std::string& text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

std::optional<std::uint32_t> group_id(const std::string& name, const Accounts& accounts) {
  const auto group = std::ranges::find(accounts.groups, name, &Group::name);
  if (group != accounts.groups.end()) return group->gid;
  return number_in(name);
}

void add_groups(Reader& reader, const std::vector<std::string>& names, const Accounts& accounts) {
  for (const std::string& name : names) {
    if (const auto gid = group_id(name, accounts)) reader.who.gids.push_back(*gid);
  }
}

Runner dynamic_runner(const Start& start, const Accounts& accounts) {
  Runner runner{.user = "dynamic"};
  Reader reader{.who = {.uid = dynamic_uid, .gids = {}}, .bypasses = start.run_as.reads_everything};
  const auto gid = group_id(start.run_as.group, accounts);
  reader.who.gids.push_back(gid.value_or(dynamic_uid));
  add_groups(reader, start.run_as.more_groups, accounts);
  runner.gid = gid;
  runner.reader = reader;
  return runner;
}

// The ids inside a container are numbers of its own image: names say nothing of this host's.
Runner container_runner(const Start& start, const Accounts& accounts) {
  Runner runner{.home = start.home};
  const std::string& user = start.run_as.user;
  const std::optional<std::uint32_t> inside =
      user.empty() || user == "root" ? std::optional{0U} : number_in(user);
  if (!inside) {
    runner.user = user;
    return runner;
  }
  // Docker gives a number without an account the group 0.
  const std::uint32_t gid = number_in(start.run_as.group).value_or(0);
  const IdShift shift = start.id_shift.value_or(IdShift{});
  runner.uid = *inside + shift.uid_base;
  runner.gid = gid + shift.gid_base;
  runner.user = accounts.user_name(*runner.uid);
  Reader reader{.who = {.uid = *runner.uid, .gids = {*runner.gid}}};
  for (const std::string& name : start.run_as.more_groups) {
    if (const auto more = number_in(name)) reader.who.gids.push_back(*more + shift.gid_base);
  }
  reader.bypasses = start.run_as.reads_everything && !start.id_shift;
  reader.who.is_powerless = start.run_as.loses_capabilities;
  runner.reader = reader;
  return runner;
}

Runner account_runner(const Start& start, std::optional<std::uint32_t> controlled_by,
                      const Accounts& accounts) {
  const std::string& user = start.run_as.user;
  const Account* account =
      user.empty() ? accounts.find_uid(controlled_by.value_or(0)) : accounts.find_name(user);
  const std::optional<std::uint32_t> uid = account != nullptr ? std::optional{account->uid}
                                           : user.empty()     ? controlled_by.value_or(0)
                                                              : number_in(user);
  if (account == nullptr && uid) account = accounts.find_uid(*uid);
  Runner runner{.user = uid ? accounts.user_name(*uid) : user, .uid = uid};
  if (!start.home.empty()) {
    runner.home = start.home;
  } else if (account != nullptr) {
    runner.home = account->home;
  } else if (uid == 0U) {
    runner.home = "/root";
  }
  if (!uid) return runner;
  Reader reader{.who = {.uid = *uid, .gids = {}}, .bypasses = start.run_as.reads_everything};
  reader.who.is_powerless = start.run_as.loses_capabilities;
  // A process lists all of its groups itself.
  const bool lists_all = start.source == StartSource::process;
  std::optional<std::uint32_t> gid = group_id(start.run_as.group, accounts);
  if (!gid && account != nullptr) gid = account->gid;
  if (!gid && uid == 0U) gid = 0;
  if (gid) reader.who.gids.push_back(*gid);
  if (account != nullptr && !lists_all) {
    reader.who.gids.insert(reader.who.gids.end(), account->groups.begin(), account->groups.end());
  }
  add_groups(reader, start.run_as.more_groups, accounts);
  runner.gid = gid;
  runner.reader = reader;
  return runner;
}

std::string joined(const std::string& directory, std::string_view below) {
  if (below.empty()) return directory;
  const bool has_slash = directory.ends_with('/') || below.front() == '/';
  return directory + (has_slash ? "" : "/") + std::string{below};
}

// The mount that shows `path`: of several the deepest.
const Mount* mount_of(const Start& start, const std::string& path) {
  const Mount* found = nullptr;
  for (const Mount& mount : start.mounts) {
    const bool is_deeper = found == nullptr || mount.inside.size() > found->inside.size();
    if (is_deeper && lies_in(path, mount.inside)) found = &mount;
  }
  return found;
}

const std::string* elsewhere_of(const Start& start, const std::string& path) {
  const std::string* found = nullptr;
  for (const std::string& one : start.elsewhere) {
    if (lies_in(path, one) && (found == nullptr || one.size() > found->size())) found = &one;
  }
  return found;
}

}  // namespace

Runner runner_of(const Start& start, std::optional<std::uint32_t> controlled_by,
                 const Accounts& accounts) {
  const bool is_static = !start.run_as.user.empty() && accounts.find_name(start.run_as.user);
  if (start.run_as.dynamic && !is_static) return dynamic_runner(start, accounts);
  if (start.is_container) return container_runner(start, accounts);
  return account_runner(start, controlled_by, accounts);
}

HostPlace place_on_host(const Start& start, const std::string& path) {
  using Where = HostPlace::Where;
  for (const LoadedCredential& loaded : start.loaded) {
    if (!lies_in(path, loaded.seen_as)) continue;
    const std::string below = path.substr(loaded.seen_as.size());
    if (loaded.source.empty()) return {.where = Where::elsewhere, .path = path};
    return {.path = joined(loaded.source, below), .is_read_by_manager = true};
  }
  const Mount* mount = mount_of(start, path);
  const std::string* elsewhere = elsewhere_of(start, path);
  const bool is_covered =
      elsewhere != nullptr && (mount == nullptr || elsewhere->size() > mount->inside.size());
  if (is_covered) return {.where = Where::elsewhere, .path = path};
  if (mount != nullptr) {
    const std::string below = path.substr(mount->inside == "/" ? 0 : mount->inside.size());
    return {.path = joined(mount->outside, below), .entered_at = mount->outside};
  }
  for (const HiddenPath& hidden : start.hidden) {
    if (lies_in(path, hidden.path)) {
      return {
          .where = Where::hidden, .path = path, .hidden_by = hidden.by + " hides " + hidden.path};
    }
  }
  if (start.is_container) {
    return {.where = start.is_official_image ? Where::nowhere : Where::elsewhere, .path = path};
  }
  if (!start.root_directory.empty() && start.root_directory != "/") {
    return {.path = joined(start.root_directory, path)};
  }
  return {.path = path};
}

}  // namespace cfwarden
