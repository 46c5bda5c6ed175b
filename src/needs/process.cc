#include "cfwarden/needs/all_sources.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/command_line.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

// "12" of "/proc/12/cmdline"; "" for any other path.
std::string_view pid_of(std::string_view path) {
  constexpr std::string_view before = "/proc/";
  constexpr std::string_view behind = "/cmdline";
  constexpr std::size_t most_digits = 10;
  if (!path.starts_with(before) || !path.ends_with(behind)) return {};
  path.remove_prefix(before.size());
  if (path.size() < behind.size()) return {};
  path.remove_suffix(behind.size());
  const bool is_number = std::ranges::all_of(path, [](char c) { return c >= '0' && c <= '9'; });
  return is_number && path.size() <= most_digits ? path : std::string_view{};
}

// Words with a NUL behind each; the last may lack it.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// Of several of a name the first, as Go takes it, which cloudflared is written in.
std::vector<EnvironmentVariable> variables_of(std::string_view environment) {
  std::vector<EnvironmentVariable> variables;
  std::set<std::string, std::less<>> names;
  for (const std::string& word : words_of(environment)) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || !names.insert(word.substr(0, equals)).second) continue;
    variables.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return variables;
}

std::string home_of(const std::vector<EnvironmentVariable>& environment) {
  const auto home = std::ranges::find(environment, "HOME", &EnvironmentVariable::name);
  return home == environment.end() ? "" : home->value;
}

// Programs that stay while the command that they were given runs as a process of its own.
constexpr std::array<std::string_view, 31> runners{
    "ash",         "bash",    "busybox", "catatonit", "conmon",  "daemon",
    "dash",        "doas",    "docker",  "dumb-init", "fish",    "ksh",
    "mksh",        "nerdctl", "nsenter", "podman",    "runuser", "s6-setsid",
    "screen",      "script",  "sh",      "su",        "sudo",    "supervise-daemon",
    "systemd-run", "timeout", "tini",    "tmux",      "unshare", "watch",
    "zsh"};
static_assert(std::ranges::is_sorted(runners));

// Whether another process does what this command line says. Login shells are called "-bash".
bool is_runner(const std::vector<std::string>& argv) {
  std::string_view name = file_name_of(argv.front());
  if (name.starts_with('-')) name.remove_prefix(1);
  return std::ranges::binary_search(runners, name);
}

const ServiceText* text_at(std::span<const ServiceText> texts, const std::string& path) {
  const auto found = std::ranges::lower_bound(texts, path, {}, &ServiceText::path);
  return found != texts.end() && found->path == path ? &*found : nullptr;
}

std::optional<Start> start_of(const ServiceText& command, const ServiceText* environment) {
  const std::vector<std::string> argv = words_of(command.text);
  if (argv.empty()) return std::nullopt;
  const auto variables =
      environment == nullptr ? std::vector<EnvironmentVariable>{} : variables_of(environment->text);
  std::optional<CommandLine> line = command_line_of(argv, variables);
  if (!line) return std::nullopt;
  // What a runner was told is seen again in the process that it started. Its own arguments show a
  // token nevertheless.
  if (is_runner(argv) && !line->invocation.token_in_arguments) return std::nullopt;

  Start start{.source = StartSource::process,
              .who = "process:" + std::string{pid_of(command.path)},
              .file = command.path,
              .files = {command.path},
              .invocation = std::move(line->invocation),
              .home = home_of(variables)};
  if (environment != nullptr) start.files.push_back(environment->path);
  return start;
}

}  // namespace

// As whom a process runs and where it stands is no text: the kernel says it.
void read_processes(const ServiceHost& host, Starts& starts) {
  for (const ServiceText& text : host.texts) {
    const std::string_view pid = pid_of(text.path);
    if (pid.empty() || !text.link_target.empty()) continue;
    const std::string beside = "/proc/" + std::string{pid} + "/environ";
    if (auto start = start_of(text, text_at(host.texts, beside))) {
      starts.all.push_back(std::move(*start));
    }
  }
}

}  // namespace cfwarden
