// The % specifiers of unit files. Pure.
//
// Source    systemd.unit(5), "Specifiers", of systemd 252, tried against its own.
#pragma once

#include "cfwarden/needs/unit_name.h"

#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

// The service manager that runs a unit: the system's, or a user's own.
struct UnitManager {
  bool is_system = true;
  std::string user = "root";
  std::string group = "root";
  std::string uid = "0";
  std::string gid = "0";
  std::string home = "/root";
  std::string runtime = "/run";
  std::string state = "/var/lib";
  std::string cache = "/var/cache";
  std::string logs = "/var/log";
  std::string configuration = "/etc";
};

// Of a user's own manager.
UnitManager user_manager(const std::string& user, const std::string& uid, const std::string& home);

struct UnitSpecifiers {
  UnitManager manager;
  UnitName name;
  std::string fragment;    // %y.
  std::string host_name;   // "" where it is not known.
  std::string machine_id;  // "" where it is not known.
};

// Where the service finds what LoadCredential= laid out for it: %d.
std::string credentials_directory(const UnitSpecifiers& known);

// nullopt for a specifier that systemd does not know, so that it ignores the setting, and for what
// outgrows max_unit_word. One whose value is not known here stays as it stands: "%H".
std::optional<std::string> expand_specifiers(std::string_view text, const UnitSpecifiers& known);

}  // namespace cfwarden
