#include "cfwarden/exposure/exposure.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/exposure/people.h"
#include "cfwarden/exposure/ways.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t max_names_in_clause = 8;
constexpr std::size_t max_names_of_everyone = 256;  // Beyond, a count says as much.

using People = std::vector<const PeopleAlike*>;

struct Reached {
  People readers;  // Or writers: everybody with a way.
  std::map<Way, People> ways;
  bool by_stranger = false;  // By a uid without account and groups.
  std::set<Way> stranger_ways;
  People denied;
};

using WaysOf = std::vector<Way> (*)(const Above&, const Principal&);

Reached reached_by(const Above& above, const std::vector<PeopleAlike>& all, WaysOf ways_of) {
  Reached reached;
  for (const PeopleAlike& alike : all) {
    const std::vector<Way> ways = ways_of(above, alike.who);
    if (&alike == &all.front()) {
      reached.by_stranger = !ways.empty();
      reached.stranger_ways.insert(ways.begin(), ways.end());
    }
    if (!is_empty(alike)) (ways.empty() ? reached.denied : reached.readers).push_back(&alike);
    for (const Way& way : ways) reached.ways[way].push_back(&alike);
  }
  return reached;
}

std::size_t count_of(const People& people) {
  std::size_t count = 0;
  for (const PeopleAlike* alike : people) count += count_of(*alike);
  return count;
}

std::vector<std::string> names_of(const People& people) {
  std::vector<std::string> names;
  for (const PeopleAlike* alike : people) add_names(*alike, names);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// True for the file's owning group, by the file's own bits or by a directory of the same group.
bool is_of_owning_group(const FileFacts& facts, const Way& way) {
  if (way.by != AclTag::group) return false;
  return way.directory == 0 ||
         facts.ancestors[way.directory - 1].permissions.gid == facts.permissions.gid;
}

bool only_owning_group(const FileFacts& facts, const Reached& reached) {
  return std::ranges::all_of(reached.readers, [&](const PeopleAlike* alike) {
    return std::ranges::any_of(reached.ways, [&](const auto& entry) {
      return is_of_owning_group(facts, entry.first) &&
             std::ranges::find(entry.second, alike) != entry.second.end();
    });
  });
}

Audience audience_of(const FileFacts& facts, const Reached& reached) {
  if (reached.by_stranger) {
    return reached.denied.empty() ? Audience::everyone : Audience::some_users;
  }
  if (reached.readers.empty()) return Audience::owner;
  return only_owning_group(facts, reached) ? Audience::group : Audience::some_users;
}

std::string listed(const People& people) {
  const std::vector<std::string> names = names_of(people);
  std::string text;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (count == max_names_in_clause) {
      return text + " and " + std::to_string(names.size() - count) + " more";
    }
    text += (count++ == 0 ? "" : ", ") + name;
  }
  return text;
}

std::string rwx(unsigned permissions) {
  std::string text = "---";
  if ((permissions & 4) != 0) text[0] = 'r';
  if ((permissions & 2) != 0) text[1] = 'w';
  if ((permissions & 1) != 0) text[2] = 'x';
  return text;
}

// What an entry gives once the mask is applied.
unsigned effective(const Permissions& permissions, AclTag tag, std::uint32_t id) {
  for (const AclEntry& entry : permissions.acl) {
    if (entry.tag == tag && entry.id == id) return entry.permissions & (permissions.mode >> 3) & 7;
  }
  return 0;
}

std::string acl_text(const Permissions& permissions, const Way& way, const Accounts& accounts) {
  const std::string rights = rwx(effective(permissions, way.by, way.id));
  if (way.by == AclTag::user) return "acl user:" + accounts.user_name(way.id) + ":" + rights;
  return "acl group:" + accounts.group_name(way.id) + ":" + rights;
}

struct Telling {
  const FileFacts& facts;
  const Accounts& accounts;
  const Reached& reached;
  const DirectoryFacts* closed_to_strangers;
};

std::string others_clause(const Telling& telling, const People& people) {
  const std::string mode = "mode " + mode_text(telling.facts.permissions.mode);
  if (telling.reached.by_stranger) {
    if (telling.reached.denied.empty()) return mode + ", and every directory above can be searched";
    return mode + ": everyone but " + listed(telling.reached.denied);
  }
  if (telling.closed_to_strangers == nullptr) return mode + ": " + listed(people);
  return mode + ", and directory " + telling.closed_to_strangers->path + " can be searched by " +
         listed(people);
}

std::string file_clause(const Telling& telling, const Way& way, const People& people) {
  const Permissions& permissions = telling.facts.permissions;
  switch (way.by) {
    case AclTag::group:
      return "group " + telling.accounts.group_name(permissions.gid) + ": " + listed(people);
    case AclTag::user:
      return acl_text(permissions, way, telling.accounts);
    case AclTag::named_group:
      return acl_text(permissions, way, telling.accounts) + ": " + listed(people);
    default:
      return others_clause(telling, people);
  }
}

