#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/command_line.h"
#include "cfwarden/needs/container_run.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/id_map.h"
#include "cfwarden/needs/shell_script.h"
#include "cfwarden/needs/unit_catalogue.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_start.h"
#include "cfwarden/needs/user_allowance.h"
#include "cfwarden/needs/wrapper.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

// Bytes that are parsed for one manager, a drop-in once for each unit that it belongs to: real
// hosts stay far below, and a user's own files cannot use up what others have.
constexpr std::size_t max_parsed_bytes = 64 * 1024 * 1024;
constexpr std::size_t max_script_layers = 3;
constexpr std::size_t max_layers = 4;  // Of what wraps a command.
constexpr std::size_t max_user_managers = 64;

using Variables = std::vector<EnvironmentVariable>;

bool mentions_cloudflared(const ServiceText& text) {
  constexpr std::array<std::string_view, 3> marks{"cloudflared", "TUNNEL_", "cloudflare"};
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return text.text.find(mark) != std::string::npos; });
}

// What an administrator installed may be a script, which alone says what it runs.
bool is_local_program(std::string_view path) {
  constexpr std::array<std::string_view, 5> places{"/usr/local/", "/opt/", "/srv/", "/root/",
                                                   "/home/"};
  return std::ranges::any_of(places,
                             [path](std::string_view place) { return path.starts_with(place); });
}

std::string first_line_of(const ServiceText* text) {
  if (text == nullptr) return {};
  return std::string{strip_unit_space(text->text.substr(0, text->text.find('\n')))};
}

bool uses_host_names(const ServiceText& text) {
  constexpr std::array<std::string_view, 3> specifiers{"%H", "%l", "%m"};
  return std::ranges::any_of(specifiers, [&](std::string_view specifier) {
    return text.text.find(specifier) != std::string::npos;
  });
}

// A command of the unit, or of a script that it runs.
struct FoundCommand {
  CommandLine line;
  std::optional<ContainerRun> container;  // In whose place it runs a container.
  std::vector<std::string> scripts;       // The files it stands in, the outermost first.
};

// The services of one manager.
class ManagerReader {
 public:
  ManagerReader(const ServiceHost& host, const UnitScope& scope, UnitManager manager,
                Starts& starts)
      : host_(host), catalogue_(host.texts, scope), manager_(std::move(manager)), starts_(starts) {}

  // `already` are units that were read for a manager of its own; what is read here is added to it.
  void read_all(bool only_own, std::set<std::string>& already) {
    for (CataloguedUnit& unit : catalogue_.services()) {
      if (only_own ? !unit.is_own : already.contains(unit.name.full)) continue;
      if (only_own) already.insert(unit.name.full);
      if (parsed_bytes_ > max_parsed_bytes) {
        add_gap(unit.fragment != nullptr ? unit.fragment->path : "",
                "there are more units, with more drop-ins, than are looked into; the rest was left "
                "out",
                starts_);
        return;
      }
      read(std::move(unit));
    }
  }

 private:
  void read(CataloguedUnit unit) {
    std::vector<const ServiceText*> files = files_of(unit);
    if (unit.fragment == nullptr) {
      if (std::ranges::any_of(files, [](const auto* one) { return mentions_cloudflared(*one); }) ||
          !unit.linked_to.empty()) {
        want_unread(unit);
      }
      return;
    }
    LoadedUnit loaded = load(unit, files);
    if (unit.name.is_template && !loaded.service.default_instance.empty()) {
      const UnitName instance =
          service_name_of(unit.name.prefix + "@" + loaded.service.default_instance + ".service");
      if (instance.is_instance) {
        unit = catalogue_.instance(instance);
        if (unit.fragment == nullptr) return;
        files = files_of(unit);
        loaded = load(unit, files);
      }
    }
    // These are read where they were written.
    if (loaded.service.source_path.starts_with("/etc/init.d/") ||
        loaded.service.source_path.starts_with("/etc/rc.d/") ||
        loaded.service.source_path.ends_with(".container")) {
      return;
    }
    read_commands(unit, loaded, files);
  }

  static std::vector<const ServiceText*> files_of(const CataloguedUnit& unit) {
    std::vector<const ServiceText*> files;
    if (unit.fragment != nullptr) files.push_back(unit.fragment);
    files.insert(files.end(), unit.drop_ins.begin(), unit.drop_ins.end());
    return files;
  }

