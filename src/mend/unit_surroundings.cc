#include "cfwarden/mend/unit_surroundings.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>

#include <unistd.h>

namespace cfwarden {
namespace {

// systemd.unit(5), the search path of the system manager: the first that has a unit wins.
constexpr std::array<std::string_view, 13> search_path{
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    installed_units,
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
};

constexpr std::size_t max_entries = 16'384;

// "cloudflared-x.service" takes drop-ins of "cloudflared-.service.d", too.
bool holds_drop_ins(std::string_view directory, std::string_view unit_name) {
  if (!directory.ends_with(".d")) return false;
  directory.remove_suffix(2);
  if (directory == unit_name) return true;
  const auto suffix = unit_name.rfind('.');
  for (auto dash = unit_name.find('-'); dash < suffix; dash = unit_name.find('-', dash + 1)) {
    if (directory ==
        std::string{unit_name.substr(0, dash + 1)} + std::string{unit_name.substr(suffix)}) {
      return true;
    }
  }
  return false;
}

bool holds_links(std::string_view directory) {
  return directory.ends_with(".wants") || directory.ends_with(".requires") ||
         directory.ends_with(".upholds");
}

// "" for what is no link.
std::string link_target(const Opened& directory, const std::string& name) {
  std::array<char, PATH_MAX> bytes;
  const ssize_t count =
      readlinkat(directory.descriptor->get(), name.c_str(), bytes.data(), bytes.size());
  return count > 0 ? std::string{bytes.data(), static_cast<std::size_t>(count)} : std::string{};
}

// "../cloudflared.service" has a file name, too.
std::string_view last_component(std::string_view target) {
  return target.substr(target.rfind('/') + 1);
}

class Surroundings {
 public:
  Surroundings(const Opener& opener, std::string_view unit_name)
      : opener_{opener}, unit_name_{unit_name} {}

  std::string in_all() const {
    bool comes_before = true;
    for (const std::string_view path : search_path) {
      if (path == installed_units) comes_before = false;
      std::string found = in_directory(path, comes_before);
      if (!found.empty()) return found;
    }
    return {};
  }

 private:
  std::string in_directory(std::string_view path, bool comes_before) const {
    const Result<Opened> directory = opener_.open(path);
    if (!directory) return is_absent(directory.error()) ? "" : directory.error().what;
    const Result<Names> names = list(*directory, max_entries);
    if (!names) return std::string{path} + ": " + names.error().what;
    if (names->truncated) return std::string{path} + " holds too many names to look at";
    for (const Entry& entry : names->entries) {
      std::string found = of_entry(*directory, entry.name, comes_before);
      if (!found.empty()) return found;
    }
    return {};
  }

  std::string of_entry(const Opened& directory, const std::string& name, bool comes_before) const {
    const std::string path = joined(directory.path, name);
    if (holds_drop_ins(name, unit_name_)) return "it has drop-ins in " + path;
    if (name == unit_name_) return comes_before ? path + " takes its place" : "";
    if (holds_links(name)) return in_links(path);
    if (!name.ends_with(".service")) return {};
    const bool is_alias = last_component(link_target(directory, name)) == unit_name_;
    return is_alias ? "it has another name: " + path + " is a symbolic link to it" : "";
  }

  // An enabled unit is linked to by its own name.
  std::string in_links(const std::string& path) const {
    const Result<Opened> links = opener_.open(path);
    if (!links) return is_absent(links.error()) ? "" : links.error().what;
    const std::string target = link_target(*links, std::string{unit_name_});
    if (target.empty() || last_component(target) == unit_name_) return {};
    return joined(path, unit_name_) + " is a symbolic link to another unit";
  }

  const Opener& opener_;
  std::string_view unit_name_;
};

}  // namespace

std::string what_bears_on(const Opener& opener, std::string_view unit_name) {
  return Surroundings{opener, unit_name}.in_all();
}

std::string directory_of_unit(const Opener& opener, std::string_view unit_name) {
  const auto holds_it = [&](std::string_view directory) {
    const auto found = opener.open(joined(directory, unit_name), Named::no, Detail::status);
    return found.has_value() || !is_absent(found.error());
  };
  const auto* const found = std::ranges::find_if(search_path, holds_it);
  return found == search_path.end() ? std::string{} : std::string{*found};
}

}  // namespace cfwarden
