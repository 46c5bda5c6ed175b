#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/script_starts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace cfwarden {
namespace {

// OpenWrt's procd is told what to run word by word.
class ProcdInstances {
 public:
  struct Instance {
    std::vector<std::string> argv;
    std::vector<EnvironmentVariable> environment;
    std::string user;
    std::string group;
    std::size_t line = 0;
  };

  explicit ProcdInstances(const ShellScript& script) {
    for (const ShellCommand& command : script.commands) take(command);
    close();
  }
  const std::vector<Instance>& all() const { return all_; }

 private:
  void take(const ShellCommand& command) {
    const std::vector<std::string>& words = command.argv;
    if (words[0] == "procd_open_instance" || words[0] == "procd_close_instance") return close();
    const bool sets = words[0] == "procd_set_param";
    if ((!sets && words[0] != "procd_append_param") || words.size() < 3) return;
    const auto values = words.begin() + 2;
    if (words[1] == "command") {
      if (sets) current_.argv.clear();
      if (current_.argv.empty()) current_.line = command.line;
      current_.argv.insert(current_.argv.end(), values, words.end());
    } else if (words[1] == "env") {
      for (auto value = values; value != words.end(); ++value) take_variable(*value);
    } else if (words[1] == "user") {
      current_.user = *values;
    } else if (words[1] == "group") {
      current_.group = *values;
    }
  }

  void take_variable(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos) return;
    const bool is_unknown = equals + 1 == word.size();
    current_.environment.push_back({.name = word.substr(0, equals),
                                    .value = word.substr(equals + 1),
                                    .is_unknown = is_unknown});
  }

  void close() {
    if (!current_.argv.empty()) all_.push_back(std::move(current_));
    current_ = {};
  }

  Instance current_;
  std::vector<Instance> all_;
};

// `option NAME VALUE` of a UCI file, of all its sections together.
std::vector<EnvironmentVariable> uci_options(std::string_view text) {
  std::vector<EnvironmentVariable> options;
  while (!text.empty() && options.size() < 64) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto words = shell_words(line.substr(0, 4096));
    if (words.size() == 3 && words[0] == "option") {
      options.push_back({.name = words[1], .value = words[2]});
    }
  }
  return options;
}

std::string value_of(const std::vector<EnvironmentVariable>& options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &EnvironmentVariable::name);
  return found != options.end() ? found->value : std::string{};
}

class SysV {
 public:
  SysV(const ServiceHost& host, Starts& starts)
      : host_(host), scripted_(host, starts), starts_(starts) {
    for (const ServiceText& text : host.texts) {
      if (text.link_target.empty() || !is_start_link(text.path)) continue;
      enabled_.insert(file_name_of(text.link_target));
    }
  }

  void read_all() {
    for (const ServiceText& text : host_.texts) {
      if (!text.link_target.empty() || !is_shell_script(text.text)) continue;
      const std::string_view directory = directory_of(text.path);
      if (directory == "/etc/init.d" || directory == "/etc/rc.d/init.d") {
        read_script(text);
      } else if (text.path == "/etc/rc.local" || text.path == "/etc/rc.d/rc.local" ||
                 (directory == "/etc/local.d" && text.path.ends_with(".start"))) {
        read_local(text);
      }
    }
  }

 private:
  // /etc/rc3.d/S50x, /etc/rc.d/rc3.d/S50x, OpenWrt's /etc/rc.d/S50x.
  static bool is_start_link(std::string_view path) {
    const std::string_view name = file_name_of(path);
    if (name.size() < 4 || name[0] != 'S') return false;
    const std::string_view directory = directory_of(path);
    if (directory == "/etc/rc.d") return true;
    const std::string_view above = directory_of(directory);
    const std::string_view level = file_name_of(directory);
    return (above == "/etc" || above == "/etc/rc.d") && level.size() == 5 &&
           level.starts_with("rc") && level.ends_with(".d");
  }

  ScriptedService service_of(const ServiceText& text) const {
    ScriptedService service;
    service.text = &text;
    service.start.source = StartSource::sysv;
    service.start.who = std::string{file_name_of(text.path)};
    service.start.file = text.path;
    service.start.files = {text.path};
    service.start.is_enabled = enabled_.contains(file_name_of(text.path));
    return service;
  }

  void read_script(const ServiceText& text) {
    const std::string_view interpreter = interpreter_of(text.text);
    if (interpreter.find("openrc-run") != interpreter.npos ||
        interpreter.find("runscript") != interpreter.npos) {
      return;
    }
    ScriptedService service = service_of(text);
    if (interpreter.find("rc.common") != interpreter.npos) return read_procd(service);
    // The environment is init's: nothing of it is known to matter.
    const ShellScript script =
        read_shell_script(text.text, {{"0", text.path}}, scripted_.sources_of(service));
    scripted_.add_script(service, script);
  }

  void read_local(const ServiceText& text) {
    ScriptedService service = service_of(text);
    service.start.is_enabled = true;
    scripted_.add_script(
        service, read_shell_script(text.text, {{"0", text.path}}, scripted_.sources_of(service)));
  }

  // Where its functions get the options from is not followed: what UCI has under the names that
  // the package gives them is taken as if it were assigned.
  void read_procd(ScriptedService& service) {
    const std::string settings = "/etc/config/" + service.start.who;
    std::vector<EnvironmentVariable> options;
    if (const ServiceText* text = named_text(host_, *service.text, settings, starts_)) {
      options = uci_options(text->text);
      service.start.files.push_back(settings);
    }
    std::vector<EnvironmentVariable> given = options;
    given.push_back({.name = "0", .value = service.text->path});
    const ShellScript script =
        read_shell_script(service.text->text, given, scripted_.sources_of(service));
    if (value_of(options, "enabled") == "0") service.start.is_enabled = false;
    const ProcdInstances instances{script};
    for (const ProcdInstances::Instance& instance : instances.all()) {
      ScriptedService inside = service;
      inside.start.run_as.user = instance.user;
      inside.start.run_as.group = instance.group;
      inside.environment = instance.environment;
      scripted_.add_command(inside, with_options(instance.argv, options), instance.line);
    }
    if (instances.all().empty()) scripted_.add_script(service, script);
  }

  static std::vector<std::string> with_options(std::vector<std::string> argv,
                                               const std::vector<EnvironmentVariable>& options) {
    for (const char* name : {"config", "origincert", "token", "token_file", "credentials_file"}) {
      const std::string value = value_of(options, name);
      std::string flag = std::string{"--"} + name;
      std::ranges::replace(flag, '_', '-');
      const bool is_given = std::ranges::find(argv, flag) != argv.end();
      if (value.empty() || is_given || argv.empty()) continue;
      argv.insert(argv.begin() + 1, {flag, value});
    }
    return argv;
  }

  const ServiceHost& host_;
  ScriptStarts scripted_;
  Starts& starts_;
  std::set<std::string_view> enabled_;
};

}  // namespace

void read_sysv(const ServiceHost& host, Starts& starts) {
  SysV{host, starts}.read_all();
}

}  // namespace cfwarden
