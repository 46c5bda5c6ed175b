#include "cfwarden/host/control_group.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace cfwarden {
namespace {

constexpr std::string_view service = ".service";

// 1000 of "user@1000.service".
std::optional<std::uint32_t> user_of_manager(std::string_view unit) {
  constexpr std::string_view before = "user@";
  if (!unit.starts_with(before)) return std::nullopt;
  unit.remove_prefix(before.size());
  unit.remove_suffix(service.size());
  std::uint32_t uid = 0;
  const auto end = std::from_chars(unit.data(), unit.data() + unit.size(), uid);
  const bool is_number = end.ec == std::errc{} && end.ptr == unit.data() + unit.size();
  return is_number ? std::optional{uid} : std::nullopt;
}

// Slices, then the unit; a user's manager is a unit of the system with slices of its own below.
// What follows the unit is named by whoever runs in it.
void note_unit(std::string_view path, ControlGroup& group) {
  std::optional<std::uint32_t> manager;
  while (!path.empty()) {
    path.remove_prefix(1);  // The slash.
    std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    if (name.ends_with(".slice")) continue;
    if (!name.ends_with(service)) return;
    const auto user = manager ? std::nullopt : user_of_manager(name);
    if (!user) {
      if (name.starts_with('_')) name.remove_prefix(1);  // In front of what the kernel reserves.
      group.unit = name;
      group.unit_user = manager;
      return;
    }
    manager = user;
  }
}

// "docker-<id>.scope", "libpod-<id>", "cri-containerd-<id>.scope", "<id>".
std::string_view container_in(std::string_view path) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t id_digits = 64;
  auto at = path.find_first_of(digits);
  while (at != std::string_view::npos) {
    const auto end = std::min(path.find_first_not_of(digits, at), path.size());
    if (end - at == id_digits) return path.substr(at, id_digits);
    at = path.find_first_of(digits, end);
  }
  return {};
}

// A line: number, controllers, path, with colons between.
void note_line(std::string_view line, ControlGroup& group) {
  const auto first = line.find(':');
  if (first == std::string_view::npos) return;
  const auto second = line.find(":/", first + 1);
  if (second == std::string_view::npos) return;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const std::string_view path = line.substr(second + 1);
  const bool is_managed = controllers.empty() || controllers == "name=systemd";
  if (is_managed && group.unit.empty()) note_unit(path, group);
  if (group.container.empty()) group.container = container_in(path);
}

}  // namespace

ControlGroup control_group_of(std::string_view text) {
  ControlGroup group;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    note_line(text.substr(0, end), group);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return group;
}

}  // namespace cfwarden
