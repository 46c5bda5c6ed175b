#include "cfwarden/carriers/all_carriers.h"
#include "cfwarden/carriers/service_excerpts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_continued_lines = 32;

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `found` for each line, blanks around it and comments left out, until it answers true.
template <class Found>
bool any_line(std::string_view text, Found found) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && !line.starts_with('#') && !line.starts_with(';') && found(line)) {
      return true;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

std::string_view first_line(std::string_view text) {
  std::string_view first;
  any_line(text, [&first](std::string_view line) {
    first = line;
    return true;
  });
  return first;
}

template <std::size_t size>
bool starts_with_one_of(std::string_view text, const std::array<std::string_view, size>& starts) {
  return std::ranges::any_of(starts,
                             [text](std::string_view start) { return text.starts_with(start); });
}

Placement other_place(std::string_view, std::size_t) {
  return Placement::other;
}

// The directive that the byte belongs to, over the lines that `\` continues.
std::string_view directive_at(std::string_view text, std::size_t at) {
  std::size_t start = at;
  for (std::size_t i = 0; i < most_continued_lines; ++i) {
    const std::size_t feed = start == 0 ? text.npos : text.rfind('\n', start - 1);
    start = feed == text.npos ? 0 : feed + 1;
    const std::string_view before = trimmed(text.substr(0, start == 0 ? 0 : start - 1));
    if (!before.ends_with('\\')) break;
    start -= 1;
  }
  return trimmed(text.substr(start, at - start));
}

Placement in_unit(std::string_view text, std::size_t at) {
  const std::string_view directive = directive_at(text, at);
  if (directive.starts_with("Exec") || directive.starts_with("PodmanArgs")) {
    return Placement::argument;
  }
  return directive.starts_with("Environment") ? Placement::environment : Placement::other;
}

bool is_yaml_name(std::string_view file_name) {
  return file_name.ends_with(".yml") || file_name.ends_with(".yaml");
}

// Minute, hour, day, month and weekday, or "@reboot".
bool is_schedule(std::string_view line) {
  constexpr std::array<std::string_view, 8> nicknames{"@reboot ",   "@yearly ", "@annually ",
                                                      "@monthly ",  "@weekly ", "@daily ",
                                                      "@midnight ", "@hourly "};
  if (starts_with_one_of(line, nicknames)) return true;
  for (int field = 0; field < 5; ++field) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view text = line.substr(0, end);
    const bool is_named = field >= 3 && text.size() == 3;
    if (text.empty() || end == line.size()) return false;
    if (!is_named && text.find_first_not_of("0123456789*,/-") != text.npos) return false;
    line = trimmed(line.substr(end));
  }
  return true;
}

bool is_assignment(std::string_view line) {
  if (line.starts_with("export ")) line = trimmed(line.substr(7));
  const std::size_t end = line.find('=');
  const std::string_view name = line.substr(0, std::min(end, line.size()));
  return end != line.npos && !name.empty() &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

bool holds_command(std::string_view line) {
  return line.find("--token") != line.npos || line.find("service install ") != line.npos;
}

// What OpenRC's conf.d and sysconfig hold: the command line of a service in variables.
bool assigns_command(std::string_view bytes) {
  return is_assignment(first_line(bytes)) && any_line(bytes, [](std::string_view line) {
           return is_assignment(line) && holds_command(line);
         });
}

bool is_env_name(std::string_view file_name) {
  return file_name.ends_with(".env") || file_name.starts_with(".env.") || file_name == ".env";
}

}  // namespace

bool takes_process(std::string_view file_name, std::string_view bytes) {
  return (file_name == "cmdline" || file_name == "environ") && bytes.find('\0') != bytes.npos;
}

// What the kernel makes up of a process has no lines.
Unwrapped unwrap_process(std::string_view file_name, std::string_view bytes) {
  const Placement placement = file_name == "cmdline" ? Placement::argument : Placement::environment;
  Unwrapped unwrapped = service_excerpts("process", bytes, other_place);
  for (Excerpt& excerpt : unwrapped.excerpts) {
    excerpt.line = std::nullopt;
    excerpt.placement = placement;
  }
  return unwrapped;
}