std::string directory_clause(const Telling& telling, const Way& way, const People& people) {
  const DirectoryFacts& directory = telling.facts.ancestors[way.directory - 1];
  if (way.owns) return listed(people) + " owns the directory " + directory.path;
  const std::string writable = "directory " + directory.path + " is writable by ";
  const Permissions& permissions = directory.permissions;
  switch (way.by) {
    case AclTag::group:
      return writable + "group " + telling.accounts.group_name(permissions.gid) + ": " +
             listed(people);
    case AclTag::user:
      return writable + acl_text(permissions, way, telling.accounts);
    case AclTag::named_group:
      return writable + acl_text(permissions, way, telling.accounts) + ": " + listed(people);
    default:
      return writable + (telling.reached.stranger_ways.contains(way) ? "everyone" : listed(people));
  }
}

// For everyone only what gives it to everyone: the rest adds nothing.
std::vector<std::string> clauses(const Telling& telling, Audience audience) {
  std::vector<std::string> because;
  for (const auto& [way, people] : telling.reached.ways) {
    if (audience == Audience::everyone && !telling.reached.stranger_ways.contains(way)) continue;
    std::string clause = way.directory == 0 ? file_clause(telling, way, people)
                                            : directory_clause(telling, way, people);
    if (std::ranges::find(because, clause) == because.end()) because.push_back(std::move(clause));
  }
  return because;
}

Reach reach_of(const Above& above, const std::vector<PeopleAlike>& all, const Accounts& accounts,
               WaysOf ways_of) {
  const FileFacts& facts = above.facts();
  const Reached reached = reached_by(above, all, ways_of);
  const Telling telling{.facts = facts,
                        .accounts = accounts,
                        .reached = reached,
                        .closed_to_strangers = above.closed_to(all.front().who)};
  const Audience audience = audience_of(facts, reached);
  Reach reach{.audience = audience,
              .accounts = {},
              .because = clauses(telling, audience),
              .strangers = reached.by_stranger};
  const std::size_t count = count_of(reached.readers);
  if (audience != Audience::everyone || count <= max_names_of_everyone) {
    reach.accounts = names_of(reached.readers);
  } else {
    reach.because.back() += " (" + std::to_string(count) + " accounts)";
  }
  return reach;
}

bool is_named(const AclEntry& entry) {
  return entry.tag == AclTag::user || entry.tag == AclTag::named_group;
}

// Whether an entry would give reading or writing to somebody who counts, were it not masked.
bool concerns_others(const AclEntry& entry, std::uint32_t owner_uid) {
  if (!is_named(entry) || (entry.permissions & 6) == 0) return false;
  return entry.tag == AclTag::named_group || (entry.id != 0 && entry.id != owner_uid);
}

// The same file once its named entries are gone: the owning group keeps what it effectively has.
Permissions without_acl(const Permissions& permissions) {
  Permissions plain = permissions;
  plain.acl.clear();
  const auto group = std::ranges::find(permissions.acl, AclTag::group, &AclEntry::tag);
  if (group != permissions.acl.end()) {
    plain.mode = (permissions.mode & ~070U) | (permissions.mode & (group->permissions << 3));
  }
  return plain;
}

bool gains(const Permissions& permissions, const Permissions& plain, const Principal& who) {
  return std::ranges::any_of(std::array{Access::read, Access::write}, [&](Access access) {
    return permits(permissions, who, access) && !permits(plain, who, access);
  });
}

}  // namespace

Exposure exposure_of(const FileFacts& facts, const Accounts& accounts) {
  const Above above{facts};
  const std::vector<PeopleAlike> all = people_of(facts, accounts);
  return {.readers = reach_of(above, all, accounts, ways_to_read),
          .writers = reach_of(above, all, accounts, ways_to_write)};
}

AclState acl_state_of(const FileFacts& facts, const Accounts& accounts) {
  const bool concerned = std::ranges::any_of(facts.permissions.acl, [&](const AclEntry& entry) {
    return concerns_others(entry, facts.permissions.uid);
  });
  if (!concerned) return AclState::none;
  const Permissions plain = without_acl(facts.permissions);
  const Above above{facts};
  const bool granted =
      std::ranges::any_of(people_of(facts, accounts), [&](const PeopleAlike& alike) {
        return !is_empty(alike) && gains(facts.permissions, plain, alike.who) &&
               above.file_reached_by(alike.who);
      });
  return granted ? AclState::grants : AclState::latent;
}

bool default_acl_grants(const std::vector<AclEntry>& default_acl) {
  const auto mask = std::ranges::find(default_acl, AclTag::mask, &AclEntry::tag);
  const unsigned allowed = mask == default_acl.end() ? 7 : mask->permissions;
  return std::ranges::any_of(default_acl, [&](const AclEntry& entry) {
    if (entry.tag == AclTag::others) return entry.permissions != 0;
    return is_named(entry) && (entry.permissions & allowed) != 0;
  });
}

std::vector<std::string> members_of(std::uint32_t gid, std::uint32_t owner_uid,
                                    const Accounts& accounts) {
  std::set<std::string> members;
  for (const Account& account : accounts.users) {
    if (account.uid == 0 || account.uid == owner_uid) continue;
    const bool is_member =
        account.gid == gid || std::ranges::find(account.groups, gid) != account.groups.end();
    if (is_member) members.insert(account.name);
  }
  for (const Group& group : accounts.groups) {
    if (group.gid != gid) continue;
    for (const std::string& name : group.other_members) {
      if (name != "root") members.insert(name);
    }
  }
  return {members.begin(), members.end()};
}

}  // namespace cfwarden
