#include "cfwarden/needs/unit_catalogue.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr int max_links = 8;
constexpr std::array<std::string_view, 3> pulling_suffixes{".wants", ".requires", ".upholds"};
// Units that start a service of the same name.
constexpr std::array<std::string_view, 3> trigger_suffixes{".timer", ".socket", ".path"};
constexpr std::string_view every_service = "service";

std::string link_target_of(const ServiceText& text) {
  return lexical_path(directory_of(text.path), text.link_target);
}

bool is_mask(const ServiceText& text) {
  if (text.link_target.empty()) return text.text.empty();
  return link_target_of(text) == "/dev/null";
}

const ServiceText* find_listed(std::span<const ServiceText> texts, std::string_view path) {
  const auto path_of = [](const ServiceText& text) -> std::string_view { return text.path; };
  const auto found = std::ranges::lower_bound(texts, path, std::less{}, path_of);
  return found != texts.end() && found->path == path ? &*found : nullptr;
}

// Through links to the file that is read.
const ServiceText* followed(std::span<const ServiceText> texts, const ServiceText* text) {
  for (int i = 0; text != nullptr && !text->link_target.empty(); ++i) {
    if (i == max_links) return nullptr;
    text = find_listed(texts, link_target_of(*text));
  }
  return text;
}

// The service that a unit which triggers it starts: "x.timer" -> "x.service".
std::string triggered_by(const std::string& name) {
  for (const std::string_view suffix : trigger_suffixes) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size()) + ".service";
  }
  return name;
}

void append(UnitScope& scope, std::string path, bool is_own, bool is_generated = false) {
  scope.directories.push_back(
      {.path = std::move(path), .is_own = is_own, .is_generated = is_generated});
}

}  // namespace

UnitScope system_scope() {
  UnitScope scope;
  scope.runtime = "/run";
  append(scope, "/etc/systemd/system.control", true);
  append(scope, "/run/systemd/system.control", true);
  append(scope, "/run/systemd/transient", true);
  append(scope, "/run/systemd/generator.early", true, true);
  append(scope, "/etc/systemd/system", true);
  append(scope, "/run/systemd/system", true);
  append(scope, "/run/systemd/generator", true, true);
  append(scope, "/usr/local/lib/systemd/system", true);
  append(scope, "/usr/lib/systemd/system", true);
  append(scope, "/lib/systemd/system", true);
  append(scope, "/run/systemd/generator.late", true, true);
  return scope;
}

UnitScope user_scope(const std::string& home, const std::string& runtime) {
  const bool has_own = !home.empty();
  const auto own = [&](UnitScope& scope, const std::string& path, bool is_generated = false) {
    if (has_own) append(scope, path, true, is_generated);
  };
  UnitScope scope;
  scope.runtime = runtime;
  own(scope, home + "/.config/systemd/user.control");
  own(scope, runtime + "/systemd/user.control");
  own(scope, runtime + "/systemd/transient");
  own(scope, runtime + "/systemd/generator.early", true);
  own(scope, home + "/.config/systemd/user");
  append(scope, "/etc/xdg/systemd/user", false);
  append(scope, "/etc/systemd/user", false);
  own(scope, runtime + "/systemd/user");
  append(scope, "/run/systemd/user", false);
  own(scope, runtime + "/systemd/generator", true);
  own(scope, home + "/.local/share/systemd/user");
  append(scope, "/usr/local/share/systemd/user", false);
  append(scope, "/usr/share/systemd/user", false);
  append(scope, "/usr/local/lib/systemd/user", false);
  append(scope, "/usr/lib/systemd/user", false);
  append(scope, "/lib/systemd/user", false);
  own(scope, runtime + "/systemd/generator.late", true);
  return scope;
}

UnitScope global_user_scope() {
  return user_scope("", "");
}

UnitCatalogue::UnitCatalogue(std::span<const ServiceText> texts, UnitScope scope)
    : texts_(texts), scope_(std::move(scope)) {
  for (std::size_t i = 0; i < scope_.directories.size(); ++i) {
    ranks_.emplace(scope_.directories[i].path, i);
  }
  for (const ServiceText& text : texts_) index(text);

  // A link to /dev/null takes back the links of the same name in later directories.
  for (const auto& [directory, links] : pulls_) {
    for (const auto& [name, entry] : links) {
      if (entry.text->link_target.empty() || is_mask(*entry.text)) continue;
      started_.emplace(triggered_by(name), entry.rank);
    }
  }
  for (const auto& [name, entry] : direct_) {
    if (entry.text->link_target.empty() || is_mask(*entry.text)) continue;
    const std::string target = link_target_of(*entry.text);
    const std::string meant{file_name_of(target)};
    if (meant != name && ranks_.contains(directory_of(target))) aliases_[meant].push_back(name);
  }
}

