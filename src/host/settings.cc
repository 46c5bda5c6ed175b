#include "cfwarden/host/settings.h"

#include "cfwarden/base/printable.h"
#include "cfwarden/host/trusted_file.h"

#include <toml++/toml.h>
#include <boost/filesystem/directory.hpp>
#include <boost/filesystem/path.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include <unistd.h>

namespace cfwarden {
namespace {

constexpr const char* system_settings = "/etc/cfwarden/cfwarden.toml";
constexpr const char* system_rules = "/etc/cfwarden/rules.d";
constexpr const char* system_exceptions = "/etc/cfwarden/exceptions.d";
constexpr const char* system_key = "/etc/cfwarden/fingerprint.key";
constexpr std::size_t max_settings_bytes = 256 * 1024;
constexpr std::size_t max_rule_bytes = 256 * 1024;
constexpr std::size_t max_rule_files = 1000;
constexpr std::size_t min_key_bytes = 16;
constexpr std::size_t max_key_bytes = 4096;

// Absent, or root's business alone.
bool may_be_passed_over(const Error& error) {
  const bool closed = error.code == EACCES && geteuid() != 0;
  return error.code == ENOENT || error.code == ENOTDIR || closed;
}

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

class SettingsReader {
 public:
  explicit SettingsReader(const std::string& file) : file_{file} { settings_.file = file; }

  Result<Settings> read(const toml::table& table) {
    for (const auto& [key, value] : table) {
      take(key, value);
      if (error_) return *error_;
    }
    return std::move(settings_);
  }

  Error error_at(toml::source_index line, const std::string& what) const {
    return {file_ + ":" + std::to_string(line) + ": " + what, 0};
  }

 private:
  static constexpr std::array<std::string_view, 5> keys{"places", "excludes", "fail_on", "color",
                                                        "profile"};
  static constexpr std::array<std::string_view, 4> severities{"low", "medium", "high", "critical"};
  static constexpr std::array<std::string_view, 3> colors{"auto", "always", "never"};

  void take(const toml::key& key, const toml::node& value) {
    if (key == "places") {
      take_list(key, value, settings_.places);
    } else if (key == "excludes") {
      take_list(key, value, settings_.excludes);
    } else if (key == "fail_on") {
      take_word(key, value, severities, settings_.fail_on);
    } else if (key == "color") {
      take_word(key, value, colors, settings_.color);
    } else if (key == "profile") {
      take_text(key, value, settings_.profile);
    } else {
      error_ = error_at(key.source().begin.line,
                        "unknown key '" + printable(key.str()) + "'; allowed are " + listed(keys));
    }
  }

  // Places and excludes alike are about whole paths.
  void take_list(const toml::key& key, const toml::node& value, std::vector<std::string>& list) {
    const toml::array* items = value.as_array();
    if (items == nullptr) return refuse(value, key, "must be a list of texts");
    for (const toml::node& item : *items) {
      const auto* text = item.as_string();
      if (text == nullptr) return refuse(item, key, "must be a list of texts");
      if (text->get().find('\0') != std::string::npos)
        return refuse(item, key, "must not hold NUL");
      const bool absolute = text->get().starts_with('/');
      if (key == "places" && !absolute) return refuse(item, key, "must be absolute paths");
      if (text->get().empty()) return refuse(item, key, "must not be empty");
      list.push_back(text->get());
    }
  }

  void take_word(const toml::key& key, const toml::node& value,
                 std::span<const std::string_view> allowed, std::string& word) {
    const auto* text = value.as_string();
    if (text == nullptr || std::ranges::find(allowed, text->get()) == allowed.end()) {
      return refuse(value, key, "must be one of " + listed(allowed));
    }
    word = text->get();
  }

  void take_text(const toml::key& key, const toml::node& value, std::string& text) {
    const auto* found = value.as_string();
    if (found == nullptr || found->get().empty()) return refuse(value, key, "must be a text");
    text = found->get();
  }

  void refuse(const toml::node& value, const toml::key& key, const std::string& why) {
    error_ = error_at(value.source().begin.line, std::string{key.str()} + " " + why);
  }

