#include "cfwarden/exposure/exposure.h"

#include "cfwarden/exposure/access.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace cfwarden {

namespace {

constexpr std::size_t max_names_in_clause = 8;

// Somebody who counts: an account, or a uid without one that the facts mention.
struct Person {
  std::string name;
  Principal who;
};

// By what a person gets at the file: an entry of the file itself or of a directory above it.
// Ordered as the clauses are told: the file first, then directories from the root down.
struct Way {
  std::size_t directory = 0;  // 0: the file itself; else its index in the ancestors plus one.
  bool owns = false;          // The directory.
  AclTag by = AclTag::others;
  std::uint32_t id = 0;
  auto operator<=>(const Way&) const = default;
};

struct Reached {
  std::set<std::string> names;
  std::map<Way, std::set<std::string>> ways;
  bool by_stranger = false;  // By a uid without account and groups.
  std::set<Way> stranger_ways;
  std::set<std::string> denied;
};

bool is_above(std::string_view directory, std::string_view path) {
  if (directory == "/" || directory == path) return true;
  return path.starts_with(directory) && path[directory.size()] == '/';
}

// A person's standing in every directory above one file.
class Above {
 public:
  explicit Above(const FileFacts& facts);

  bool reaches_file(const Principal& who) const { return reaches(holders_, who); }
  // The directory at `index` itself, not through it.
  bool reaches_directory(std::size_t index, const Principal& who) const {
    return reaches(above_[index], who);
  }
  // The first directory on the way to the file that is closed to `who`.
  const DirectoryFacts* closed_to(const Principal& who) const;

 private:
  bool reaches(const std::vector<std::size_t>& directories, const Principal& who) const;
  bool searches(std::size_t index, const Principal& who) const {
    return permits(facts_.ancestors[index].permissions, who, Access::search);
  }