  LoadedUnit load(const CataloguedUnit& unit, const std::vector<const ServiceText*>& files) {
    LoadedUnit loaded;
    loaded.known = {.manager = manager_, .name = unit.name, .fragment = unit.fragment->path};
    if (std::ranges::any_of(files, [](const auto* one) { return uses_host_names(*one); })) {
      loaded.known.host_name = first_line_of(named("/etc/hostname"));
      loaded.known.machine_id = first_line_of(named("/etc/machine-id"));
    }
    for (const ServiceText* file : files) parsed_bytes_ += file->text.size();
    loaded.service = read_service(files, loaded.known);
    const auto users = std::ranges::find_if(files, [](const auto* one) { return one->owner != 0; });
    loaded.by = users != files.end() ? *users : unit.fragment;
    return loaded;
  }

  const ServiceText* named(const char* path) {
    const ServiceText* text = find_text(host_, path);
    if (text == nullptr) want(path, starts_);
    return text;
  }

  void want_unread(const CataloguedUnit& unit) {
    for (const std::string& path : catalogue_.unread_of(unit)) {
      if (wanted_.insert(path).second) want(path, starts_);
    }
  }

  void read_commands(const CataloguedUnit& unit, const LoadedUnit& loaded,
                     const std::vector<const ServiceText*>& files) {
    const UnitVariables variables = variables_of(loaded, host_);
    parsed_bytes_ += variables.read_bytes;
    Variables environment;
    for (const auto& [name, value] : variables.all) environment.push_back({name, value});
    bool concerns =
        std::ranges::any_of(files, [](const auto* one) { return mentions_cloudflared(*one); });
    if (concerns && loaded.service.refused_line != 0) {
      want_unread(unit);
      add_gap(unit.fragment->path,
              "line " + std::to_string(loaded.service.refused_line) +
                  " is not what systemd takes, so that it does not load the unit",
              starts_);
      return;
    }
    const auto& commands = loaded.service.commands;
    const auto main_commands = std::ranges::count(commands, "ExecStart", &ServiceCommand::key);
    const bool is_refused = main_commands > 1 && !loaded.service.is_oneshot;
    for (const ServiceCommand& command : commands) {
      if (parsed_bytes_ > max_parsed_bytes) break;  // The next unit says so.
      std::vector<std::string> argv = command.command.argv;
      if (command.command.has_variables) argv = with_variables(argv, variables.all);
      for (const std::string& word : argv) parsed_bytes_ += word.size();
      std::vector<FoundCommand> all_found;
      find(argv, environment, loaded, {}, concerns, all_found);
      for (FoundCommand& found : all_found) {
        if (!counts(command, found)) continue;
        Start start;
        if (!take_start(command, loaded, variables, std::move(found), files, start)) continue;
        concerns = true;
        start.who = unit.name.full;
        start.is_enabled = unit.is_enabled && !unit.name.is_template && !is_refused;
        start.is_active = unit.is_active;
        add_start(std::move(start), starts_);
      }
    }
    if (!concerns) return;
    want_unread(unit);
    for (const std::string& path : variables.missing) want(path, starts_);
  }

  // What is done before and after counts only where it runs a tunnel.
  static bool counts(const ServiceCommand& command, const FoundCommand& found) {
    if (command.key == "ExecStart") return true;
    return !found.container && found.line.invocation.mode != Invocation::Mode::other;
  }

  void find(const std::vector<std::string>& argv, const Variables& environment,
            const LoadedUnit& loaded, const std::vector<std::string>& scripts, bool concerns,
            std::vector<FoundCommand>& found) {
    if (argv.empty() || found.size() >= max_starts) return;
    if (find_container(argv, environment, scripts, max_layers, found)) return;
    if (auto line = command_line_of(argv, environment)) {
      found.push_back({.line = std::move(*line), .container = std::nullopt, .scripts = scripts});
      return;
    }
    const std::string path = script_of(argv);
    if (!path.starts_with('/') || scripts.size() == max_script_layers ||
        std::ranges::find(scripts, path) != scripts.end()) {
      return;
    }
    // A program that has nothing to do with cloudflared is not worth its reading.
    const ServiceText* text = concerns || is_local_program(path)
                                  ? named_text(host_, *loaded.by, path, starts_)
                                  : visible(path, *loaded.by);
    if (text == nullptr) return;
    parsed_bytes_ += text->text.size();
    if (parsed_bytes_ > max_parsed_bytes) return;
    std::vector<std::string> within = scripts;
    within.push_back(path);
    find_in_script(*text, environment, loaded, std::move(within), found);
  }

