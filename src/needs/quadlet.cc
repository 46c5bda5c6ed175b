// Podman's .container units: read as the `podman run` that its generator makes of them, in the
// service that the generator puts it into.
//
// Source  podman-systemd.unit(5) of Podman 5, and its generator's source.
#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/container_run.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/id_map.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_start.h"
#include "cfwarden/needs/unit_words.h"
#include "cfwarden/needs/user_allowance.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view suffix = ".container";
constexpr std::size_t max_drop_ins = 64;                    // Of one quadlet.
constexpr std::size_t max_parsed_bytes = 64 * 1024 * 1024;  // Of one owner's.
constexpr std::size_t counted_out = ~std::size_t{0};

// ---- Where quadlets lie, and whose they are ----

struct QuadletPlace {
  std::string owner;     // Quadlets of one owner replace each other: a home, a uid, "" for root.
  std::size_t rank = 0;  // The first directory counts.
  bool is_system = false;
  std::string home;  // Of a user's own; "" where only the uid is known.
  std::string uid;
};

struct QuadletRoot {
  std::string_view path;
  std::size_t rank;
};
constexpr std::array system_roots{QuadletRoot{"/run/containers/systemd", 0},
                                  QuadletRoot{"/etc/containers/systemd", 1},
                                  QuadletRoot{"/usr/share/containers/systemd", 2}};

// "users/1000/..." below one of the roots.
QuadletPlace users_place(std::string_view below, std::size_t rank) {
  const std::string_view first = below.substr(0, below.find('/'));
  if (!decimal_id(first)) return {.owner = "users", .rank = rank + 10};
  return {.owner = std::string{first}, .rank = rank, .uid = std::string{first}};
}

std::optional<QuadletPlace> place_of(std::string_view path) {
  constexpr std::string_view users = "users/";
  for (const QuadletRoot& root : system_roots) {
    if (!lies_in(path, root.path) || path.size() == root.path.size()) continue;
    const std::string_view below = path.substr(root.path.size() + 1);
    if (below.starts_with(users)) return users_place(below.substr(users.size()), root.rank);
    return QuadletPlace{.rank = root.rank, .is_system = true};
  }
  constexpr std::string_view own = "/.config/containers/systemd/";
  if (const std::size_t found = path.find(own); found != path.npos && found > 0) {
    const std::string home{path.substr(0, found)};
    return QuadletPlace{.owner = home, .rank = 0, .home = home};
  }
  constexpr std::string_view runtime = "/run/user/";
  if (path.starts_with(runtime)) {
    const std::string_view below = path.substr(runtime.size());
    const std::string_view uid = below.substr(0, below.find('/'));
    if (decimal_id(uid) && below.substr(uid.size()).starts_with("/containers/systemd/")) {
      return QuadletPlace{.owner = std::string{uid}, .rank = 0, .uid = std::string{uid}};
    }
  }
  return std::nullopt;
}

// "x.container.d/10.conf" -> "x.container"; "" for anything else.
std::string_view extended_by(std::string_view path) {
  constexpr std::string_view ending = ".d";
  const std::string_view directory = file_name_of(directory_of(path));
  if (!path.ends_with(".conf") || !directory.ends_with(ending)) return {};
  return directory.substr(0, directory.size() - ending.size());
}

struct Quadlet {
  const ServiceText* text = nullptr;
  QuadletPlace place;
};

struct DropIn {
  const ServiceText* text = nullptr;
  QuadletPlace place;
};

struct Quadlets {
  std::map<std::pair<std::string, std::string>, Quadlet> units;  // By owner and name.
  std::map<std::pair<std::string, std::string>, std::vector<DropIn>> drop_ins;
};

Quadlets quadlets_in(const ServiceHost& host) {
  Quadlets all;
  for (const ServiceText& text : host.texts) {
    const std::string_view extended = extended_by(text.path);
    const bool is_unit = text.path.ends_with(suffix);
    if (extended.empty() && !is_unit) continue;
    const auto place = place_of(text.path);
    if (!place) continue;
    if (!extended.empty()) {
      if (!text.link_target.empty()) continue;
      all.drop_ins[{place->owner, std::string{extended}}].push_back({&text, *place});
      continue;
    }
    const std::pair key{place->owner, std::string{file_name_of(text.path)}};
    const auto [known, is_new] = all.units.try_emplace(key, Quadlet{&text, *place});
    if (!is_new && place->rank < known->second.place.rank) known->second = {&text, *place};
  }
  return all;
}

