// Files of a host, each behind a line "=== PATH" or "=== PATH -> TARGET" (a link); what stands
// before the first such line is read as the text of a unit. Every reader of units ends, and what it
// finds is bounded by what it was given.
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/unit_commands.h"
#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_specifiers.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

constexpr std::string_view mark = "=== /";

std::vector<cfwarden::ServiceText> files_in(std::string_view input) {
  std::vector<cfwarden::ServiceText> files;
  while (!input.empty() && files.size() < 64) {
    const std::string_view line = take_line(input);
    if (line.starts_with(mark)) {
      constexpr std::string_view arrow = " -> ";
      const std::string_view name = line.substr(mark.size() - 1);
      const std::size_t end = std::min(name.find(arrow), name.size());
      cfwarden::ServiceText file{.path = std::string{name.substr(0, end)}};
      if (end < name.size()) file.link_target = name.substr(end + arrow.size());
      file.owner = file.path.starts_with("/home/") ? 1000 : 0;
      files.push_back(std::move(file));
    } else if (!files.empty() && files.back().link_target.empty()) {
      files.back().text.append(line).append("\n");
    }
  }
  std::ranges::sort(files, std::less{}, &cfwarden::ServiceText::path);
  const auto again = std::unique(files.begin(), files.end(), [](const auto& one, const auto& two) {
    return one.path == two.path;
  });
  files.erase(again, files.end());
  return files;
}

void check_text(std::string_view text) {
  const cfwarden::UnitFile file = cfwarden::read_unit_file(text);
  const cfwarden::UnitSpecifiers known{.manager = {},
                                       .name = cfwarden::service_name_of("a-b@c.service"),
                                       .fragment = "/etc/systemd/system/a-b@.service"};
  std::size_t total = 0;
  for (const cfwarden::UnitAssignment& one : file.assignments) {
    demand(!one.section.empty() && one.line >= 1 && one.line <= text.size() + 1);
    total += one.key.size() + one.value.size();
    const cfwarden::UnitCommands commands = cfwarden::commands_of(
        one.value, [&](std::string_view word) { return cfwarden::expand_specifiers(word, known); });
    for (const cfwarden::UnitCommand& command : commands.all) {
      demand(!command.argv.empty() && !command.argv.front().empty());
      const cfwarden::UnitEnvironment environment{{"A", "1 '2 3' 4"}, {"B", one.value}};
      std::size_t bytes = 0;
      for (const std::string& word : cfwarden::with_variables(command.argv, environment)) {
        bytes += word.size() + 1;
      }
      demand(bytes <= cfwarden::max_unit_command);
    }
  }
  demand(total <= text.size());
  for (const cfwarden::EnvironmentVariable& one : cfwarden::read_environment_file(text)) {
    demand(cfwarden::is_variable_name(one.name) && one.value.size() <= text.size());
  }
}

cfwarden::Accounts accounts() {
  cfwarden::Accounts known;
  known.users = {{.name = "root", .home = "/root", .groups = {}},
                 {.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice", .groups = {}}};
  return known;
}

bool is_known(const std::vector<cfwarden::ServiceText>& files, const std::string& path) {
  return std::ranges::find(files, path, &cfwarden::ServiceText::path) != files.end();
}

void check_host(const std::vector<cfwarden::ServiceText>& files) {
  const cfwarden::Accounts known = accounts();
  const cfwarden::ServiceHost host{.texts = files, .accounts = &known};
  cfwarden::Starts starts;
  cfwarden::read_systemd(host, starts);
  cfwarden::read_quadlets(host, starts);
  demand(starts.all.size() <= cfwarden::max_starts + 1);
  demand(starts.wanted.size() <= cfwarden::max_service_texts);
  for (const std::string& path : starts.wanted) demand(path.starts_with('/'));
  for (const cfwarden::Start& start : starts.all) {
    demand(!start.who.empty() && is_known(files, start.file) && start.line >= 1);
    for (const std::string& path : start.files) demand(is_known(files, path));
    for (const cfwarden::Mount& mount : start.mounts) {
      demand(mount.inside.starts_with('/') && mount.outside.starts_with('/'));
    }
    for (const cfwarden::HiddenPath& hidden : start.hidden) demand(hidden.path.starts_with('/'));
    // A user's unit never runs as root, and never shows what is in files of root.
    if (!start.file.starts_with("/home/alice/") || start.is_container) continue;
    for (const std::string& path : start.files) {
      const bool is_shared = path.starts_with("/etc/systemd/user/") || path.starts_with("/usr/") ||
                             path.starts_with("/lib/") || path.starts_with("/run/systemd/user/") ||
                             path.starts_with("/etc/xdg/");
      demand(is_shared || path.starts_with("/home/"));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  check_text(input.substr(0, input.find(mark)));
  check_host(files_in(input));
  return 0;
}
