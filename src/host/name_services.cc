#include "cfwarden/host/name_services.h"

#include <utility>

#include <grp.h>
#include <pwd.h>

namespace cfwarden {

std::optional<NameServiceEntries> ask_name_services() {
  NameServiceEntries entries;
  setpwent();
  while (const passwd* user = getpwent()) {
    entries.users.push_back({.name = user->pw_name,
                             .uid = user->pw_uid,
                             .gid = user->pw_gid,
                             .home = user->pw_dir != nullptr ? user->pw_dir : "",
                             .groups = {}});
  }
  endpwent();
  setgrent();
  while (const group* entry = getgrent()) {
    NamedGroup one{.group = {.name = entry->gr_name, .gid = entry->gr_gid, .other_members = {}},
                   .members = {}};
    for (char** member = entry->gr_mem; *member != nullptr; ++member) {
      one.members.emplace_back(*member);
    }
    entries.groups.push_back(std::move(one));
  }
  endgrent();
  return entries;
}

}  // namespace cfwarden