// ---- One quadlet ----

// The assignments of [Container]; an empty one takes back those before it.
class ContainerSection {
 public:
  explicit ContainerSection(const std::vector<const ServiceText*>& files) {
    for (const ServiceText* text : files) {
      for (UnitAssignment& one : read_unit_file(text->text).assignments)
        take(std::move(one), *text);
    }
  }

  std::string last(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() || found->second.empty() ? "" : found->second.back().value;
  }
  std::vector<std::string> all(std::string_view key) const {
    std::vector<std::string> values;
    const auto found = values_.find(key);
    if (found == values_.end()) return values;
    for (const Value& one : found->second) values.push_back(one.value);
    return values;
  }
  std::pair<const ServiceText*, std::size_t> place_of(std::string_view key) const {
    const auto found = values_.find(key);
    if (found == values_.end() || found->second.empty()) return {nullptr, 0};
    return {found->second.back().text, found->second.back().line};
  }
  bool is_installed() const { return is_installed_; }

 private:
  struct Value {
    std::string value;
    const ServiceText* text = nullptr;
    std::size_t line = 0;
  };

  void take(UnitAssignment&& one, const ServiceText& text) {
    constexpr std::array<std::string_view, 3> installing{"WantedBy", "RequiredBy", "UpheldBy"};
    if (one.section == "Install") {
      const bool installs = std::ranges::find(installing, one.key) != installing.end();
      is_installed_ = is_installed_ || (installs && !one.value.empty());
    }
    if (one.section != "Container") return;
    std::vector<Value>& values = values_[one.key];
    if (one.value.empty()) return values.clear();
    values.push_back({std::move(one.value), &text, one.line});
  }

  std::map<std::string, std::vector<Value>, std::less<>> values_;
  bool is_installed_ = false;
};

// Relative names begin at the unit; a specifier says where it begins itself.
std::string beside(const ServiceText& unit, const std::string& path) {
  if (path.starts_with('/') || path.starts_with('%')) return path;
  return lexical_path(directory_of(unit.path), path);
}

// "SOURCE:TARGET[:OPTIONS]": "./x" is relative to the unit, "x.volume" and "x" are volumes.
std::string volume_for(const ServiceText& unit, const std::string& volume) {
  if (!volume.starts_with('.')) return volume;
  const std::size_t colon = std::min(volume.find(':'), volume.size());
  return beside(unit, volume.substr(0, colon)) + volume.substr(colon);
}

std::string mount_for(const ServiceText& unit, const std::string& mount) {
  for (const std::string_view key : {"source=", "src="}) {
    const std::size_t found = mount.find(key);
    if (found == mount.npos || (found > 0 && mount[found - 1] != ',')) continue;
    const std::size_t begin = found + key.size();
    if (!std::string_view{mount}.substr(begin).starts_with('.')) continue;
    const std::size_t end = std::min(mount.find(',', begin), mount.size());
    return mount.substr(0, begin) + beside(unit, mount.substr(begin, end - begin)) +
           mount.substr(end);
  }
  return mount;
}

using Words = std::vector<std::string>;

// A list of words, each under the option.
void add_words(const ContainerSection& section, std::string_view key, const std::string& option,
               Words& argv) {
  for (const std::string& value : section.all(key)) {
    for (std::string& word : words_of(value, {.escapes = Escapes::c_relaxed})) {
      argv.push_back(option);
      argv.push_back(std::move(word));
    }
  }
}

void add_last(const ContainerSection& section, std::string_view key, const std::string& option,
              Words& argv) {
  std::string value = section.last(key);
  if (value.empty()) return;
  argv.push_back(option);
  argv.push_back(std::move(value));
}

// The deprecated RemapUsers= in the words of UserNS=.
std::string user_namespace_of(const ContainerSection& section) {
  const std::string remap = section.last("RemapUsers");
  if (remap != "keep-id") return remap == "auto" ? "auto" : "";
  std::string mode = "keep-id:";
  if (const std::string uid = section.last("RemapUid"); !uid.empty()) mode += "uid=" + uid + ",";
  if (const std::string gid = section.last("RemapGid"); !gid.empty()) mode += "gid=" + gid;
  return mode;
}