void UnitCatalogue::index(const ServiceText& text) {
  constexpr std::string_view active_link = "invocation:";
  const std::string_view directory = directory_of(text.path);
  const std::string_view name = file_name_of(text.path);
  if (const auto rank = ranks_.find(directory); rank != ranks_.end()) {
    const auto [entry, is_new] = direct_.try_emplace(std::string{name}, Entry{rank->second, &text});
    if (!is_new && rank->second < entry->second.rank) entry->second = {rank->second, &text};
    return;
  }
  if (!scope_.runtime.empty() && name.starts_with(active_link) &&
      directory == scope_.runtime + "/systemd/units") {
    active_.emplace(name.substr(active_link.size()));
    return;
  }
  if (const auto rank = ranks_.find(directory_of(directory)); rank != ranks_.end()) {
    index_below(text, rank->second, file_name_of(directory));
  }
}

void UnitCatalogue::index_below(const ServiceText& text, std::size_t rank,
                                std::string_view directory_name) {
  const std::string_view name = file_name_of(text.path);
  if (directory_name.ends_with(".d")) {
    if (!name.ends_with(".conf")) return;
    directory_name.remove_suffix(2);
    drop_ins_[std::string{directory_name}].push_back({rank, &text});
    return;
  }
  const bool pulls = std::ranges::any_of(
      pulling_suffixes, [&](std::string_view suffix) { return directory_name.ends_with(suffix); });
  if (!pulls) return;
  auto& links = pulls_[std::string{directory_name}];
  const auto [entry, is_new] = links.try_emplace(std::string{name}, Entry{rank, &text});
  if (!is_new && rank < entry->second.rank) entry->second = {rank, &text};
}

const UnitCatalogue::Entry* UnitCatalogue::entry_of(const UnitName& name) const {
  auto found = direct_.find(name.full);
  if (found == direct_.end() && name.is_instance) found = direct_.find(name.name_of_template());
  return found == direct_.end() ? nullptr : &found->second;
}

UnitCatalogue::Resolved UnitCatalogue::resolve(const std::string& name) const {
  UnitName meant = service_name_of(name);
  for (int i = 0; i < max_links; ++i) {
    Resolved resolved{.name = meant.full};
    const Entry* entry = entry_of(meant);
    if (entry == nullptr) return resolved;
    resolved.rank = entry->rank;
    resolved.is_masked = is_mask(*entry->text);
    if (resolved.is_masked || entry->text->link_target.empty()) {
      resolved.fragment = entry->text;
      return resolved;
    }
    const std::string target = link_target_of(*entry->text);
    UnitName target_name = service_name_of(file_name_of(target));
    const bool is_alias = ranks_.contains(directory_of(target)) && !target_name.full.empty();
    if (is_alias && meant.is_instance && target_name.is_template) {
      target_name = service_name_of(target_name.prefix + "@" + meant.instance + ".service");
    }
    if (!is_alias || target_name.full == meant.full ||
        file_name_of(target) == file_name_of(entry->text->path)) {
      resolved.fragment = followed(texts_, entry->text);
      if (resolved.fragment == nullptr) resolved.linked_to = target;
      return resolved;
    }
    meant = target_name;
  }
  return {.name = name, .is_masked = true};  // Links in a circle.
}

std::set<std::string> UnitCatalogue::candidates() const {
  std::set<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!service_name_of(name).full.empty()) names.insert(name);
  };
  for (const auto& [name, entry] : direct_) add(name);
  for (const auto& [name, rank] : started_) add(name);
  for (const auto& [name, entries] : drop_ins_) add(name);
  for (const std::string& name : active_) add(name);
  return names;
}

