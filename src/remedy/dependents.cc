#include "cfwarden/remedy/dependents.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <tuple>

namespace cfwarden {
namespace {

// systemd takes dynamic uids from here; none of them owns a file.
constexpr std::uint32_t dynamic_uid = 61184;
constexpr std::uint32_t stranger_uid = 4'000'000'000;

// What a user made up binds that user's own files.
bool counts(const Need& need, std::uint32_t owner) {
  const bool binds = !need.controlled_by || *need.controlled_by == owner;
  return binds && !need.is_claim && need.can_read != false;
}

// A script with a secret in it that a service runs is read by the service; what boots a host runs
// its scripts as root.
bool is_run_by_its_user(const Need& need, const Subject& subject) {
  return need.what == NeedOf::inline_secret && subject.carrier == script_carrier &&
         need.source != StartSource::sysv && need.source != StartSource::openrc &&
         need.source != StartSource::runit && need.source != StartSource::s6;
}

std::optional<Principal> principal_of_need(const Need& need) {
  const bool is_dynamic = need.user == "dynamic";
  if (!need.uid && !is_dynamic) return std::nullopt;
  Principal who{.uid = need.uid.value_or(dynamic_uid), .gids = need.more_gids};
  if (need.gid) who.gids.push_back(*need.gid);
  who.is_powerless = need.is_powerless;
  return who;
}

Dependent dependent_of(const Need& need, const Subject& subject) {
  const bool runs_it = is_run_by_its_user(need, subject);
  const bool is_root = need.uid == 0U && !need.is_powerless;
  const bool is_read_for_it = need.read_by_manager && !runs_it;
  return {.need = &need,
          .is_kept_anyway = is_root || is_read_for_it || need.reads_everything,
          .who = principal_of_need(need),
          .runs_it = runs_it};
}

bool is_same(const Need& one, const Need& other) {
  return one.who == other.who && one.user == other.user && one.file == other.file &&
         one.line == other.line && one.uid == other.uid && one.gid == other.gid &&
         one.more_gids == other.more_gids && one.can_read == other.can_read &&
         one.entered_at == other.entered_at;
}

void add(std::vector<Dependent>& all, const Dependent& one) {
  const bool is_known = std::ranges::any_of(all, [&](const Dependent& other) {
    return is_same(*one.need, *other.need) && one.is_kept_anyway == other.is_kept_anyway &&
           one.runs_it == other.runs_it;
  });
  if (!is_known) all.push_back(one);
}

// They come from several subjects.
void sort(std::vector<Dependent>& all) {
  std::ranges::stable_sort(all, {}, [](const Dependent& one) {
    const Need& need = *one.need;
    return std::tie(need.who, need.user, need.file, need.line, need.uid, need.gid, need.more_gids,
                    need.can_read, need.entered_at, one.is_kept_anyway, one.runs_it);
  });
}

bool is_above(const std::string& path, FileId id, const Subject& subject) {
  return std::ranges::any_of(subject.facts.ancestors,
                             [&](const DirectoryFacts& above) { return above.id == id; }) ||
         (subject.path != path && lies_in(subject.path, path));
}

// Anybody whom the object tells apart from others.
std::vector<Principal> anybody(const Permissions& permissions) {
  std::vector<Principal> all{{.uid = stranger_uid, .gids = {}},
                             {.uid = stranger_uid, .gids = {permissions.gid}},
                             {.uid = permissions.uid, .gids = {}}};
  for (const AclEntry& entry : permissions.acl) {
    if (entry.tag == AclTag::user) all.push_back({.uid = entry.id, .gids = {}});
    if (entry.tag == AclTag::named_group) all.push_back({.uid = stranger_uid, .gids = {entry.id}});
  }
  for (Principal& who : all) who.is_powerless = true;
  return all;
}

std::vector<Principal> principals_of(const Dependent& dependent, const Permissions& permissions) {
  if (dependent.is_kept_anyway) return {};
  return dependent.who ? std::vector{*dependent.who} : anybody(permissions);
}

std::vector<Access> accesses_of(const Dependent& dependent, FileType type) {
  if (type == FileType::directory) return {Access::search};
  if (dependent.runs_it) return {Access::read, Access::search};
  return {Access::read};
}

}  // namespace

std::vector<Dependent> dependents_of_file(std::span<const Subject* const> subjects) {
  std::vector<Dependent> all;
  for (const Subject* subject : subjects) {
    for (const Need& need : subject->needs) {
      const std::uint32_t owner = subject->facts.permissions.uid;
      if (counts(need, owner)) add(all, dependent_of(need, *subject));
    }
  }
  sort(all);
  return all;
}

std::vector<Dependent> dependents_of_directory(std::span<const Subject> subjects,
                                               const std::string& path, FileId id) {
  std::vector<Dependent> all;
  for (const Subject& subject : subjects) {
    const bool is_itself = subject.type == SubjectType::directory && subject.facts.id == id;
    if (subject.needs.empty() || (!is_itself && !is_above(path, id, subject))) continue;
    for (const Need& need : subject.needs) {
      const bool passes_it = need.entered_at.empty() || lies_in(path, need.entered_at);
      if (counts(need, subject.facts.permissions.uid) && passes_it)
        add(all, dependent_of(need, subject));
    }
  }
  sort(all);
  return all;
}

bool keeps_access(const Dependent& dependent, FileType type, const Permissions& before,
                  const Permissions& after) {
  for (const Principal& who : principals_of(dependent, before)) {
    for (const Access access : accesses_of(dependent, type)) {
      if (permits(before, who, access) && !permits(after, who, access)) return false;
    }
  }
  return true;
}

std::vector<Ruling> ways_in(const Dependent& dependent, FileType type,
                            const Permissions& permissions) {
  std::vector<Ruling> ways;
  for (const Principal& who : principals_of(dependent, permissions)) {
    for (const Access access : accesses_of(dependent, type)) {
      const Ruling ruling = ruling_of(permissions, who, access);
      if (ruling.granted) ways.push_back(ruling);
    }
  }
  return ways;
}

std::string how_it_is_let_in(const Dependent& dependent, FileType type,
                             const Permissions& permissions, const Accounts& accounts) {
  const Need& need = *dependent.need;
  if (need.read_by_manager && !dependent.runs_it) return "read as root for it";
  if (need.uid == 0U && !need.is_powerless) return "as root";
  if (need.reads_everything) return "by its capability";
  if (!dependent.who) return "by whatever lets anybody in";
  const auto ways = ways_in(dependent, type, permissions);
  if (ways.empty()) return "by a way of its own";
  switch (ways.front().by) {
    case AclTag::owner:
      return "as its owner";
    case AclTag::group:
      return "through its group";
    case AclTag::user:
      return "through the ACL's entry for it";
    case AclTag::named_group:
      return "through the ACL's entry for group " + accounts.group_name(ways.front().id);
    case AclTag::mask:
    case AclTag::others:
      break;
  }
  return "through others";
}

std::string described(const Dependent& dependent) {
  const Need& need = *dependent.need;
  const std::string_view as = need.source == StartSource::systemd ? " (User=" : " (user ";
  return (need.is_container ? "container " : "") + need.who + std::string{as} + need.user + ")";
}

}  // namespace cfwarden
