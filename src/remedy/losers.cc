#include "cfwarden/remedy/losers.h"

#include "cfwarden/exposure/access.h"
#include "cfwarden/exposure/people.h"
#include "cfwarden/exposure/ways.h"

#include <algorithm>

namespace cfwarden {
namespace {

struct Rights {
  bool read = false;
  bool write = false;  // Of a directory: search.
};

Rights rights_of(const Above& above, const Principal& who) {
  if (!above.file_reached_by(who)) return {};
  const FileFacts& facts = above.facts();
  const bool is_directory = facts.type == FileType::directory;
  return {.read = permits(facts.permissions, who, Access::read),
          .write = permits(facts.permissions, who, is_directory ? Access::search : Access::write)};
}

bool loses(const Rights& before, const Rights& after, FileType type) {
  if (before.read && !after.read) return true;
  const bool keeps_a_way = type != FileType::directory && after.read;
  return before.write && !after.write && !keeps_a_way;
}

// All that either state tells apart. A group that is new is only mentioned: an entry that gives
// nothing.
FileFacts mentioning(const FileFacts& before, const FileFacts& after) {
  FileFacts facts = before;
  const std::uint32_t gid = after.permissions.gid;
  if (gid != before.permissions.gid) {
    facts.permissions.acl.push_back({.tag = AclTag::named_group, .id = gid, .permissions = 0});
  }
  return facts;
}

void make_set(std::vector<std::string>& names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

Losers losers_between(const FileFacts& before, const FileFacts& after, const Accounts& accounts) {
  const Above above_before{before};
  const Above above_after{after};
  Losers losers;
  const auto people = people_of(mentioning(before, after), accounts);
  for (const PeopleAlike& alike : people) {
    const Rights were = rights_of(above_before, alike.who);
    const Rights are = rights_of(above_after, alike.who);
    if (!loses(were, are, before.type)) continue;
    const bool could_read = were.read && !are.read;
    if (&alike == &people.front()) {
      losers.everyone = true;
      losers.everyone_reads = could_read;
    }
    add_names(alike, losers.names);
    if (could_read) add_names(alike, losers.readers);
  }
  const std::uint32_t owner = before.permissions.uid;
  if (owner != after.permissions.uid && owner != 0) {
    const Account* account = accounts.find_uid(owner);
    const Principal who =
        account != nullptr ? principal_of(*account) : Principal{.uid = owner, .gids = {}};
    if (loses(rights_of(above_before, who), rights_of(above_after, who), before.type)) {
      losers.names.push_back(accounts.user_name(owner));
      losers.readers.push_back(accounts.user_name(owner));
    }
  }
  make_set(losers.names);
  make_set(losers.readers);
  return losers;
}

FileFacts with_permissions(FileFacts facts, FileId id, const Permissions& permissions) {
  if (facts.id == id) facts.permissions = permissions;
  for (DirectoryFacts& directory : facts.ancestors) {
    if (directory.id == id) directory.permissions = permissions;
  }
  return facts;
}

}  // namespace cfwarden