  const FileFacts& facts_;
  std::vector<std::size_t> holders_;             // Of the file, without those of links to it.
  std::vector<std::vector<std::size_t>> above_;  // Of each directory.
};

// A link's own directories are no part of the way: the target has a name without them.
Above::Above(const FileFacts& facts) : facts_{facts}, above_(facts.ancestors.size()) {
  const auto& ancestors = facts.ancestors;
  for (std::size_t i = 0; i < ancestors.size(); ++i) {
    if (is_above(ancestors[i].path, ancestors.back().path)) holders_.push_back(i);
    for (std::size_t k = 0; k < i; ++k) {
      const bool is_other = ancestors[k].path != ancestors[i].path;
      if (is_other && is_above(ancestors[k].path, ancestors[i].path)) above_[i].push_back(k);
    }
  }
}

bool Above::reaches(const std::vector<std::size_t>& directories, const Principal& who) const {
  return std::ranges::all_of(directories, [&](std::size_t index) { return searches(index, who); });
}

const DirectoryFacts* Above::closed_to(const Principal& who) const {
  const auto closed =
      std::ranges::find_if_not(holders_, [&](std::size_t index) { return searches(index, who); });
  return closed == holders_.end() ? nullptr : &facts_.ancestors[*closed];
}

// Everybody but root and the owner.
std::vector<Person> people(const FileFacts& facts, const Accounts& accounts) {
  std::vector<Person> all;
  for (const Account& account : accounts.users) {
    if (account.uid == 0 || account.uid == facts.permissions.uid) continue;
    all.push_back({.name = account.name, .who = principal_of(account)});
  }
  std::set<std::uint32_t> mentioned;
  const auto mention = [&](const Permissions& permissions) {
    for (const AclEntry& entry : permissions.acl) {
      if (entry.tag == AclTag::user) mentioned.insert(entry.id);
    }
  };
  mention(facts.permissions);
  for (const DirectoryFacts& directory : facts.ancestors) {
    mention(directory.permissions);
    mentioned.insert(directory.permissions.uid);
  }
  for (const std::uint32_t uid : mentioned) {
    const bool counts = uid != 0 && uid != facts.permissions.uid;
    if (!counts || accounts.find_uid(uid) != nullptr) continue;
    all.push_back({.name = std::to_string(uid), .who = {.uid = uid, .gids = {}}});
  }
  return all;
}

// A uid that is nobody's and in no group.
Principal stranger_to(const std::vector<Person>& all, const FileFacts& facts) {
  std::uint32_t uid = 4'000'000'000;
  const auto is_taken = [&](std::uint32_t candidate) {
    return candidate == facts.permissions.uid ||
           std::ranges::any_of(all,
                               [&](const Person& person) { return person.who.uid == candidate; });
  };
  while (is_taken(uid)) ++uid;
  return {.uid = uid, .gids = {}};
}

std::optional<Way> way_in(const Permissions& permissions, const Principal& who, Access access,
                          std::size_t directory) {
  const Ruling ruling = ruling_of(permissions, who, access);
  if (!ruling.granted) return std::nullopt;
  return Way{.directory = directory, .owns = false, .by = ruling.by, .id = ruling.id};
}

std::vector<Way> ways_to_read(const FileFacts& facts, const Above& above, const Principal& who) {
  if (!above.reaches_file(who)) return {};
  const auto way = way_in(facts.permissions, who, Access::read, 0);
  return way ? std::vector{*way} : std::vector<Way>{};
}

// A sticky directory lets nobody rename or remove what is another's. A file directly in it counts
// all the same: once it is gone, anybody can put another in its place.
bool protects(const FileFacts& facts, std::size_t index) {
  if ((facts.ancestors[index].permissions.mode & 01000) == 0) return false;
  return index + 1 < facts.ancestors.size() || facts.type == FileType::directory;
}

std::vector<Way> ways_to_write(const FileFacts& facts, const Above& above, const Principal& who) {
  std::vector<Way> ways;
  if (above.reaches_file(who)) {
    const auto way = facts.type == FileType::directory
                         ? way_in(facts.permissions, who, Access::change, 0)
                         : way_in(facts.permissions, who, Access::write, 0);
    if (way) ways.push_back(*way);
  }
  for (std::size_t i = 0; i < facts.ancestors.size(); ++i) {
    const Permissions& directory = facts.ancestors[i].permissions;
    if (!above.reaches_directory(i, who)) continue;
    if (directory.uid == who.uid) {
      ways.push_back({.directory = i + 1, .owns = true, .by = AclTag::owner});
    } else if (const auto way = way_in(directory, who, Access::change, i + 1);
               way && !protects(facts, i)) {
      ways.push_back(*way);
    }
  }
  return ways;
}

using WaysOf = std::vector<Way> (*)(const FileFacts&, const Above&, const Principal&);

Reached reached_by(const FileFacts& facts, const std::vector<Person>& all, WaysOf ways_of) {
  const Above above{facts};
  Reached reached;
  for (const Person& person : all) {
    const std::vector<Way> ways = ways_of(facts, above, person.who);
    (ways.empty() ? reached.denied : reached.names).insert(person.name);
    for (const Way& way : ways) reached.ways[way].insert(person.name);
  }
  for (const Way& way : ways_of(facts, above, stranger_to(all, facts))) {
    reached.by_stranger = true;
    reached.stranger_ways.insert(way);
    reached.ways[way];
  }
  return reached;
}

// True for the file's owning group, by the file's own bits or by a directory of the same group.
bool is_of_owning_group(const FileFacts& facts, const Way& way) {
  if (way.by != AclTag::group) return false;
  return way.directory == 0 ||
         facts.ancestors[way.directory - 1].permissions.gid == facts.permissions.gid;
}

bool only_owning_group(const FileFacts& facts, const Reached& reached) {
  return std::ranges::all_of(reached.names, [&](const std::string& name) {
    return std::ranges::any_of(reached.ways, [&](const auto& entry) {
      return is_of_owning_group(facts, entry.first) && entry.second.contains(name);
    });
  });
}

Audience audience_of(const FileFacts& facts, const Reached& reached) {
  if (reached.by_stranger) {
    return reached.denied.empty() ? Audience::everyone : Audience::some_users;
  }
  if (reached.names.empty()) return Audience::owner;
  return only_owning_group(facts, reached) ? Audience::group : Audience::some_users;
}

std::string listed(const std::set<std::string>& names) {
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

std::string octal(unsigned mode) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
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

std::string others_clause(const Telling& telling, const std::set<std::string>& names) {
  const std::string mode = "mode " + octal(telling.facts.permissions.mode);
  if (telling.reached.by_stranger) {
    if (telling.reached.denied.empty()) return mode + ", and every directory above can be searched";
    return mode + ": everyone but " + listed(telling.reached.denied);
  }
  if (telling.closed_to_strangers == nullptr) return mode + ": " + listed(names);
  return mode + ", and directory " + telling.closed_to_strangers->path + " can be searched by " +
         listed(names);
}

std::string file_clause(const Telling& telling, const Way& way,
                        const std::set<std::string>& names) {
  const Permissions& permissions = telling.facts.permissions;
  switch (way.by) {
    case AclTag::group:
      return "group " + telling.accounts.group_name(permissions.gid) + ": " + listed(names);
    case AclTag::user:
      return acl_text(permissions, way, telling.accounts);
    case AclTag::named_group:
      return acl_text(permissions, way, telling.accounts) + ": " + listed(names);
    default:
      return others_clause(telling, names);
  }
}

std::string directory_clause(const Telling& telling, const Way& way,
                             const std::set<std::string>& names) {
  const DirectoryFacts& directory = telling.facts.ancestors[way.directory - 1];
  if (way.owns) return listed(names) + " owns the directory " + directory.path;
  const std::string writable = "directory " + directory.path + " is writable by ";
  const Permissions& permissions = directory.permissions;
  switch (way.by) {
    case AclTag::group:
      return writable + "group " + telling.accounts.group_name(permissions.gid) + ": " +
             listed(names);
    case AclTag::user:
      return writable + acl_text(permissions, way, telling.accounts);
    case AclTag::named_group:
      return writable + acl_text(permissions, way, telling.accounts) + ": " + listed(names);
    default:
      return writable + (telling.reached.stranger_ways.contains(way) ? "everyone" : listed(names));
  }
}

// For everyone only what gives it to everyone: the rest adds nothing.
std::vector<std::string> clauses(const Telling& telling, Audience audience) {
  std::vector<std::string> because;
  for (const auto& [way, names] : telling.reached.ways) {
    if (audience == Audience::everyone && !telling.reached.stranger_ways.contains(way)) continue;
    std::string clause = way.directory == 0 ? file_clause(telling, way, names)
                                            : directory_clause(telling, way, names);
    if (std::ranges::find(because, clause) == because.end()) because.push_back(std::move(clause));
  }
  return because;
}

Reach reach_of(const FileFacts& facts, const Accounts& accounts, WaysOf ways_of) {
  const std::vector<Person> all = people(facts, accounts);
  const Reached reached = reached_by(facts, all, ways_of);
  const Telling telling{.facts = facts,
                        .accounts = accounts,
                        .reached = reached,
                        .closed_to_strangers = Above{facts}.closed_to(stranger_to(all, facts))};
  const Audience audience = audience_of(facts, reached);
  return {.audience = audience,
          .accounts = {reached.names.begin(), reached.names.end()},
          .because = clauses(telling, audience)};
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

bool gains(const FileFacts& facts, const FileFacts& plain, const Principal& who) {
  const Above above{facts};
  if (!above.reaches_file(who)) return false;
  return std::ranges::any_of(std::array{Access::read, Access::write}, [&](Access access) {
    return permits(facts.permissions, who, access) && !permits(plain.permissions, who, access);
  });
}

}  // namespace

Exposure exposure_of(const FileFacts& facts, const Accounts& accounts) {
  return {.readers = reach_of(facts, accounts, ways_to_read),
          .writers = reach_of(facts, accounts, ways_to_write)};
}

AclState acl_state_of(const FileFacts& facts, const Accounts& accounts) {
  const bool concerned = std::ranges::any_of(facts.permissions.acl, [&](const AclEntry& entry) {
    return concerns_others(entry, facts.permissions.uid);
  });
  if (!concerned) return AclState::none;
  FileFacts plain = facts;
  plain.permissions = without_acl(facts.permissions);
  const std::vector<Person> all = people(facts, accounts);
  const bool granted = std::ranges::any_of(
      all, [&](const Person& person) { return gains(facts, plain, person.who); });
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
  return {members.begin(), members.end()};
}

}  // namespace cfwarden
