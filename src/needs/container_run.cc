#include "cfwarden/needs/container_run.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/container_image.h"
#include "cfwarden/needs/container_mounts.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/docker.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/tree.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/user_namespace.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::array<std::string_view, 3> programs{"docker", "podman", "nerdctl"};

// Options that stand without a value; every other takes one.
constexpr std::array<std::string_view, 25> switches{"detach",
                                                    "init",
                                                    "interactive",
                                                    "no-healthcheck",
                                                    "oom-kill-disable",
                                                    "privileged",
                                                    "publish-all",
                                                    "quiet",
                                                    "read-only",
                                                    "rm",
                                                    "sig-proxy",
                                                    "tty",
                                                    "disable-content-trust",
                                                    "env-host",
                                                    "http-proxy",
                                                    "no-hosts",
                                                    "no-hostname",
                                                    "passwd",
                                                    "replace",
                                                    "rmi",
                                                    "rootfs",
                                                    "tls-verify",
                                                    "help",
                                                    "unsetenv-all",
                                                    "read-only-tmpfs"};
constexpr std::string_view short_switches = "ditPq";

// Options of the program itself that take a value, before its command.
constexpr std::array<std::string_view, 16> program_options{
    "-H",           "--host",     "-c",          "--context", "--config",         "-l",
    "--log-level",  "--root",     "--runroot",   "--module",  "--storage-driver", "--url",
    "--connection", "--identity", "--namespace", "--address"};

constexpr std::array<std::string_view, 4> secret_variables{
    "TUNNEL_TOKEN", "TUNNEL_TOKEN_FILE", "TUNNEL_CRED_FILE", "TUNNEL_CRED_CONTENTS"};

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

struct LongName {
  char letter;
  std::string_view name;
};
constexpr std::array long_names{LongName{'e', "env"}, LongName{'v', "volume"},
                                LongName{'u', "user"}, LongName{'w', "workdir"}};

