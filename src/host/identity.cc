#include "cfwarden/host/identity.h"

#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_text.h"

#include <linux/capability.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace cfwarden {

namespace {

constexpr std::size_t max_name_bytes = 256;

}  // namespace

bool is_running_host(const std::string& root) {
  return root.empty() || (root.front() == '/' && normal_path(root) == "/");
}

std::uint32_t caller_uid() {
  return geteuid();
}

std::string home_of_caller(const Accounts& accounts) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return normal_path(home);
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
  std::array<char, max_name_bytes> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::string hostname_of_root(const Opener& opener) {
  constexpr std::size_t max_bytes = 4096;
  const Result<std::string> text = system_text(opener, "/etc/hostname", max_bytes);
  return text ? text->substr(0, std::min(text->find('\n'), max_name_bytes)) : "";
}

std::int64_t current_time() {
  return std::time(nullptr);
}

}  // namespace cfwarden
