#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/script_starts.h"
#include "cfwarden/needs/wrapper.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cfwarden {
namespace {

constexpr std::string_view blanks = " \t";

// Whether lines name a user, and whose table it is where they do not.
struct Table {
  bool names_users = false;
  std::string user;
};

std::optional<Table> table_at(std::string_view path) {
  const std::string_view directory = directory_of(path);
  const std::string_view name = file_name_of(path);
  const bool is_left_over = name.ends_with('~') || name.find(".dpkg-") != name.npos ||
                            name.find(".rpm") != name.npos || name.starts_with('.');
  if (is_left_over) return std::nullopt;
  if (path == "/etc/crontab" || directory == "/etc/cron.d") return Table{.names_users = true};
  constexpr std::array<std::string_view, 5> tables{"/var/spool/cron", "/var/spool/cron/crontabs",
                                                   "/var/spool/cron/tabs", "/etc/crontabs",
                                                   "/var/cron/tabs"};
  if (std::ranges::find(tables, directory) == tables.end()) return std::nullopt;
  return Table{.names_users = false, .user = std::string{name}};
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view take_word(std::string_view& text) {
  skip_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                         text.back() == text.front();
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// NAME = "value", with blanks where they are liked. A time never has this form.
std::optional<EnvironmentVariable> variable_in(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return std::nullopt;
  std::string_view name = line.substr(0, equals);
  name = unquoted(name.substr(0, name.find_last_not_of(blanks) + 1));
  std::string_view value = line.substr(equals + 1);
  skip_blanks(value);
  value = unquoted(value.substr(0, value.find_last_not_of(" \t\r") + 1));
  return assignment_of(std::string{name} + "=" + std::string{value});
}

// Up to the first % that is not escaped: what follows is the command's input.
std::string command_in(std::string_view text) {
  std::string command;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') break;
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') ++i;
    command += text[i];
  }
  return command;
}

class Crontabs {
 public:
  Crontabs(const ServiceHost& host, Starts& starts) : host_(host), scripted_(host, starts) {}

  void read_all() {
    for (const ServiceText& text : host_.texts) {
      if (!text.link_target.empty()) continue;
      if (const auto table = table_at(text.path)) read(text, *table);
    }
  }

 private:
  void read(const ServiceText& text, const Table& table) {
    ScriptedService service;
    service.text = &text;
    service.start.source = StartSource::cron;
    service.start.who = "cron:" + text.path;
    service.start.file = text.path;
    service.start.files = {text.path};
    service.start.is_enabled = true;
    std::string_view rest = text.text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      skip_blanks(line);
      if (line.empty() || line.front() == '#') continue;
      if (auto variable = variable_in(line)) {
        if (service.environment.size() < 256) service.environment.push_back(std::move(*variable));
      } else {
        read_line(service, table, line, number);
      }
    }
  }

  void read_line(ScriptedService& service, const Table& table, std::string_view line,
                 std::size_t number) {
    const std::string_view time = take_word(line);
    for (int fields = 1; !time.starts_with('@') && fields < 5; ++fields) take_word(line);
    Start& start = service.start;
    // FreeBSD's user may have a login class: "user/class".
    std::string_view user = table.names_users ? take_word(line) : std::string_view{table.user};
    start.run_as.user = std::string{user.substr(0, user.find('/'))};
    const std::size_t own_variables = service.environment.size();
    set_home(service);
    skip_blanks(line);
    // Cronie's and FreeBSD's marks in front of a command.
    while (line.starts_with("-n ") || line.starts_with("-q ")) line.remove_prefix(3);
    const std::string command = command_in(line);
    if (!command.empty()) scripted_.add_command(service, {"sh", "-c", command}, number);
    service.environment.resize(own_variables);
  }

  // It starts in the home of its user, or in the one that the table names.
  void set_home(ScriptedService& service) const {
    Start& start = service.start;
    start.home.clear();
    for (const EnvironmentVariable& variable : service.environment) {
      if (variable.name == "HOME") start.home = variable.value;
    }
    start.working_directory = start.home;
    if (!start.home.empty() || host_.accounts == nullptr) return;
    const Account* account = host_.accounts->find_name(start.run_as.user);
    if (account == nullptr) return;
    start.working_directory = account->home;
    service.environment.push_back({.name = "HOME", .value = account->home});
  }

  const ServiceHost& host_;
  ScriptStarts scripted_;
};

}  // namespace

void read_crontabs(const ServiceHost& host, Starts& starts) {
  Crontabs{host, starts}.read_all();
}

}  // namespace cfwarden
