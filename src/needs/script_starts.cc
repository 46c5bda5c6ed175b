#include "cfwarden/needs/script_starts.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/wrapper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

namespace cfwarden {
namespace {

constexpr std::size_t max_script_depth = 3;
constexpr std::size_t max_files = 64;
constexpr std::uint64_t max_work_of_text = std::uint64_t{256} << 20;

auto told_by(const Start& start) {
  const Invocation& told = start.invocation;
  return std::tie(start.who, start.file, told.mode, told.config, told.origin_certificate,
                  told.credentials_file, told.token_file, told.tunnel, told.token_in_arguments,
                  told.token_in_environment, told.credentials_in_environment, start.run_as.user,
                  start.run_as.group, start.working_directory);
}

void add_file(std::vector<std::string>& files, const std::string& path) {
  const bool is_new = std::ranges::find(files, path) == files.end();
  if (is_new && files.size() < max_files) files.push_back(path);
}

// What boots a host runs its scripts as root; these as the user of the command.
bool runs_scripts_as_user(StartSource source) {
  return source == StartSource::supervisord || source == StartSource::cron;
}

void add_script_file(Start& start, const std::string& path) {
  add_file(start.files, path);
  if (runs_scripts_as_user(start.source)) add_file(start.read_as_runner, path);
}

// What distributions give to init scripts: functions, which say nothing about a tunnel.
bool is_library(std::string_view path) {
  constexpr std::array<std::string_view, 8> libraries{"/lib/lsb/init-functions",
                                                      "/usr/lib/lsb/init-functions",
                                                      "/etc/rc.d/init.d/functions",
                                                      "/etc/init.d/functions",
                                                      "/lib/functions.sh",
                                                      "/usr/share/libubox/jshn.sh",
                                                      "/etc/rc.subr",
                                                      "/etc/rc.status"};
  return std::ranges::find(libraries, path) != libraries.end() || lies_in(path, "/lib") ||
         lies_in(path, "/usr/lib");
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string_view interpreter_of(std::string_view text) {
  std::string_view line = first_line(text);
  if (!line.starts_with("#!")) return {};
  line.remove_prefix(2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

bool is_shell_script(std::string_view text) {
  if (!text.starts_with("#!")) return text.substr(0, 4096).find('\0') == text.npos;
  for (const std::string& word : shell_words(interpreter_of(text))) {
    const std::string_view name = file_name_of(word);
    if (is_shell(name) || name == "bashio" || name == "openrc-run" || name == "runscript") {
      return true;
    }
  }
  return false;
}

std::size_t line_of_assignment(std::string_view text, std::string_view name) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    std::string_view line = first_line(text);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with(name) && line.substr(name.size()).starts_with('=')) return number;
  }
  return 0;
}

void ScriptStarts::add_command(const ScriptedService& service, const std::vector<std::string>& argv,
                               std::size_t line) {
  add_at(service, argv, {.line = line});
}

void ScriptStarts::add_script(const ScriptedService& service, const ShellScript& script) {
  add_all(service, script, {});
}

void ScriptStarts::add(const ScriptedService& service, const CommandLine& command,
                       std::size_t line) {
  if (command.invocation.mode == Invocation::Mode::other) return;
  if (starts_.all.size() > max_starts) return;  // starts_of() says so.
  Start start = service.start;
  start.line = line;
  start.invocation = command.invocation;
  start.environment_elsewhere |= command.environment_elsewhere;
  if (!command.user.empty()) {
    start.read_as_runner.clear();
    start.run_as.user = command.user;
    start.run_as.group.clear();
    start.home.clear();
  }
  if (!command.group.empty()) start.run_as.group = command.group;
  if (!command.working_directory.empty()) {
    start.working_directory = lexical_path(start.working_directory, command.working_directory);
  }
  const bool is_known = std::ranges::any_of(
      starts_.all, [&](const Start& other) { return told_by(other) == told_by(start); });
  if (!is_known) starts_.all.push_back(std::move(start));
}

SourcedText ScriptStarts::sources_of(ScriptedService& service) {
  return [this, &service](const std::string& path) -> std::optional<std::string_view> {
    if (is_library(path)) return std::nullopt;
    const ServiceText* text = text_of(service, path);
    if (text == nullptr || !take_room(text->text.size())) return std::nullopt;
    add_script_file(service.start, path);
    return text->text;
  };
}

void ScriptStarts::add_all(const ScriptedService& service, const ShellScript& script, Layer layer) {
  ScriptedService inside = service;
  inside.environment = script.exported;
  const std::size_t line = layer.line;
  for (const ShellCommand& command : script.commands) {
    if (command.argv.size() > 1 && command.argv.front() == "cd") layer.directory = command.argv[1];
    layer.line = line == 0 ? command.line : line;
    add_at(inside, command.argv, layer);
  }
}

void ScriptStarts::add_at(const ScriptedService& service, const std::vector<std::string>& argv,
                          const Layer& layer) {
  if (!take_work(service, argv)) return;
  auto command = command_line_of(argv, service.environment);
  if (!command) {
    const std::string script = script_of(argv);
    if (!script.empty()) add_wrapped(service, script, layer);
    return;
  }
  if (command->working_directory.empty()) command->working_directory = layer.directory;
  if (command->environment_directories.empty()) return add(service, *command, layer.line);
  // Once more, with what the directories hold.
  ScriptedService inside = service;
  const auto more = variables_in(inside, command->environment_directories);
  inside.environment.insert(inside.environment.end(), more.begin(), more.end());
  if (auto again = command_line_of(argv, inside.environment)) {
    again->working_directory = command->working_directory;
    add(inside, *again, layer.line);
  }
}

void ScriptStarts::add_wrapped(const ScriptedService& service, const std::string& script,
                               const Layer& layer) {
  if (layer.depth >= max_script_depth) return;
  std::string path = script;
  if (!path.starts_with('/')) {
    const std::string& directory =
        layer.directory.empty() ? service.start.working_directory : layer.directory;
    if (!directory.starts_with('/') || path.find('/') == path.npos) return;
    path = lexical_path(directory, path);
  }
  const std::vector<std::string>& files = service.start.files;
  if (std::ranges::find(files, path) != files.end()) return;  // `$0 start`, and rings of scripts.
  const ServiceText* text = text_of(service, path);
  if (text == nullptr || !is_shell_script(text->text) || !take_room(text->text.size())) return;
  ScriptedService inside = service;
  add_script_file(inside.start, path);
  std::vector<EnvironmentVariable> given = service.environment;
  given.push_back({.name = "0", .value = path});
  const ShellScript read = read_shell_script(text->text, given, sources_of(inside));
  add_all(inside, read,
          {.directory = layer.directory, .line = layer.line, .depth = layer.depth + 1});
}

// A file of the variable's name, whose first line is the value.
std::vector<EnvironmentVariable> ScriptStarts::variables_in(
    ScriptedService& service, const std::vector<std::string>& directories) {
  std::vector<EnvironmentVariable> variables;
  if (service.text == nullptr) return variables;
  for (const std::string& named : directories) {
    if (named.empty()) continue;
    const std::string directory = lexical_path(service.start.working_directory, named);
    want(directory + "/*", starts_);
    const auto path_of = [](const ServiceText& text) -> std::string_view { return text.path; };
    const std::string first = directory + "/";
    auto text = std::ranges::lower_bound(host_.texts, std::string_view{first}, {}, path_of);
    for (; text != host_.texts.end() && text->path.starts_with(first); ++text) {
      const bool may_show = service.text->owner == 0 || service.text->owner == text->owner;
      if (directory_of(text->path) != directory || !may_show || !take_room(64)) continue;
      variables.push_back({.name = std::string{file_name_of(text->path)},
                           .value = std::string{first_line(text->text).substr(0, 4096)}});
      add_script_file(service.start, text->path);
    }
  }
  return variables;
}

const ServiceText* ScriptStarts::text_of(const ScriptedService& service, const std::string& path) {
  if (service.text == nullptr || absent_.contains(path)) return nullptr;
  const ServiceText* text = named_text(host_, *service.text, path, starts_);
  if (text == nullptr && absent_.size() < max_service_texts) absent_.insert(path);
  return text;
}

bool ScriptStarts::take_work(const ScriptedService& service, const std::vector<std::string>& argv) {
  if (service.text != busy_with_) {
    busy_with_ = service.text;
    work_left_of_text_ = std::min(work_left_, max_work_of_text);
  }
  std::uint64_t bytes = 64;
  for (const std::string& word : argv) bytes += word.size() + 1;
  for (const EnvironmentVariable& variable : service.environment) {
    bytes += variable.name.size() + variable.value.size() + 1;
  }
  const std::uint64_t work = 16 * bytes;  // As much as command_line_of() may read.
  if (work <= work_left_of_text_) {
    work_left_of_text_ -= work;
    work_left_ -= work;
    return true;
  }
  if (work_left_of_text_ > 0) {
    starts_.gaps.push_back({service.start.file, "runs more commands than are looked at"});
  }
  work_left_of_text_ = 0;
  return false;
}

bool ScriptStarts::take_room(std::size_t bytes) {
  if (bytes > bytes_left_) return false;
  bytes_left_ -= bytes;
  return true;
}

}  // namespace cfwarden
