#include "cfwarden/base/ascii.h"
#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/script_starts.h"

#include <algorithm>
#include <set>

namespace cfwarden {
namespace {

constexpr std::string_view scripts = "/etc/init.d";
constexpr std::string_view settings = "/etc/conf.d";
constexpr std::string_view runlevels = "/etc/runlevels";

bool is_openrc_script(const ServiceText& text) {
  const std::string_view interpreter = interpreter_of(text.text);
  const std::string_view program = interpreter.substr(0, interpreter.find_first_of(" \t"));
  return file_name_of(program) == "openrc-run" || file_name_of(program) == "runscript";
}

// Names are put into a line of shell.
bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) ||
           std::string_view{"._+-@"}.find(c) != std::string_view::npos;
  });
}

std::string path_in(std::string_view directory, std::string_view name) {
  return std::string{directory} + "/" + std::string{name};
}

std::string value_in(const ShellScript& script, std::string_view name) {
  const auto found = std::ranges::find(script.variables, name, &EnvironmentVariable::name);
  return found != script.variables.end() ? found->value : std::string{};
}

// What openrc-run makes of the variables: start-stop-daemon or supervise-daemon, which are told
// the same. Their line is evaluated, so that quotes inside of the values count.
std::vector<std::string> command_of(const ShellScript& script) {
  const std::string command = value_in(script, "command");
  if (command.empty()) return {};
  const std::string line =
      "start-stop-daemon --start " + value_in(script, "start_stop_daemon_args") + " " +
      value_in(script, "supervise_daemon_args") + " --exec " + command + " -- " +
      value_in(script, "command_args") + " " + value_in(script, "command_args_background") + " " +
      value_in(script, "command_args_foreground");
  return shell_words(line);
}

void set_user(std::string_view user_and_group, RunAs& run_as) {
  const std::size_t colon = user_and_group.find(':');
  run_as.user = std::string{user_and_group.substr(0, colon)};
  if (colon != user_and_group.npos) run_as.group = std::string{user_and_group.substr(colon + 1)};
}

class OpenRc {
 public:
  OpenRc(const ServiceHost& host, Starts& starts)
      : host_(host), starts_(starts), scripted_(host, starts) {
    for (const ServiceText& text : host.texts) {
      const bool is_link = lies_in(text.path, runlevels) && text.path != runlevels;
      if (is_link) enabled_.insert(file_name_of(text.path));
    }
  }

  void read_all() {
    for (const ServiceText& text : host_.texts) {
      const std::string_view name = file_name_of(text.path);
      const std::string_view directory = directory_of(text.path);
      if (!is_plain(name)) continue;
      if (directory == scripts) read_script(text, name);
      // Of a script that is not cloudflared's its settings may still run it.
      if (directory == settings && text.link_target.empty()) read_settings(text, name);
    }
  }

 private:
  void read_script(const ServiceText& text, std::string_view name) {
    if (text.link_target.empty()) {
      if (is_openrc_script(text)) read(text, text, name);
      return;
    }
    // One of several instances: a link with the instance's name.
    const std::string_view target = file_name_of(text.link_target);
    const ServiceText* script = find_text(host_, path_in(scripts, target));
    if (script != nullptr && is_openrc_script(*script)) read(*script, *script, name);
  }

  void read_settings(const ServiceText& text, std::string_view name) {
    const std::string path = path_in(scripts, name);
    const bool has_script = std::ranges::any_of(
        host_.texts, [&](const ServiceText& other) { return other.path == path; });
    if (has_script) return;
    want(path, starts_);
    static const ServiceText nothing;
    read(text, nothing, name);
  }

  // `file` is the definition, `script` what is run: nothing where that is not known.
  void read(const ServiceText& file, const ServiceText& script, std::string_view name) {
    ScriptedService service;
    service.text = &file;
    service.start.source = StartSource::openrc;
    service.start.who = std::string{name};
    service.start.file = file.path;
    service.start.files = {file.path};
    service.start.is_enabled = enabled_.contains(name);
    service.environment = {{"RC_SVCNAME", std::string{name}}, {"SVCNAME", std::string{name}}};

    // Settings are taken in before the script, those of the service before those of its instance.
    std::string before;
    const std::string_view base = name.substr(0, name.find('.'));
    if (base != name && !base.empty()) before += ". " + path_in(settings, base) + "; ";
    before += ". " + path_in(settings, name) + "\n";
    std::vector<EnvironmentVariable> given = service.environment;
    given.push_back({.name = "0", .value = path_in(scripts, name)});
    ShellScript read =
        read_shell_script(before + script.text, given, scripted_.sources_of(service));
    for (ShellCommand& command : read.commands) --command.line;

    set_user(value_in(read, "command_user"), service.start.run_as);
    service.start.working_directory = value_in(read, "directory");
    const auto argv = command_of(read);
    ScriptedService inside = service;
    inside.environment = read.exported;
    if (!argv.empty()) {
      scripted_.add_command(inside, argv, line_of_assignment(file.text, "command"));
    }
    // A script with a start() of its own: what that says of the user counts.
    service.start.run_as = {};
    scripted_.add_script(service, read);
  }

  const ServiceHost& host_;
  Starts& starts_;
  ScriptStarts scripted_;
  std::set<std::string_view> enabled_;
};

}  // namespace

void read_openrc(const ServiceHost& host, Starts& starts) {
  OpenRc{host, starts}.read_all();
}

}  // namespace cfwarden