  // Whether a container is what is run, behind whatever wraps it.
  bool find_container(const std::vector<std::string>& argv, const Variables& environment,
                      const std::vector<std::string>& scripts, std::size_t layers,
                      std::vector<FoundCommand>& found) {
    if (argv.empty() || layers == 0) return false;
    if (is_container_program(argv.front())) {
      auto run = container_run_of(argv, environment);
      if (run) found.push_back({.line = {}, .container = std::move(run), .scripts = scripts});
      return true;
    }
    const auto unwrapped = unwrap(argv);
    if (!unwrapped) return false;
    if (unwrapped->script.empty()) {
      return find_container(unwrapped->argv, environment, scripts, layers - 1, found);
    }
    bool is_found = false;
    for (const ShellCommand& command : read_shell_script(unwrapped->script, environment).commands) {
      is_found |= find_container(command.argv, environment, scripts, layers - 1, found);
    }
    return is_found;
  }

  const ServiceText* visible(const std::string& path, const ServiceText& by) const {
    const ServiceText* text = find_text(host_, path);
    return text != nullptr && (by.owner == 0 || by.owner == text->owner) ? text : nullptr;
  }

  void find_in_script(const ServiceText& script, Variables given, const LoadedUnit& loaded,
                      std::vector<std::string> scripts, std::vector<FoundCommand>& found) {
    given.push_back({"0", script.path});
    std::vector<std::string> sources;
    const SourcedText sourced = [&](const std::string& path) -> std::optional<std::string_view> {
      const ServiceText* text = named_text(host_, *loaded.by, path, starts_);
      if (text == nullptr) return std::nullopt;
      sources.push_back(path);
      return text->text;
    };
    const ShellScript read = read_shell_script(script.text, given, sourced);
    for (const std::string& path : sources) {
      if (std::ranges::find(scripts, path) == scripts.end()) scripts.push_back(path);
    }
    given.insert(given.end(), read.exported.begin(), read.exported.end());
    const bool concerns = mentions_cloudflared(script);
    for (const ShellCommand& command : read.commands) {
      find(command.argv, given, loaded, scripts, concerns, found);
    }
  }

  // False for a container of something else.
  bool take_start(const ServiceCommand& command, const LoadedUnit& loaded,
                  const UnitVariables& variables, FoundCommand found,
                  const std::vector<const ServiceText*>& files, Start& start) const {
    Start around = surroundings_of(loaded, command.command, variables.all, host_);
    if (!found.container) start = around;
    start.file = command.text->path;
    start.line = command.line;
    const auto add_file = [&](const std::string& path) {
      if (std::ranges::find(start.files, path) == start.files.end()) start.files.push_back(path);
    };
    for (const ServiceText* file : files) add_file(file->path);
    for (const std::string& path : variables.files) add_file(path);
    for (const std::string& path : found.scripts) add_file(path);
    if (found.line.user.empty()) start.read_as_runner = found.scripts;
    if (found.container) {
      const ContainerCaller caller = caller_of(loaded, around, found.container->is_podman);
      return read_container_run(std::move(*found.container), caller, host_, start, starts_);
    }

    start.invocation = std::move(found.line.invocation);
    start.environment_elsewhere |= found.line.environment_elsewhere;
    if (!found.line.user.empty() || !found.line.group.empty()) {
      start.run_as = {.user = found.line.user.empty() ? start.run_as.user : found.line.user,
                      .group = found.line.group};
    }
    if (!found.line.working_directory.empty()) {
      start.working_directory = found.line.working_directory;
    }
    load_named_credentials(loaded, start);
    return true;
  }

  // Docker's containers are its daemon's, Podman's are those of whoever starts them.
  ContainerCaller caller_of(const LoadedUnit& loaded, const Start& around, bool is_podman) const {
    ContainerCaller caller{.by = loaded.by, .user = ""};
    if (!around.working_directory.empty()) caller.directory = around.working_directory;
    const std::string& user = around.run_as.user;
    if (!is_podman || user.empty() || user == "root" || user == "0") return caller;
    const auto uid = decimal_id(user);
    const Account* account = nullptr;
    if (host_.accounts != nullptr) {
      account = uid ? host_.accounts->find_uid(*uid) : host_.accounts->find_name(user);
    }
    caller.user = account != nullptr ? account->name : user;
    caller.uid = account != nullptr ? account->uid : uid.value_or(loaded.by->owner);
    caller.gid = account != nullptr ? account->gid : caller.uid;
    return caller;
  }

  const ServiceHost& host_;
  UnitCatalogue catalogue_;
  UnitManager manager_;
  Starts& starts_;
  std::set<std::string> wanted_;  // Instances of a template share most of it.
  std::size_t parsed_bytes_ = 0;
};

