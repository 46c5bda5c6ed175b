#include "cfwarden/host/identity.h"

#include "cfwarden/host/process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace cfwarden {

std::uint32_t caller_uid() {
  return geteuid();
}

std::string home_of_caller(const Accounts& accounts) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return home;
  const Account* account = accounts.find_uid(caller_uid());
  return account != nullptr && account->home.starts_with('/') ? account->home : "";
}

bool sees_all_homes() {
  return caller_uid() == 0 || has_capability(CAP_DAC_READ_SEARCH);
}

std::vector<Variable> tunnel_variables() {
  std::vector<Variable> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (!text.starts_with("TUNNEL_") || equals == std::string_view::npos) continue;
    variables.push_back(
        {std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}});
  }
  std::ranges::sort(variables, {}, &Variable::name);
  return variables;
}

std::string working_directory() {
  std::array<char, PATH_MAX> path{};
  return getcwd(path.data(), path.size()) != nullptr ? path.data() : "/";
}

std::string running_hostname() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::string hostname_of_root(const Opener& opener) {
  const Result<Opened> file = opener.open("/etc/hostname");
  if (!file || file->facts.type != FileType::regular) return "";
  const Descriptor open_file{
      open(proc_path(file->descriptor).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!open_file.is_open()) return "";
  std::array<char, 256> bytes{};
  const ssize_t size = read(open_file.get(), bytes.data(), bytes.size());
  if (size <= 0) return "";
  const std::string text{bytes.data(), static_cast<std::size_t>(size)};
  return text.substr(0, text.find('\n'));
}

std::int64_t current_time() {
  return std::time(nullptr);
}

}  // namespace cfwarden
