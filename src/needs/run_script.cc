#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/execline.h"
#include "cfwarden/needs/script_starts.h"

#include <algorithm>
#include <array>
#include <set>

namespace cfwarden {
namespace {

// Where services are kept. Those of a directory that is scanned run without a further step.
struct ServiceDirectory {
  std::string_view path;
  StartSource source;
  bool is_scanned;
};

constexpr std::array directories{
    ServiceDirectory{"/etc/s6-overlay/s6-rc.d", StartSource::s6, true},
    ServiceDirectory{"/etc/services.d", StartSource::s6, true},
    ServiceDirectory{"/run/service", StartSource::s6, true},
    ServiceDirectory{"/etc/s6", StartSource::s6, true},
    ServiceDirectory{"/etc/service", StartSource::runit, true},
    ServiceDirectory{"/var/service", StartSource::runit, true},
    ServiceDirectory{"/service", StartSource::runit, true},
    ServiceDirectory{"/etc/sv", StartSource::runit, false},
    ServiceDirectory{"/etc/runit/sv", StartSource::runit, false},
};

const ServiceDirectory* directory_above(std::string_view path) {
  const auto found = std::ranges::find_if(
      directories, [&](const ServiceDirectory& one) { return lies_in(path, one.path); });
  return found != directories.end() ? &*found : nullptr;
}

class RunScripts {
 public:
  RunScripts(const ServiceHost& host, Starts& starts)
      : host_(host), starts_(starts), scripted_(host, starts) {
    // A link in a directory that is scanned: /etc/service/x -> /etc/sv/x.
    for (const ServiceText& text : host.texts) {
      const ServiceDirectory* directory = directory_above(text.path);
      if (text.link_target.empty() || directory == nullptr || !directory->is_scanned) continue;
      if (directory_of(text.path) == directory->path)
        linked_.insert(file_name_of(text.link_target));
    }
  }

  void read_all() {
    for (const ServiceText& text : host_.texts) {
      const bool is_run = file_name_of(text.path) == "run" && text.link_target.empty();
      const ServiceDirectory* directory = is_run ? directory_above(text.path) : nullptr;
      if (directory != nullptr && directory_of(text.path) != directory->path) {
        read(text, *directory);
      }
    }
  }

 private:
  void read(const ServiceText& text, const ServiceDirectory& directory) {
    const std::string home{directory_of(text.path)};
    ScriptedService service;
    service.text = &text;
    Start& start = service.start;
    start.source = directory.source;
    start.who = std::string{file_name_of(home)};
    start.file = text.path;
    start.files = {text.path};
    start.working_directory = home;  // Where a supervisor runs it.
    start.is_enabled = (directory.is_scanned || linked_.contains(start.who)) && !is_down(home);

    const std::string_view interpreter = interpreter_of(text.text);
    if (interpreter.find("execlineb") != interpreter.npos) {
      read_as_execline(service);
    } else if (is_shell_script(text.text)) {
      const ShellScript script =
          read_shell_script(text.text, {{"0", text.path}}, scripted_.sources_of(service));
      scripted_.add_script(service, script);
    } else if (text.text.find("cloudflared") != text.text.npos) {
      starts_.gaps.push_back({text.path, "runs cloudflared by other means than a shell"});
    }
  }

  bool is_down(const std::string& directory) const {
    const std::string path = directory + "/down";
    return std::ranges::binary_search(host_.texts, path, {}, &ServiceText::path);
  }

  void read_as_execline(ScriptedService& service) {
    const ExeclineScript script = read_execline(service.text->text);
    service.environment = script.environment;
    if (!script.working_directory.empty()) {
      service.start.working_directory = script.working_directory;
    }
    scripted_.add_command(service, script.argv, script.line);
  }

  const ServiceHost& host_;
  Starts& starts_;
  ScriptStarts scripted_;
  std::set<std::string_view> linked_;
};

}  // namespace

void read_run_scripts(const ServiceHost& host, Starts& starts) {
  RunScripts{host, starts}.read_all();
}

}  // namespace cfwarden
