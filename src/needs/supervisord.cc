#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/script_starts.h"

#include <algorithm>
#include <map>

namespace cfwarden {
namespace {

struct Value {
  std::string text;
  std::size_t line = 0;
};

struct Section {
  std::string name;
  std::map<std::string, Value, std::less<>> values;

  std::string text(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() ? found->second.text : std::string{};
  }
  std::size_t line(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() ? found->second.line : 0;
  }
};

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

// As Python's ConfigParser: a line that begins with a blank goes on with the value before; " ;"
// begins a comment inside of a line.
std::vector<Section> sections_of(std::string_view text) {
  std::vector<Section> sections;
  Value* last = nullptr;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == ';' || content.front() == '#') continue;
    const std::string_view kept = trimmed(content.substr(0, content.find(" ;")));
    if (goes_on) {
      if (last != nullptr) last->text += " " + std::string{kept};
    } else if (kept.front() == '[') {
      sections.push_back({.name = std::string{kept.substr(1, kept.find(']') - 1)}});
      last = nullptr;
    } else if (const std::size_t sign = kept.find_first_of("=:");
               sign != kept.npos && !sections.empty()) {
      const std::string_view key = trimmed(kept.substr(0, sign));
      last = &sections.back().values[std::string{key}];
      *last = {.text = std::string{trimmed(kept.substr(sign + 1))}, .line = number};
    }
  }
  return sections;
}

// KEY="value",KEY2='value',KEY3=value
std::vector<EnvironmentVariable> environment_of(std::string_view text) {
  std::vector<EnvironmentVariable> environment;
  while (!text.empty() && environment.size() < 256) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t,"), text.size()));
    const std::size_t equals = text.find('=');
    if (equals == text.npos) break;
    EnvironmentVariable variable{.name = std::string{trimmed(text.substr(0, equals))}};
    text.remove_prefix(equals + 1);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const char first = text.empty() ? '\0' : text.front();
    const bool is_quoted = first == '"' || first == '\'';
    if (is_quoted) text.remove_prefix(1);
    const std::size_t end = std::min(text.find(is_quoted ? first : ','), text.size());
    variable.value = std::string{trimmed(text.substr(0, end))};
    text.remove_prefix(std::min(end + 1, text.size()));
    environment.push_back(std::move(variable));
  }
  return environment;
}

class Supervisord {
 public:
  Supervisord(const ServiceHost& host, Starts& starts)
      : host_(host), starts_(starts), scripted_(host, starts) {}

  void read_all() {
    for (const ServiceText& text : host_.texts) {
      if (text.link_target.empty() && is_its_own(text.path)) read(text);
    }
  }

 private:
  static bool is_its_own(std::string_view path) {
    const bool is_main = file_name_of(path) == "supervisord.conf";
    const bool is_part = path.ends_with(".conf") || path.ends_with(".ini");
    return is_main ||
           (is_part && (lies_in(path, "/etc/supervisor") || lies_in(path, "/etc/supervisord.d") ||
                        lies_in(path, "/etc/supervisor.d")));
  }

  void read(const ServiceText& text) {
    const std::vector<Section> sections = sections_of(text.text);
    // What all programs of the file are given.
    std::vector<EnvironmentVariable> common;
    for (const Section& section : sections) {
      if (section.name == "supervisord") common = environment_of(section.text("environment"));
      if (section.name == "include") want_parts(text, section.text("files"));
    }
    for (const Section& section : sections) {
      const std::size_t colon = section.name.find(':');
      const std::string_view type = std::string_view{section.name}.substr(0, colon);
      if (colon == section.name.npos || (type != "program" && type != "fcgi-program")) continue;
      const std::string name = section.name.substr(colon + 1);
      if (!name.empty()) read_program(text, section, name, common);
    }
  }

  void want_parts(const ServiceText& text, std::string_view files) {
    for (const std::string& file : shell_words(files)) {
      const std::string path = lexical_path(directory_of(text.path), file);
      if (directory_of(path).find_first_of("*?[") == std::string_view::npos &&
          path.find_first_of("?[") == path.npos) {
        (void)named_text(host_, text, path, starts_);
      }
    }
  }