// "type=bind,source=/a,target=/b": the value of the first of these keys.
std::string_view field_of(std::string_view fields, std::initializer_list<std::string_view> keys) {
  while (!fields.empty()) {
    const std::string_view field = fields.substr(0, fields.find(','));
    fields.remove_prefix(std::min(field.size() + 1, fields.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    for (const std::string_view key : keys) {
      if (field.substr(0, equals) == key) return field.substr(std::min(equals + 1, field.size()));
    }
  }
  return {};
}

// One of the two words of "SOURCE:TARGET:OPTIONS"; an anonymous volume has only a target.
Mount volume_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return {.inside = std::string{text}, .outside = ""};
  const std::string_view behind = text.substr(colon + 1);
  return {.inside = std::string{behind.substr(0, behind.find(':'))},
          .outside = std::string{text.substr(0, colon)}};
}

Mount mount_of(std::string_view text) {
  const std::string_view type = field_of(text, {"type"});
  const std::string_view source = field_of(text, {"source", "src"});
  return {.inside = std::string{field_of(text, {"target", "destination", "dst"})},
          .outside = type == "bind" ? std::string{source} : ""};
}

// "docker-entrypoint", or a list of words as JSON.
std::vector<std::string> entrypoint_of(const std::string& text) {
  if (text.starts_with('[')) {
    const Tree tree = tree_of_json(text);
    if (tree.problem.empty()) return tree.root().texts();
  }
  return text.empty() ? std::vector<std::string>{} : std::vector<std::string>{text};
}

class RunReader {
 public:
  RunReader(std::span<const std::string> argv, std::span<const EnvironmentVariable> caller)
      : left_(argv), caller_(caller) {}

  std::optional<ContainerRun> read() {
    if (left_.empty() || !is_container_program(left_.front())) return std::nullopt;
    run_.is_podman = file_name_of(left_.front()) == "podman";
    left_ = left_.subspan(1);
    if (!take_command()) return std::nullopt;
    while (!left_.empty() && left_.front().starts_with('-') && left_.front().size() > 1) {
      const std::string word = left_.front();
      left_ = left_.subspan(1);
      if (word == "--") break;
      take_option(word);
    }
    if (left_.empty()) return std::nullopt;
    run_.definition.image = left_.front();
    left_ = left_.subspan(1);
    if (!left_.empty()) run_.definition.command.emplace(left_.begin(), left_.end());
    return std::move(run_);
  }

 private:
  bool take_command() {
    while (!left_.empty() && left_.front().starts_with('-')) {
      const bool takes_value = holds(program_options, left_.front());
      left_ = left_.subspan(takes_value && left_.size() > 1 ? 2 : 1);
    }
    if (!left_.empty() && left_.front() == "container") left_ = left_.subspan(1);
    if (left_.empty() || (left_.front() != "run" && left_.front() != "create")) return false;
    left_ = left_.subspan(1);
    return true;
  }

  std::string next() {
    if (left_.empty()) return {};
    std::string word = left_.front();
    left_ = left_.subspan(1);
    return word;
  }

  void take_option(const std::string& word) {
    if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
      const bool is_switch = holds(switches, name);
      if (equals != word.npos) return apply(name, word.substr(equals + 1));
      return apply(name, is_switch ? "true" : next());
    }
    // "-itd", "-eNAME=VALUE", "-v" with its value behind it.
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (short_switches.find(word[i]) != short_switches.npos) continue;
      const auto* known = std::ranges::find(long_names, word[i], &LongName::letter);
      std::string value = i + 1 < word.size() ? word.substr(i + 1) : next();
      if (known != long_names.end()) apply(known->name, std::move(value));
      return;
    }
  }

  void apply(std::string_view name, std::string value) {
    ContainerDefinition& definition = run_.definition;
    if (name == "env") {
      definition.environment.push_back(variable_from(value));
    } else if (name == "env-file") {
      constexpr std::size_t max_files = 64;
      if (run_.environment_files.size() < max_files)
        run_.environment_files.push_back(std::move(value));
    } else if (name == "volume") {
      run_.mounts.push_back(volume_of(value));
    } else if (name == "mount") {
      run_.mounts.push_back(mount_of(value));
    } else if (name == "tmpfs") {
      run_.mounts.push_back({.inside = value.substr(0, value.find(':')), .outside = ""});
    } else if (name == "secret") {
      take_secret(value);
    } else if (name == "entrypoint") {
      definition.entrypoint = entrypoint_of(value);
    } else if (name == "user") {
      definition.user = std::move(value);
    } else if (name == "workdir") {
      definition.working_directory = std::move(value);
    } else if (name == "privileged") {
      run_.is_privileged = value == "true";
    } else if (name == "userns") {
      run_.user_namespace = std::move(value);
    } else if (std::vector<std::string>* list = list_of(name)) {
      list->push_back(std::move(value));
    }
  }

  std::vector<std::string>* list_of(std::string_view name) {
    if (name == "group-add") return &run_.more_groups;
    if (name == "cap-drop") return &run_.dropped;
    if (name == "cap-add") return &run_.added;
    if (name == "uidmap") return &run_.uid_maps;
    if (name == "gidmap") return &run_.gid_maps;
    return nullptr;
  }

  // "NAME=VALUE", or NAME alone, whose value is the caller's.
  EnvironmentVariable variable_from(const std::string& text) const {
    if (text.find('=') != text.npos) return variable_of(text);
    const auto found =
        std::find_if(caller_.rbegin(), caller_.rend(),
                     [&](const EnvironmentVariable& one) { return one.name == text; });
    if (found != caller_.rend()) return *found;
    return {.name = text, .value = "", .is_unknown = true};
  }

  // "NAME[,type=mount|env][,target=...]": Podman keeps what is in it.
  void take_secret(const std::string& text) {
    const std::string name = text.substr(0, text.find(','));
    const std::string target{field_of(text, {"target"})};
    if (field_of(text, {"type"}) == "env") {
      run_.definition.environment.push_back(
          {.name = target.empty() ? name : target, .value = "", .is_unknown = true});
    } else {
      run_.mounts.push_back(
          {.inside = lexical_path("/run/secrets", target.empty() ? name : target), .outside = ""});
    }
  }

  std::span<const std::string> left_;
  std::span<const EnvironmentVariable> caller_;
  ContainerRun run_;
};

// "NAME=VALUE" a line, taken as it stands.
void read_environment(std::string_view text, std::vector<EnvironmentVariable>& variables) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const bool is_comment = line.empty() || line.front() == '#';
    if (!is_comment && variables.size() < max_unit_assignments) {
      variables.push_back(variable_of(line));
      variables.back().is_unknown = line.find('=') == line.npos;
    }
  }
}

// ---- User namespaces ----

// "0:100000:65536" of --uidmap.
IdMap map_of(const std::vector<std::string>& ranges) {
  IdMap map;
  for (const std::string& range : ranges) {
    const std::size_t first = range.find(':');
    const std::size_t second = first == range.npos ? range.npos : range.find(':', first + 1);
    if (first == range.npos) continue;
    const auto inside = decimal_id(range.substr(0, first));
    const auto outside = decimal_id(range.substr(first + 1, second - first - 1));
    const auto count =
        second == range.npos ? std::optional{1U} : decimal_id(range.substr(second + 1));
    if (!inside || !outside || !count) continue;
    append_range({.inside = *inside, .outside = *outside, .count = *count}, map);
  }
  return map;
}

// The caller's own id (0 between the two namespaces) becomes `id` inside, those below it move up.
IdMap kept_id(std::uint32_t id) {
  IdMap map;
  append_range({.inside = 0, .outside = 1, .count = id}, map);
  append_range({.inside = id, .outside = 0, .count = 1}, map);
  append_range({.inside = id + 1, .outside = id + 1, .count = 1U << 30U}, map);
  return map;
}