  const std::string& file_;
  Settings settings_;
  std::optional<Error> error_;
};

Result<Settings> read_settings_file(const std::string& path, PathTrust above) {
  const Result<Secret> bytes =
      read_trusted_file({.path = path, .above = above, .cap = max_settings_bytes});
  if (!bytes) return bytes.error();
  return parse_settings(bytes->reveal(), path);
}

void append(std::vector<std::string>& to, std::vector<std::string>&& more) {
  std::ranges::move(more, std::back_inserter(to));
}

enum class Absent { passed_over, refused };

Settings laid_over(Settings below, Settings above) {
  append(below.places, std::move(above.places));
  append(below.excludes, std::move(above.excludes));
  if (!above.fail_on.empty()) below.fail_on = std::move(above.fail_on);
  if (!above.color.empty()) below.color = std::move(above.color);
  if (!above.profile.empty()) below.profile = std::move(above.profile);
  below.file = std::move(above.file);
  return below;
}

std::string absolute_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? value : "";
}

// "" when there is none: as root, or without a home.
std::string user_settings() {
  if (geteuid() == 0) return "";
  std::string directory = absolute_variable("XDG_CONFIG_HOME");
  if (const std::string home = absolute_variable("HOME"); directory.empty() && !home.empty()) {
    directory = home + "/.config";
  }
  return directory.empty() ? "" : directory + "/cfwarden/cfwarden.toml";
}

Result<std::vector<std::string>> names_of_json_files(const Descriptor& directory,
                                                     const std::string& path) {
  namespace fs = boost::filesystem;
  std::vector<std::string> names;
  boost::system::error_code failed;
  for (fs::directory_iterator at{proc_path(directory), failed};
       !failed && at != fs::directory_iterator{}; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.') || !name.ends_with(".json")) continue;
    if (names.size() == max_rule_files) return Error{path + ": more than 1000 files", 0};
    names.push_back(name);
  }
  if (failed) return Error{path + ": cannot be listed", failed.value()};
  std::ranges::sort(names);
  return names;
}

// Every *.json but hidden ones, sorted; of `of_host`, which may be absent, where none is named.
Result<std::vector<NamedBytes>> read_json_files(const std::string& directory, const char* of_host) {
  const bool named = !directory.empty();
  const std::string path = named ? directory : of_host;

  const Result<Descriptor> opened =
      open_trusted_directory(path, named ? PathTrust::any : PathTrust::trusted);
  if (!opened && !named && may_be_passed_over(opened.error())) return std::vector<NamedBytes>{};
  if (!opened) return opened.error();
  const Result<std::vector<std::string>> names = names_of_json_files(*opened, path);
  if (!names) return names.error();

  std::vector<NamedBytes> files;
  for (const std::string& name : *names) {
    const std::string file = path + "/" + printable(name);
    const Result<Secret> bytes =
        read_trusted_file_in(*opened, name, {.path = file, .cap = max_rule_bytes});
    if (!bytes) return bytes.error();
    files.push_back({.file = file, .bytes = std::string{bytes->reveal()}});
  }
  return files;
}

}  // namespace

Result<Settings> read_settings(const std::string& named, SettingsScope scope) {
  Settings settings;
  const auto lay_over = [&](const std::string& file, PathTrust above,
                            Absent absent) -> Result<Done> {
    Result<Settings> more = read_settings_file(file, above);
    if (more) settings = laid_over(std::move(settings), std::move(*more));
    if (more || (absent == Absent::passed_over && may_be_passed_over(more.error()))) return Done{};
    return more.error();
  };
  const bool of_host = scope == SettingsScope::host;
  const std::string of_user = of_host ? user_settings() : "";
  Result<Done> read = Done{};
  if (of_host) read = lay_over(system_settings, PathTrust::trusted, Absent::passed_over);
  if (read && !of_user.empty()) read = lay_over(of_user, PathTrust::any, Absent::passed_over);
  if (read && !named.empty()) read = lay_over(named, PathTrust::any, Absent::refused);
  if (!read) return read.error();
  return settings;
}

Result<Settings> parse_settings(std::string_view text, const std::string& file) {
  SettingsReader reader{file};
  try {
    return reader.read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    // Its description quotes the text; a key's neighbourhood is enough to find the place.
    return reader.error_at(error.source().begin.line, "not valid TOML");
  }
}

Result<std::vector<NamedBytes>> read_rule_files(const std::string& directory) {
  return read_json_files(directory, system_rules);
}

Result<std::vector<NamedBytes>> read_exception_files(const std::string& directory) {
  return read_json_files(directory, system_exceptions);
}

std::string exceptions_directory(const std::string& directory) {
  return directory.empty() ? system_exceptions : directory;
}

Result<std::optional<NamedBytes>> read_profile_file(const std::string& rules,
                                                    const std::string& name) {
  const bool named = !rules.empty();
  const PathTrust above = named ? PathTrust::any : PathTrust::trusted;
  const std::string directory = (named ? rules : std::string{system_rules}) + "/profiles";
  const Result<Descriptor> opened = open_trusted_directory(directory, above);
  if (!opened && may_be_passed_over(opened.error())) return std::optional<NamedBytes>{};
  if (!opened) return opened.error();
  const std::string file = directory + "/" + name + ".json";
  const Result<Secret> bytes =
      read_trusted_file_in(*opened, name + ".json", {.path = file, .cap = max_rule_bytes});
  if (!bytes && may_be_passed_over(bytes.error())) return std::optional<NamedBytes>{};
  if (!bytes) return bytes.error();
  return std::optional{NamedBytes{.file = file, .bytes = std::string{bytes->reveal()}}};
}

Result<Secret> read_fingerprint_key() {
  Result<Secret> key = read_trusted_file(
      {.path = system_key, .above = PathTrust::trusted, .forbidden = 0177, .cap = max_key_bytes});
  if (!key && may_be_passed_over(key.error())) return Secret{};
  if (key && key->size() < min_key_bytes) {
    return Error{std::string{system_key} + ": holds fewer than 16 bytes", 0};
  }
  return key;
}

}  // namespace cfwarden