// ---- Whose managers there are ----

// The home before ".config/systemd/", "" where there is none.
std::string_view home_in(std::string_view path) {
  constexpr std::array<std::string_view, 2> marks{"/.config/systemd/user",
                                                  "/.local/share/systemd/user"};
  for (const std::string_view mark : marks) {
    const std::size_t found = path.find(mark);
    if (found == path.npos || found == 0) continue;
    const std::string_view behind = path.substr(found + mark.size());
    if (behind.starts_with('/') || behind.starts_with(".control/")) return path.substr(0, found);
  }
  return {};
}

// The uid in "/run/user/1000/systemd/...".
std::optional<std::uint32_t> runtime_uid(std::string_view path) {
  constexpr std::string_view runtime = "/run/user/";
  if (!path.starts_with(runtime)) return std::nullopt;
  path.remove_prefix(runtime.size());
  const std::size_t slash = path.find('/');
  if (slash == path.npos || !path.substr(slash).starts_with("/systemd/")) return std::nullopt;
  return decimal_id(path.substr(0, slash));
}

const Account* account_with_home(const ServiceHost& host, std::string_view home,
                                 std::uint32_t owner) {
  if (host.accounts == nullptr) return nullptr;
  const Account* found = nullptr;
  for (const Account& account : host.accounts->users) {
    if (account.home != home) continue;
    if (account.uid == owner) return &account;
    if (found == nullptr) found = &account;
  }
  return found;
}

// By uid. Of a home that no account has, its owner is taken for the user.
std::map<std::uint32_t, UnitManager> user_managers(const ServiceHost& host) {
  std::map<std::uint32_t, UnitManager> managers;
  const auto add = [&](const Account& account) {
    UnitManager manager = user_manager(account.name, std::to_string(account.uid), account.home);
    manager.gid = std::to_string(account.gid);
    manager.group = host.accounts->group_name(account.gid);
    managers.emplace(account.uid, std::move(manager));
  };
  for (const ServiceText& text : host.texts) {
    if (const auto uid = runtime_uid(text.path); uid && host.accounts != nullptr) {
      const Account* account = host.accounts->find_uid(*uid);
      if (account != nullptr) add(*account);
      continue;
    }
    const std::string_view home = home_in(text.path);
    if (home.empty()) continue;
    if (const Account* account = account_with_home(host, home, text.owner)) {
      add(*account);
    } else {
      const std::string uid = std::to_string(text.owner);
      managers.emplace(text.owner, user_manager(uid, uid, std::string{home}));
    }
  }
  return managers;
}

// Whose it will be is not known: the specifiers stay as they are.
UnitManager any_users_manager() {
  UnitManager manager = user_manager("", "%U", "");
  manager.home = "%h";
  manager.runtime = "/run/user/%U";
  manager.state = "%S";
  manager.cache = "%C";
  manager.logs = "%L";
  manager.configuration = "%E";
  return manager;
}

void read_users(const ServiceHost& host, Starts& starts) {
  std::set<std::string> read;
  std::map<std::uint32_t, UnitManager> managers = user_managers(host);
  if (managers.size() > max_user_managers) {
    add_gap("", "more than 64 users have services of their own; those of the others were left out",
            starts);
    managers.erase(std::next(managers.begin(), max_user_managers), managers.end());
  }
  for (const auto& [uid, manager] : managers) {
    const UnitScope scope = user_scope(manager.home, manager.runtime);
    const UserAllowance allowance{starts};
    const std::size_t first = starts.all.size();
    ManagerReader{host, scope, manager, starts}.read_all(true, read);
    allowance.enforce(manager.home, starts);
    for (std::size_t i = first; i < starts.all.size(); ++i) starts.all[i].manager_uid = uid;
  }
  const std::size_t before = starts.all.size();
  ManagerReader{host, global_user_scope(), any_users_manager(), starts}.read_all(false, read);
  for (std::size_t i = before; i < starts.all.size(); ++i) {
    Start& start = starts.all[i];
    start.is_enabled = false;                                        // For whom is not known.
    if (start.run_as.user.empty()) start.run_as.user = "each user";  // No account is called so.
    if (start.home == "%h") start.home.clear();
    if (start.working_directory == "%h") start.working_directory.clear();
  }
}

}  // namespace

void read_systemd(const ServiceHost& host, Starts& starts) {
  std::set<std::string> read;
  ManagerReader{host, system_scope(), UnitManager{}, starts}.read_all(false, read);
  read_users(host, starts);
}

}  // namespace cfwarden