std::vector<CataloguedUnit> UnitCatalogue::services() const {
  std::map<std::string, CataloguedUnit> found;
  std::set<const ServiceText*> instantiated;
  for (const std::string& candidate : candidates()) {
    const Resolved resolved = resolve(candidate);
    if (resolved.is_masked || resolved.name.empty()) continue;
    CataloguedUnit& unit = found[resolved.name];
    if (unit.name.full.empty()) {
      unit = instance(service_name_of(resolved.name));
      if (unit.name.is_instance && unit.fragment != nullptr) instantiated.insert(unit.fragment);
    }
    if (const auto start = started_.find(candidate); start != started_.end()) {
      unit.is_enabled = true;
      unit.is_own = unit.is_own || scope_.directories[start->second].is_own;
    }
    if (active_.contains(candidate)) {
      unit.is_active = true;
      unit.is_own = true;
    }
  }
  std::vector<CataloguedUnit> services;
  for (auto& [name, unit] : found) {
    if (unit.name.is_template && instantiated.contains(unit.fragment)) continue;
    services.push_back(std::move(unit));
  }
  return services;
}

CataloguedUnit UnitCatalogue::instance(const UnitName& name) const {
  const Resolved resolved = resolve(name.full);
  CataloguedUnit unit;
  unit.name = name;
  unit.fragment = resolved.is_masked ? nullptr : resolved.fragment;
  unit.linked_to = resolved.linked_to;
  if (const auto own = aliases_.find(name.full); own != aliases_.end()) unit.aliases = own->second;
  if (name.is_instance) {
    const auto more = aliases_.find(name.name_of_template());
    if (more != aliases_.end()) {
      unit.aliases.insert(unit.aliases.end(), more->second.begin(), more->second.end());
    }
  }
  if (unit.fragment != nullptr) {
    unit.is_own = scope_.directories[resolved.rank].is_own;
    unit.is_enabled = scope_.directories[resolved.rank].is_generated;
  }
  unit.drop_ins = drop_ins_of(unit, unit.is_own);
  return unit;
}

// Of several files with one name the first one counts: by name, then by directory, then the more
// special one; what is for every service comes last.
std::vector<const ServiceText*> UnitCatalogue::drop_ins_of(const CataloguedUnit& unit,
                                                           bool& is_own) const {
  using Order = std::tuple<std::size_t, std::size_t, std::size_t>;
  std::map<std::string_view, std::pair<Order, const ServiceText*>> chosen;
  const auto take = [&](const std::string& name, std::size_t group, std::size_t place) {
    const auto found = drop_ins_.find(name);
    if (found == drop_ins_.end()) return;
    for (const Entry& entry : found->second) {
      if (scope_.directories[entry.rank].is_own && group <= unit.aliases.size()) is_own = true;
      const Order order{group, entry.rank, place};
      const auto [known, is_new] =
          chosen.try_emplace(file_name_of(entry.text->path), order, entry.text);
      if (!is_new && order < known->second.first) known->second = {order, entry.text};
    }
  };
  std::size_t group = 0;
  const auto take_all = [&](const UnitName& name) {
    std::size_t place = 0;
    for (const std::string& one : drop_in_names_of(name)) take(one, group, place++);
    ++group;
  };
  take_all(unit.name);
  for (const std::string& alias : unit.aliases) take_all(service_name_of(alias));
  take(std::string{every_service}, group, 0);

  std::vector<const ServiceText*> drop_ins;
  for (const auto& [name, one] : chosen) {
    const ServiceText* text = followed(texts_, one.second);
    if (text != nullptr) drop_ins.push_back(text);
  }
  return drop_ins;
}

std::vector<std::string> UnitCatalogue::unread_of(const CataloguedUnit& unit) const {
  std::vector<std::string> unread;
  if (!unit.linked_to.empty()) unread.push_back(unit.linked_to);
  std::vector<std::string> fragments{unit.name.full};
  if (unit.name.is_instance) fragments.push_back(unit.name.name_of_template());
  std::vector<std::string> names = drop_in_names_of(unit.name);
  names.emplace_back(every_service);
  for (const UnitDirectory& directory : scope_.directories) {
    for (const std::string& name : fragments) {
      const std::string file = directory.path + "/" + name;
      if (find_listed(texts_, file) == nullptr) unread.push_back(file);
    }
    for (const std::string& name : names) {
      unread.push_back(directory.path + "/" + name + ".d/*.conf");
    }
  }
  return unread;
}

}  // namespace cfwarden