std::uint32_t id_in(std::string_view options, std::string_view key, std::uint32_t otherwise) {
  return decimal_id(field_of(options, {key})).value_or(otherwise);
}

void give_kept_user(ContainerRun& run, const ContainerCaller& caller) {
  constexpr std::string_view keep = "keep-id";
  if (!run.user_namespace.starts_with(keep) || caller.user.empty()) return;
  const std::string_view options = std::string_view{run.user_namespace}.substr(
      std::min(keep.size() + 1, run.user_namespace.size()));
  const std::uint32_t uid = id_in(options, "uid", caller.uid);
  const std::uint32_t gid = id_in(options, "gid", caller.gid);
  if (run.definition.user.empty()) {
    run.definition.user = std::to_string(uid) + ":" + std::to_string(gid);
  }
}

// nullopt where the ids are those of the host.
std::optional<IdMaps> podman_maps(const ContainerRun& run, const ContainerCaller& caller,
                                  const ServiceHost& host, Starts& starts) {
  IdMaps inner{.uids = map_of(run.uid_maps), .gids = map_of(run.gid_maps)};
  if (inner.gids.empty()) inner.gids = inner.uids;
  if (inner.uids.empty()) inner.uids = inner.gids;
  if (run.user_namespace.starts_with("auto") || run.user_namespace == "nomap") {
    return IdMaps{};  // Podman chooses.
  }
  if (caller.user.empty()) return inner.uids.empty() ? std::nullopt : std::optional{inner};
  constexpr std::string_view keep = "keep-id";
  if (run.user_namespace.starts_with(keep)) {
    const std::string_view options = std::string_view{run.user_namespace}.substr(
        std::min(keep.size() + 1, run.user_namespace.size()));
    inner.uids = kept_id(id_in(options, "uid", caller.uid));
    inner.gids = kept_id(id_in(options, "gid", caller.gid));
  }
  const IdMaps outer{
      .uids = rootless_ids(caller.uid, subordinate_uids(host, caller.user, 1, starts)),
      .gids = rootless_ids(caller.gid, subordinate_gids(host, caller.user, 1, starts))};
  return IdMaps{.uids = through(inner.uids, outer.uids), .gids = through(inner.gids, outer.gids)};
}

void shift_ids(const ContainerRun& run, const ContainerCaller& caller, const ServiceHost& host,
               Start& start, Starts& starts) {
  if (run.is_podman || !caller.user.empty()) {
    const auto maps = podman_maps(run, caller, host, starts);
    if (maps) set_shift(*maps, *caller.by, start, starts);
  } else {
    shift_docker_ids(host, *caller.by, run.user_namespace, start, starts);
  }
}

}  // namespace

bool is_container_program(std::string_view program) {
  return holds(programs, file_name_of(program));
}

std::optional<ContainerRun> container_run_of(std::span<const std::string> argv,
                                             std::span<const EnvironmentVariable> caller) {
  return RunReader{argv, caller}.read();
}

bool read_container_run(ContainerRun run, const ContainerCaller& caller, const ServiceHost& host,
                        Start& start, Starts& starts) {
  const bool may_concern = is_cloudflared_image(run.definition.image) ||
                           read_container(run.definition, start) == ContainerRuns::cloudflared;
  if (!may_concern) return false;
  std::vector<EnvironmentVariable> variables;
  for (const std::string& name : run.environment_files) {
    const std::string path = lexical_path(caller.directory, name);
    const ServiceText* text = named_text(host, *caller.by, path, starts);
    if (text == nullptr) continue;
    start.files.push_back(path);
    read_environment(text->text, variables);
  }
  // What is set on the command line beats the files.
  auto& environment = run.definition.environment;
  environment.insert(environment.begin(), std::make_move_iterator(variables.begin()),
                     std::make_move_iterator(variables.end()));
  give_kept_user(run, caller);
  const ContainerRuns runs = read_container(run.definition, start);
  if (runs == ContainerRuns::unknown) {
    add_gap(start.file, "runs a container of cloudflared whose own command is not known", starts);
  }
  if (runs != ContainerRuns::cloudflared) return false;
  start.run_as.more_groups = run.more_groups;
  start.run_as.loses_capabilities =
      !run.is_privileged && loses_capabilities(run.dropped, run.added);
  start.environment_elsewhere = std::ranges::any_of(environment, [](const auto& variable) {
    return variable.is_unknown && holds(secret_variables, variable.name);
  });
  ContainerMounts mounts;
  for (const Mount& mount : run.mounts) {
    const bool is_path = mount.outside.starts_with('/') || mount.outside.starts_with('.');
    mounts.add(mount.inside, is_path ? lexical_path(caller.directory, mount.outside) : "");
  }
  mounts.give_to(start, starts);
  shift_ids(run, caller, host, start, starts);
  return true;
}

}  // namespace cfwarden