// As Podman's generator writes it, as far as it matters here.
Words podman_command(const ContainerSection& section, const ServiceText& unit) {
  Words argv{"/usr/bin/podman", "run"};
  add_last(section, "Entrypoint", "--entrypoint", argv);
  add_last(section, "WorkingDir", "--workdir", argv);
  const std::string user = section.last("User");
  const std::string group = section.last("Group");
  if (!user.empty()) {
    argv.insert(argv.end(), {"--user", group.empty() ? user : user + ":" + group});
  }
  add_last(section, "UserNS", "--userns", argv);
  if (const std::string mode = user_namespace_of(section); !mode.empty()) {
    argv.insert(argv.end(), {"--userns", mode});
  }
  add_words(section, "UIDMap", "--uidmap", argv);
  add_words(section, "GIDMap", "--gidmap", argv);
  if (section.last("RemapUsers") == "manual") {
    add_words(section, "RemapUid", "--uidmap", argv);
    add_words(section, "RemapGid", "--gidmap", argv);
  }
  for (const std::string& one : section.all("GroupAdd"))
    argv.insert(argv.end(), {"--group-add", one});
  add_words(section, "DropCapability", "--cap-drop", argv);
  add_words(section, "AddCapability", "--cap-add", argv);
  for (const std::string& one : section.all("Tmpfs")) argv.insert(argv.end(), {"--tmpfs", one});
  for (const std::string& one : section.all("Volume")) {
    argv.insert(argv.end(), {"--volume", volume_for(unit, one)});
  }
  add_words(section, "Environment", "--env", argv);
  for (const std::string& value : section.all("EnvironmentFile")) {
    for (const std::string& word : words_of(value, {.escapes = Escapes::c_relaxed})) {
      argv.insert(argv.end(), {"--env-file", beside(unit, word)});
    }
  }
  add_words(section, "Secret", "--secret", argv);
  for (const std::string& value : section.all("Mount")) {
    for (const std::string& word : words_of(value, {.escapes = Escapes::c_relaxed})) {
      argv.insert(argv.end(), {"--mount", mount_for(unit, word)});
    }
  }
  for (const std::string& value : section.all("PodmanArgs")) {
    for (std::string& word : words_of(value, {.escapes = Escapes::c_relaxed})) {
      argv.push_back(std::move(word));
    }
  }
  return argv;
}

class QuadletReader {
 public:
  QuadletReader(const ServiceHost& host, Starts& starts)
      : host_(host), starts_(starts), quadlets_(quadlets_in(host)) {}

  // Root's come first; what others add is bounded for each.
  void read_all() {
    auto next = quadlets_.units.begin();
    while (next != quadlets_.units.end()) {
      const std::string owner = next->first.first;
      const std::string path = next->second.text->path;
      const UserAllowance allowance{starts_};
      parsed_bytes_ = 0;
      for (; next != quadlets_.units.end() && next->first.first == owner; ++next) {
        if (parsed_bytes_ <= max_parsed_bytes) {
          read(next->first.second, next->second);
        } else if (parsed_bytes_ != counted_out) {
          parsed_bytes_ = counted_out;
          add_gap(next->second.text->path,
                  "there are more quadlets, with more drop-ins, than are looked into; the rest was "
                  "left out",
                  starts_);
        }
      }
      if (!owner.empty()) allowance.enforce(path, starts_);
    }
  }

