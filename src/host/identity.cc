#include "cfwarden/host/identity.h"

#include "cfwarden/host/process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace cfwarden {

std::uint32_t caller_uid() {
  return geteuid();
}

std::string home_of_caller(const Accounts& accounts) {
  const std::string home = variable_of_caller("HOME");
  if (home.starts_with('/')) return home;
  const Account* account = accounts.find_uid(caller_uid());
  return account != nullptr && account->home.starts_with('/') ? account->home : "";
}

bool sees_all_homes() {
  return caller_uid() == 0 || has_capability(CAP_DAC_READ_SEARCH);
}

std::string variable_of_caller(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
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
