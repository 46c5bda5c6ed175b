#include "cfwarden/app/move_token_unit.h"

#include "cfwarden/base/path.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/unit_surroundings.h"

#include <cerrno>
#include <string_view>

namespace cfwarden {
namespace {

constexpr std::size_t max_name = 255;  // As systemd's own.

constexpr std::string_view plain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.";

// Without the @ of a template's instance: cloudflared installs none.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name && !name.starts_with('.') &&
         !name.starts_with('-') && name.find_first_not_of(plain) == std::string_view::npos;
}

std::string of_package(const std::string& path) {
  return path + " is not where cloudflared service install puts a unit (" +
         std::string{installed_units} + "): what a package brought is the package's to change";
}

}  // namespace

Result<FoundUnit> find_unit(const std::string& root, const std::string& unit) {
  const bool is_path = unit.starts_with('/');
  const std::string path = is_path ? normal_path(unit) : "";
  std::string name = is_path ? std::string{file_name_of(path)} : unit;
  if (!is_plain_name(name)) return Error{"UNIT is no name of a service, and no absolute path", 0};
  if (!is_path && name.find('.') == std::string::npos) name += ".service";
  if (!name.ends_with(".service")) return Error{"UNIT is not a service", 0};

  const Result<Opener> opener = Opener::at(root);
  if (!opener) return Error{root + ": " + opener.error().what, opener.error().code};
  const std::string own = joined(installed_units, name);
  const std::string wanted = is_path ? path : own;
  const Result<Opened> found = opener->open(wanted, Named::no, Detail::status);
  const bool is_there = found.has_value() || !is_absent(found.error());
  if (is_there) {
    const std::string why_not = wanted == own ? "" : of_package(wanted);
    return FoundUnit{.name = name, .path = wanted, .why_not = why_not};
  }
  if (is_path) return Error{"UNIT: there is no such file", ENOENT};
  const std::string elsewhere = directory_of_unit(*opener, name);
  if (elsewhere.empty()) return Error{"UNIT: systemd has no unit of that name here", ENOENT};
  const std::string packaged = joined(elsewhere, name);
  return FoundUnit{.name = name, .path = packaged, .why_not = of_package(packaged)};
}

std::vector<std::string> commands_for_changed(const std::string& unit) {
  const auto word = shell_word(unit);
  if (!word) return {};
  return {"systemctl daemon-reload", "systemctl restart " + *word};
}

}  // namespace cfwarden