  void read_program(const ServiceText& text, const Section& section, const std::string& name,
                    std::vector<EnvironmentVariable> environment) {
    ScriptedService service;
    service.text = &text;
    Start& start = service.start;
    start.source = StartSource::supervisord;
    start.who = name;
    start.file = text.path;
    start.files = {text.path};
    start.run_as.user = section.text("user");
    start.working_directory = section.text("directory");
    const std::string autostart = section.text("autostart");
    start.is_enabled =
        autostart.empty() || (autostart != "false" && autostart != "False" && autostart != "no" &&
                              autostart != "0" && autostart != "off" && autostart != "FALSE");
    const Names names{.program = name, .here = std::string{directory_of(text.path)}};
    for (EnvironmentVariable& own : environment_of(section.text("environment"))) {
      environment.push_back(std::move(own));
    }
    for (EnvironmentVariable& variable : environment) {
      const Expanded value = expanded(variable.value, names, {});
      variable.value = value.text;
      variable.is_unknown = value.has_unknown && value.text.empty();
      if (variable.name == "HOME") start.home = variable.value;
    }
    service.environment = environment;
    start.working_directory = expanded(start.working_directory, names, environment).text;
    // Not given to a shell: its words are split, and nothing more.
    const std::string command = expanded(section.text("command"), names, environment).text;
    scripted_.add_command(service, plain_words(command), section.line("command"));
  }

  struct Names {
    std::string program;
    std::string here;
  };
  struct Expanded {
    std::string text;
    bool has_unknown = false;
  };

  // %(ENV_NAME)s, %(program_name)s, %(here)s; %% is %.
  static Expanded expanded(std::string_view text, const Names& names,
                           const std::vector<EnvironmentVariable>& environment) {
    Expanded result;
    while (!text.empty() && result.text.size() < max_expanded_bytes) {
      const std::size_t percent = std::min(text.find('%'), text.size());
      result.text += text.substr(0, percent);
      text.remove_prefix(percent);
      if (text.starts_with("%%")) {
        result.text += '%';
        text.remove_prefix(2);
        continue;
      }
      const std::size_t end = text.starts_with("%(") ? text.find(')') : text.npos;
      if (end == text.npos) {
        result.text += text.substr(0, 1);
        text.remove_prefix(std::min<std::size_t>(1, text.size()));
        continue;
      }
      const std::string_view name = text.substr(2, end - 2);
      if (name == "program_name" || name == "group_name") {
        result.text += names.program;
      } else if (name == "here") {
        result.text += names.here;
      } else if (name == "process_num") {
        result.text += '0';
      } else {
        const auto known = std::ranges::find_if(environment, [&](const auto& variable) {
          return name.starts_with("ENV_") && variable.name == name.substr(4);
        });
        if (known != environment.end())
          result.text += known->value;
        else
          result.has_unknown = true;
      }
      text.remove_prefix(end + 1);
      // The conversion, s or 02d, is not followed.
      text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
      if (!text.empty()) text.remove_prefix(1);
    }
    return result;
  }

  // A dollar is no variable here.
  static std::vector<std::string> plain_words(std::string_view command) {
    std::string quoted;
    char quote = '\0';
    for (const char c : command) {
      if (c == '$' || (c == '`' && quote != '\'')) {
        quoted += quote == '\'' ? "" : "\\";
      } else if (quote == '\0' ? (c == '\'' || c == '"') : c == quote) {
        quote = quote == '\0' ? c : '\0';
      }
      quoted += c;
    }
    return shell_words(quoted);
  }

  static constexpr std::size_t max_expanded_bytes = 65536;

  const ServiceHost& host_;
  Starts& starts_;
  ScriptStarts scripted_;
};

}  // namespace

void read_supervisord(const ServiceHost& host, Starts& starts) {
  Supervisord{host, starts}.read_all();
}

}  // namespace cfwarden
