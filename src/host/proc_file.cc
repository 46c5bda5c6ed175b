#include "cfwarden/host/proc_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace cfwarden {
namespace {

// A short read is not the end of a file of /proc.
long read_into(int fd, std::span<char> bytes) {
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(fd, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -errno;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return static_cast<long>(size);
}

int open_proc_file(int directory, const char* name) {
  return openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

// Takes the first number off; false when there is none.
template <class Number>
bool take_number(std::string_view& text, Number& number, int base = 10) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number, base);
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  return end.ec == std::errc{};
}

std::vector<std::uint32_t> numbers_of(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t number = 0; take_number(text, number);) numbers.push_back(number);
  return numbers;
}

// Of the real, effective, saved and file system id, the last.
std::uint32_t last_id(std::string_view text) {
  const std::vector<std::uint32_t> ids = numbers_of(text);
  return ids.empty() ? 0 : ids.back();
}

std::uint32_t real_id(std::string_view text) {
  const std::vector<std::uint32_t> ids = numbers_of(text);
  return ids.empty() ? 0 : ids.front();
}

}  // namespace

long read_proc_file(int directory, const char* name, std::span<char> bytes) {
  const int fd = open_proc_file(directory, name);
  if (fd < 0) return -errno;
  const long count = read_into(fd, bytes);
  (void)close(fd);  // Nothing was written through it.
  return count;
}

std::string proc_text(int directory, const char* name) {
  constexpr std::size_t most = std::size_t{1024} * 1024;
  constexpr std::size_t step = 4096;
  std::string text;
  const int fd = open_proc_file(directory, name);
  for (long count = step; fd >= 0 && count == step && text.size() < most;) {
    const std::size_t before = text.size();
    text.resize(before + step);
    count = read_into(fd, {text.data() + before, step});
    text.resize(before + static_cast<std::size_t>(std::max(count, 0L)));
  }
  if (fd >= 0) (void)close(fd);
  return text;
}

std::string proc_link(int directory, const char* name) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlinkat(directory, name, target.data(), target.size());
  return size > 0 ? std::string{target.data(), static_cast<std::size_t>(size)} : std::string{};
}

Rights rights_of(std::string_view status) {
  Rights rights;
  while (!status.empty()) {
    std::string_view line = status.substr(0, status.find('\n'));
    status.remove_prefix(std::min(line.size() + 1, status.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    line.remove_prefix(colon + 1);
    if (key == "Name") rights.name = line;
    if (key == "Uid") {
      rights.uid = last_id(line);
      rights.real_uid = real_id(line);
    }
    if (key == "Gid") rights.gid = last_id(line);
    if (key == "Groups") rights.groups = numbers_of(line);
    if (key == "CapEff") (void)take_number(line, rights.capabilities, 16);  // None: no power.
    if (key == "VmSize") rights.is_ending = false;
    if (key == "NSpid") rights.numbers = numbers_of(line).size();
  }
  return rights;
}

std::string program_of(const Rights& rights) {
  constexpr std::size_t octal_digits = 3;
  std::string_view escaped = rights.name;
  escaped.remove_prefix(std::min(escaped.find('\t') + 1, escaped.size()));
  std::string name;
  while (!escaped.empty()) {
    const char first = escaped.front();
    escaped.remove_prefix(1);
    if (first != '\\' || escaped.empty()) {
      name += first;
      continue;
    }
    const std::string_view digits = escaped.substr(0, octal_digits);
    const bool is_octal =
        digits.size() == octal_digits && digits.find_first_not_of("01234567") == digits.npos;
    if (is_octal) {
      unsigned byte = 0;
      for (const char digit : digits) byte = byte * 8 + static_cast<unsigned>(digit - '0');
      name += static_cast<char>(byte & 0xffU);
    } else {
      name += escaped.front() == 'n' ? '\n' : escaped.front();
    }
    escaped.remove_prefix(is_octal ? octal_digits : 1);
  }
  return name;
}

std::uint32_t parent_of(std::string_view status) {
  constexpr std::string_view key = "\nPPid:";
  const std::size_t at = status.find(key);
  if (at == status.npos) return 0;
  status.remove_prefix(at + key.size());
  return real_id(status.substr(0, status.find('\n')));
}

}  // namespace cfwarden
