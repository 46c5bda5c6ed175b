// Whether the files in /etc say all there is to say about this host's accounts.
//
// Loading NSS modules runs foreign code in this process and, with systemd's, costs more than the
// whole audit of a host without credentials. What systemd's module adds to the files are the users
// of running services with DynamicUser (no home, no group members) and those of systemd-homed: only
// the latter matter here.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

// Pure: the text of nsswitch.conf(5) takes users and groups from "files", and from "systemd" at
// most.
bool only_files_and_systemd(std::string_view nsswitch);

// Pure: names the sources of users and groups that seldom list what they know (sss, ldap, winbind,
// nis, ...), as a clause; "" when there are none.
std::string not_listed_because(std::string_view nsswitch);

struct AccountSources {
  bool files_suffice = false;
  bool names_others = false;  // Something is there that could name more than the files do.
  std::string incomplete_because;
};

// Of the running host: reads /etc/nsswitch.conf and looks for homed and for static user records.
AccountSources account_sources();

}  // namespace cfwarden
