// Names of units: "cloudflared@home.service" and the names that go with it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct UnitName {
  std::string full;      // "cloudflared@home.service".
  std::string prefix;    // "cloudflared".
  std::string instance;  // "home"; "" for a template and for a plain unit.
  bool is_template = false;
  bool is_instance = false;

  std::string name_of_template() const { return prefix + "@.service"; }
};

// Of a file or link called NAME.service; `full` is "" for anything else.
UnitName service_name_of(std::string_view file_name);

// Undoes systemd-escape: "-" is "/", "\x2d" is "-".
std::string unescaped_unit_name(std::string_view escaped);

// The names whose ".d" directories hold drop-ins for the unit, in the order in which a directory
// of units is searched for them: itself, its template, "foo-.service" for "foo-bar.service".
// "service" is not among them.
std::vector<std::string> drop_in_names_of(const UnitName& name);

}  // namespace cfwarden
