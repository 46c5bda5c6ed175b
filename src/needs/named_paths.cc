#include "cfwarden/needs/named_paths.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/path.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_named = 16384;
constexpr std::size_t max_path = 4096;
constexpr std::string_view blanks = " \t\r";

bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}
bool is_word_byte(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) > 0x7f;
}
bool is_path_byte(char c) {
  return is_word_byte(c) || std::string_view{"/.-+@~"}.find(c) != std::string_view::npos;
}

// systemd opens, checks or mounts these itself, whoever the service runs as.
bool is_for_systemd(std::string_view line) {
  constexpr std::array<std::string_view, 25> keys{
      "BindPaths",
      "BindReadOnlyPaths",
      "Description",
      "Documentation",
      "EnvironmentFile",
      "ExecPaths",
      "InaccessibleDirectories",
      "InaccessiblePaths",
      "LoadCredential",
      "LoadCredentialEncrypted",
      "NoExecPaths",
      "PIDFile",
      "ReadOnlyDirectories",
      "ReadOnlyPaths",
      "ReadWriteDirectories",
      "ReadWritePaths",
      "RequiresMountsFor",
      "RootDirectory",
      "RootImage",
      "StandardError",
      "StandardInput",
      "StandardOutput",
      "SourcePath",
      "TemporaryFileSystem",
      "WantsMountsFor",
  };
  std::string_view key = line.substr(0, line.find('='));
  if (key.size() == line.size()) return false;
  key = key.substr(0, key.find_last_not_of(blanks) + 1);
  return std::ranges::find(keys, key) != keys.end() || key.starts_with("ConditionPath") ||
         key.starts_with("ConditionFile") || key.starts_with("ConditionDirectory") ||
         key.starts_with("AssertPath") || key.starts_with("AssertFile") ||
         key.starts_with("AssertDirectory");
}

// Whether it says where names without a directory belong.
bool changes_directory(std::string_view text) {
  constexpr std::array<std::string_view, 6> words{
      "cd", "pushd", "chdir", "WorkingDirectory", "directory", "working_dir"};
  const auto is_name_byte = [](char c) { return is_letter(c) || c == '_'; };
  while (!text.empty()) {
    const auto begin = std::ranges::find_if(text, is_name_byte);
    const auto end = std::find_if_not(begin, text.end(), is_name_byte);
    if (std::ranges::find(words, std::string_view{begin, end}) != words.end()) return true;
    text = std::string_view{end, text.end()};
  }
  return false;
}

class PathReader {
 public:
  std::vector<NamedPath> read(std::string_view text) && {
    const bool has_relative = changes_directory(text);
    bool continues_setting = false;
    for (std::size_t number = 1; !text.empty() && named_.size() < max_named; ++number) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
      line = line.substr(0, line.find_last_not_of(blanks) + 1);
      if (line.empty() || line.front() == '#' || line.front() == ';') continue;
      const bool is_passed_by = continues_setting || is_for_systemd(line);
      continues_setting = is_passed_by && line.ends_with('\\');
      if (is_passed_by) continue;
      read_line(line, number);
      if (has_relative) read_relative(line, number);
    }
    const std::size_t room = max_named - std::min(named_.size(), max_named);
    relative_.resize(std::min(relative_.size(), room));
    std::ranges::move(relative_, std::back_inserter(named_));
    return std::move(named_);
  }

 private:
  void read_line(std::string_view line, std::size_t number) {
    std::size_t at = line.find('/');
    while (at != line.npos && named_.size() < max_named) {
      const std::size_t begin = at;
      while (at < line.size() && is_path_byte(line[at])) ++at;
      const std::string_view path = line.substr(begin, std::min(at - begin, max_path));
      add(path, line.substr(0, begin), at < line.size() ? line[at] : ' ', number);
      at = line.find('/', at);
    }
  }

  // Names that a directory gone to may hold: "cat token", "read X <./token".
  void read_relative(std::string_view line, std::size_t number) {
    for (std::size_t at = 0; at < line.size() && relative_.size() < max_named; ++at) {
      const std::size_t begin = at;
      while (at < line.size() && is_path_byte(line[at])) ++at;
      std::string_view name = line.substr(begin, std::min(at - begin, max_path));
      while (name.starts_with("./")) name.remove_prefix(2);
      const bool leads =
          begin == 0 || std::string_view{" \t\"'`(<"}.find(line[begin - 1]) != line.npos;
      if (!leads || name.empty() || std::string_view{"/-+@~"}.find(name.front()) != line.npos)
        continue;
      relative_.push_back({'/' + std::string{name}, NamedPath::Form::end, number});
    }
  }

  void add(std::string_view path, std::string_view before, char after, std::size_t number) {
    using Form = NamedPath::Form;
    const bool goes_on = std::string_view{"*?[{$"}.find(after) != std::string_view::npos;
    if (is_behind_variable(before)) {
      if (!goes_on) named_.push_back({std::string{path}, Form::end, number});
    } else if (is_absolute_behind(before)) {
      if (goes_on) named_.push_back({std::string{path}, Form::begin, number});
      if (!goes_on) named_.push_back({lexical_path("/", path), Form::whole, number});
    }
  }

  static bool is_behind_variable(std::string_view before) {
    if (before.ends_with('}')) return before.find("${") != before.npos;
    // A quote may stand in between: "$D"/token.
    if (before.ends_with('"')) before.remove_suffix(1);
    if (before.ends_with('}')) return before.find("${") != before.npos;
    while (!before.empty() && is_word_byte(before.back())) before.remove_suffix(1);
    return before.ends_with('$');
  }

  // Behind a blank, a quote, "=", ":" and the like; behind a flag of one letter, too: -f/etc/token.
  static bool is_absolute_behind(std::string_view before) {
    if (before.empty()) return true;
    const char last = before.back();
    if (!is_path_byte(last) && last != '}' && last != ')') return true;
    if (last == '-' || last == '@' || last == '+') return true;
    const std::size_t size = before.size();
    return is_letter(last) && size >= 2 && before[size - 2] == '-' &&
           (size == 2 || !is_path_byte(before[size - 3]));
  }

  std::vector<NamedPath> named_;
  std::vector<NamedPath> relative_;
};

}  // namespace

std::vector<NamedPath> paths_named_in(std::string_view text) {
  return PathReader{}.read(text);
}

bool may_change_user(std::string_view text) {
  constexpr std::array<std::string_view, 17> programs{
      "su",        "sudo",    "runuser",           "setpriv",      "chpst",           "setuidgid",
      "gosu",      "su-exec", "s6-setuidgid",      "doas",         "softlimit",       "daemon",
      "envuidgid", "capsh",   "start-stop-daemon", "s6-envuidgid", "supervise-daemon"};
  while (!text.empty()) {
    const auto is_name_byte = [](char c) { return is_word_byte(c) || c == '-' || c == '.'; };
    const auto begin = std::ranges::find_if(text, is_name_byte);
    const auto end = std::find_if_not(begin, text.end(), is_name_byte);
    const std::string_view word{begin, end};
    if (std::ranges::find(programs, word) != programs.end()) return true;
    text = std::string_view{end, text.end()};
  }
  return false;
}

}  // namespace cfwarden