 private:
  void read(const std::string& file_name, const Quadlet& quadlet) {
    const ServiceText* text = followed(quadlet);
    if (text == nullptr) return;
    const std::string stem = file_name.substr(0, file_name.size() - suffix.size());
    const UnitName file_unit = service_name_of(stem + ".service");
    if (file_unit.full.empty()) return;
    if (file_unit.is_template && has_instance(file_unit, quadlet.place.owner)) return;

    std::vector<const ServiceText*> files{text};
    append_drop_ins(file_unit, quadlet.place.owner, files);
    for (const ServiceText* file : files) parsed_bytes_ += file->text.size();
    const ContainerSection section{files};
    const std::string image = image_of(section, quadlet.place.owner, *text);
    if (image.empty()) return;

    LoadedUnit unit;
    const std::string service = section.last("ServiceName");
    unit.known.name = service.empty() ? file_unit : service_name_of(service + ".service");
    if (unit.known.name.full.empty()) return;
    unit.known.manager = manager_of(quadlet);
    unit.known.fragment = text->path;
    unit.by = text;
    for (const ServiceText* file : files) {
      if (file->owner != 0) unit.by = file;
    }
    unit.service = read_service(files, unit.known);
    if (unit.known.name.is_template && !unit.service.default_instance.empty()) {
      const UnitName named = service_name_of(unit.known.name.prefix + "@" +
                                             unit.service.default_instance + ".service");
      if (named.is_instance) unit.known.name = named;
    }
    const UnitVariables variables = variables_of(unit, host_);
    parsed_bytes_ += variables.read_bytes;
    Start start = start_of(unit, section, files, variables, image);
    if (start.source != StartSource::podman) return;
    start.is_enabled =
        section.is_installed() && !unit.known.name.is_template && quadlet.place.owner != "users";
    start.is_active = is_active(unit.known);
    want_unread(file_unit, quadlet);
    add_start(std::move(start), starts_);
  }

  // `source` stays systemd where it does not run cloudflared.
  Start start_of(const LoadedUnit& unit, const ContainerSection& section,
                 const std::vector<const ServiceText*>& files, const UnitVariables& variables,
                 const std::string& image) {
    Words argv = podman_command(section, *files.front());
    argv.push_back(image);
    for (std::string& word : words_of(section.last("Exec"), {.escapes = Escapes::c_relaxed})) {
      argv.push_back(std::move(word));
    }
    for (std::string& word : argv) {
      word = expand_specifiers(word, unit.known).value_or(word);
    }
    argv = with_variables(argv, variables.all);

    std::vector<EnvironmentVariable> environment;
    for (const auto& [name, value] : variables.all) environment.push_back({name, value});
    auto run = container_run_of(argv, environment);
    Start start{.source = StartSource::systemd, .who = unit.known.name.full};
    if (!run) return start;
    auto [where, line] = section.place_of("Exec");
    if (where == nullptr) std::tie(where, line) = section.place_of("Image");
    start.file = where != nullptr ? where->path : files.front()->path;
    start.line = line;
    for (const ServiceText* file : files) start.files.push_back(file->path);
    start.files.insert(start.files.end(), variables.files.begin(), variables.files.end());
    const bool runs = read_container_run(std::move(*run), caller_of(unit), host_, start, starts_);
    if (runs) start.source = StartSource::podman;
    return start;
  }

  const ServiceText* followed(const Quadlet& quadlet) {
    if (quadlet.text->link_target.empty())
      return quadlet.text->text.empty() ? nullptr : quadlet.text;
    const std::string target =
        lexical_path(directory_of(quadlet.text->path), quadlet.text->link_target);
    return target == "/dev/null" ? nullptr : named_text(host_, *quadlet.text, target, starts_);
  }

  bool has_instance(const UnitName& name, const std::string& owner) const {
    const std::string prefix = name.prefix + "@";
    auto one = quadlets_.units.lower_bound({owner, prefix});
    for (; one != quadlets_.units.end() && one->first.first == owner; ++one) {
      const std::string& file = one->first.second;
      if (!file.starts_with(prefix)) return false;
      if (file.size() > prefix.size() + suffix.size()) return true;
    }
    return false;
  }

  // The names of directories, as those of drop-ins for services, end in ".container".
  static std::vector<std::string> extended_names(const UnitName& name) {
    constexpr std::string_view service = ".service";
    std::vector<std::string> names = drop_in_names_of(name);
    for (std::string& one : names) {
      one.resize(one.size() - service.size());
      one += suffix;
    }
    names.emplace_back("container");
    return names;
  }