bool takes_systemd_unit(std::string_view file_name, std::string_view bytes) {
  constexpr std::array<std::string_view, 9> sections{"[Unit]",      "[Service]", "[Install]",
                                                     "[Container]", "[Socket]",  "[Timer]",
                                                     "[Pod]",       "[Kube]",    "[Manager]"};
  if (!starts_with_one_of(first_line(bytes), sections)) return false;
  constexpr std::array<std::string_view, 6> directives{"Exec",       "Environment", "SetCredential",
                                                       "PodmanArgs", "Secret=",     "Description="};
  return file_name.ends_with(".service") || file_name.ends_with(".container") ||
         any_line(bytes, [&directives](std::string_view line) {
           return starts_with_one_of(line, directives);
         });
}

Unwrapped unwrap_systemd_unit(std::string_view, std::string_view bytes) {
  return service_excerpts("systemd-unit", bytes, in_unit);
}

bool takes_supervisor_config(std::string_view, std::string_view bytes) {
  return any_line(bytes, [](std::string_view line) {
    return line.starts_with("[program:") || line.starts_with("[eventlistener:");
  });
}

Unwrapped unwrap_supervisor_config(std::string_view, std::string_view bytes) {
  return service_excerpts("supervisor-config", bytes, other_place);
}

bool takes_compose(std::string_view file_name, std::string_view bytes) {
  return is_yaml_name(file_name) &&
         (file_name.starts_with("compose") || file_name.starts_with("docker-compose") ||
          bytes.starts_with("services:") || bytes.find("\nservices:") != bytes.npos);
}

Unwrapped unwrap_compose(std::string_view, std::string_view bytes) {
  return service_excerpts("compose", bytes, other_place);
}

bool takes_kubernetes_manifest(std::string_view file_name, std::string_view bytes) {
  if (!is_yaml_name(file_name) && !file_name.ends_with(".json")) return false;
  const auto has_key = [bytes](std::string_view key) {
    for (std::size_t at = bytes.find(key); at != bytes.npos; at = bytes.find(key, at + 1)) {
      const char before = at == 0 ? '\n' : bytes[at - 1];
      if (before == '\n' || before == ' ' || before == '"') return true;
    }
    return false;
  };
  return has_key("apiVersion") && has_key("kind");
}

Unwrapped unwrap_kubernetes_manifest(std::string_view, std::string_view bytes) {
  return service_excerpts("kubernetes-manifest", bytes, other_place);
}

bool takes_container_state(std::string_view file_name, std::string_view bytes) {
  if (file_name == "config.v2.json") return true;
  return file_name == "config.json" && bytes.find("\"ociVersion\"") != bytes.npos;
}

Unwrapped unwrap_container_state(std::string_view, std::string_view bytes) {
  return service_excerpts("container-state", bytes, other_place);
}

bool takes_crontab(std::string_view file_name, std::string_view bytes) {
  return !is_yaml_name(file_name) && !file_name.ends_with(".json") && any_line(bytes, is_schedule);
}

Unwrapped unwrap_crontab(std::string_view, std::string_view bytes) {
  return service_excerpts("crontab", bytes, other_place);
}

bool takes_init_script(std::string_view file_name, std::string_view bytes) {
  return bytes.starts_with("#!") || (!is_env_name(file_name) && assigns_command(bytes));
}

// Its variables point at files, and name the halves of service tokens, as those of an environment
// file do.
Unwrapped unwrap_init_script(std::string_view file_name, std::string_view bytes) {
  constexpr std::string_view carrier_name = "init-script";
  Unwrapped unwrapped = service_excerpts(carrier_name, bytes, other_place);
  Unwrapped assigned = unwrap_env_file(file_name, bytes);
  unwrapped.pointers = std::move(assigned.pointers);
  for (Excerpt& excerpt : assigned.excerpts) {
    if (excerpt.form != ExcerptForm::service_token) continue;
    excerpt.carrier = carrier_name;
    unwrapped.excerpts.push_back(std::move(excerpt));
  }
  return unwrapped;
}

}  // namespace cfwarden
