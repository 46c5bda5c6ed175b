#include "cfwarden/host/account_sources.h"

#include "cfwarden/host/descriptor.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

// The services of "passwd: files systemd", or nothing where the line asks for more than that.
bool is_simple(std::string_view services) {
  bool has_files = false;
  for (std::string_view word = next_word(services); !word.empty(); word = next_word(services)) {
    if (word != "files" && word != "systemd") return false;
    has_files = has_files || word == "files";
  }
  return has_files;
}

bool lists_its_accounts(std::string_view source) {
  constexpr std::array listing{"files",      "systemd",  "compat",    "altfiles",
                               "extrausers", "usrfiles", "mymachines"};
  return std::ranges::find(listing, source) != listing.end();
}

// "group: files [NOTFOUND=return] sss": what stands in brackets is no source.
void add_sources_that_do_not_list(std::string_view line, std::vector<std::string_view>& sources) {
  constexpr std::array<std::string_view, 5> databases{"passwd", "group", "initgroups",
                                                      "passwd_compat", "group_compat"};
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view name = line.substr(0, colon);
  if (std::ranges::find(databases, next_word(name)) == databases.end()) return;
  line.remove_prefix(colon + 1);
  bool in_brackets = false;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    in_brackets = in_brackets || word.front() == '[';
    const bool is_source = !in_brackets && !lists_its_accounts(word);
    if (is_source && std::ranges::find(sources, word) == sources.end()) sources.push_back(word);
    if (word.back() == ']') in_brackets = false;
  }
}

std::string text_of_nsswitch() {
  const Descriptor file{open("/etc/nsswitch.conf", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  std::array<char, 16384> bytes{};
  const ssize_t count = file.is_open() ? read(file.get(), bytes.data(), bytes.size()) : 0;
  // A longer file is for the C library to read.
  if (count <= 0 || static_cast<std::size_t>(count) == bytes.size()) return "";
  return {bytes.data(), static_cast<std::size_t>(count)};
}

}  // namespace

bool only_files_and_systemd(std::string_view nsswitch) {
  unsigned simple = 0;
  while (!nsswitch.empty()) {
    std::string_view line = nsswitch.substr(0, nsswitch.find('\n'));
    nsswitch.remove_prefix(std::min(line.size() + 1, nsswitch.size()));
    line = line.substr(0, line.find('#'));
    const std::string_view name = next_word(line);
    const bool is_ours = name == "passwd:" || name == "group:";
    const bool is_odd =
        name.starts_with("passwd") || name.starts_with("group") || name.starts_with("initgroups");
    if (!is_ours && is_odd) return false;
    if (!is_ours) continue;
    if (!is_simple(line)) return false;
    ++simple;
  }
  return simple == 2;
}

std::string not_listed_because(std::string_view nsswitch) {
  std::vector<std::string_view> sources;
  while (!nsswitch.empty()) {
    std::string_view line = nsswitch.substr(0, nsswitch.find('\n'));
    nsswitch.remove_prefix(std::min(line.size() + 1, nsswitch.size()));
    line = line.substr(0, line.find('#'));
    add_sources_that_do_not_list(line, sources);
  }
  if (sources.empty()) return {};
  std::string names;
  for (const std::string_view source : sources) {
    names.append(names.empty() ? "" : ", ").append(source);
  }
  return "accounts of " + names + " (nsswitch.conf) are not listed: their homes and their groups " +
         "are not known here";
}

AccountSources account_sources() {
  constexpr std::array more{"/run/systemd/userdb/io.systemd.Home", "/etc/userdb", "/run/userdb",
                            "/usr/lib/userdb"};
  const auto is_there = [](const char* path) { return access(path, F_OK) == 0; };
  const std::string nsswitch = text_of_nsswitch();
  const bool has_records = std::ranges::any_of(more, is_there);
  const bool is_simple_host = only_files_and_systemd(nsswitch) && !has_records;
  return {.files_suffice = is_simple_host,
          .names_others = !is_simple_host && (has_records || is_there("/etc/nsswitch.conf")),
          .incomplete_because = not_listed_because(nsswitch)};
}

}  // namespace cfwarden