  void append_drop_ins(const UnitName& name, const std::string& owner,
                       std::vector<const ServiceText*>& files) const {
    using Order = std::pair<std::size_t, std::size_t>;
    std::map<std::string_view, std::pair<Order, const ServiceText*>> chosen;
    std::size_t place = 0;
    for (const std::string& one : extended_names(name)) {
      const auto found = quadlets_.drop_ins.find({owner, one});
      ++place;
      if (found == quadlets_.drop_ins.end()) continue;
      for (const DropIn& drop_in : found->second) {
        const Order order{drop_in.place.rank, place};
        const auto [known, is_new] =
            chosen.try_emplace(file_name_of(drop_in.text->path), order, drop_in.text);
        if (!is_new && order < known->second.first) known->second = {order, drop_in.text};
      }
    }
    for (const auto& [file, one] : chosen) {
      if (files.size() <= max_drop_ins) files.push_back(one.second);
    }
  }

  // "x.image" and "x.build" are units of their own, which name the image.
  std::string image_of(const ContainerSection& section, const std::string& owner,
                       const ServiceText& by) {
    const std::string image = section.last("Image");
    const bool is_unit = image.ends_with(".image") || image.ends_with(".build");
    if (!is_unit || image.find('/') != image.npos) return image;
    const ServiceText* unit =
        named_text(host_, by, lexical_path(directory_of(by.path), image), starts_);
    if (unit == nullptr || !place_of(unit->path) || place_of(unit->path)->owner != owner) return "";
    std::string named;
    for (const UnitAssignment& one : read_unit_file(unit->text).assignments) {
      const bool names_image = (one.section == "Image" && one.key == "Image") ||
                               (one.section == "Build" && one.key == "ImageTag");
      if (names_image) named = one.value;
    }
    return named;
  }

  UnitManager manager_of(const Quadlet& quadlet) const {
    if (quadlet.place.is_system) return {};
    const Account* account = account_of(quadlet);
    if (account == nullptr) {
      const std::string uid =
          quadlet.place.uid.empty() ? std::to_string(quadlet.text->owner) : quadlet.place.uid;
      return user_manager(uid, uid, quadlet.place.home.empty() ? "%h" : quadlet.place.home);
    }
    UnitManager manager = user_manager(account->name, std::to_string(account->uid), account->home);
    manager.gid = std::to_string(account->gid);
    return manager;
  }

  const Account* account_of(const Quadlet& quadlet) const {
    if (host_.accounts == nullptr) return nullptr;
    if (const auto uid = decimal_id(quadlet.place.uid)) return host_.accounts->find_uid(*uid);
    const Account* found = nullptr;
    for (const Account& account : host_.accounts->users) {
      if (quadlet.place.home.empty() || account.home != quadlet.place.home) continue;
      if (found == nullptr || account.uid == quadlet.text->owner) found = &account;
    }
    return found;
  }

  static ContainerCaller caller_of(const LoadedUnit& unit) {
    ContainerCaller caller{.by = unit.by, .user = ""};
    const UnitManager& manager = unit.known.manager;
    caller.directory = unit.service.working_directory.starts_with('/')
                           ? unit.service.working_directory
                           : (manager.is_system ? "/" : manager.home);
    if (manager.is_system || manager.uid == "0") return caller;
    caller.user = manager.user;
    caller.uid = decimal_id(manager.uid).value_or(unit.by->owner);
    caller.gid = decimal_id(manager.gid).value_or(caller.uid);
    return caller;
  }

  bool is_active(const UnitSpecifiers& known) const {
    const std::string path = known.manager.runtime + "/systemd/units/invocation:" + known.name.full;
    const auto path_of = [](const ServiceText& text) -> std::string_view { return text.path; };
    return std::ranges::binary_search(host_.texts, std::string_view{path}, std::less{}, path_of);
  }

  void want_unread(const UnitName& name, const Quadlet& quadlet) {
    const std::string_view directory = directory_of(quadlet.text->path);
    for (const std::string& one : extended_names(name)) {
      want(std::string{directory} + "/" + one + ".d/*.conf", starts_);
      if (!quadlet.place.is_system) continue;
      for (const QuadletRoot& root : system_roots) {
        if (root.path != directory) want(std::string{root.path} + "/" + one + ".d/*.conf", starts_);
      }
    }
  }

  const ServiceHost& host_;
  Starts& starts_;
  Quadlets quadlets_;
  std::size_t parsed_bytes_ = 0;
};

}  // namespace

void read_quadlets(const ServiceHost& host, Starts& starts) {
  QuadletReader{host, starts}.read_all();
}

}  // namespace cfwarden
