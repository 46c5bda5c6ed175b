#include "cfwarden/mend/journal_file.h"

#include "cfwarden/base/printable.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/mend/own_object.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr std::string_view suffix = ".jsonl";
constexpr std::string_view utc_shape = "00000000T000000Z";

bool is_utc(std::string_view text) {
  return std::ranges::equal(text, utc_shape, [](char byte, char shape) {
    return shape == '0' ? byte >= '0' && byte <= '9' : byte == shape;
  });
}

// Takes digits, and a hyphen before them.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  if (!text.starts_with('-')) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string utc_text_of(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm utc{};
  std::array<char, 32> text{};
  if (gmtime_r(&time, &utc) == nullptr) return "";
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
  return std::string{text.data(), size};
}

std::string file_name(std::string_view name) {
  return std::string{name} + std::string{suffix};
}

}  // namespace

std::string text_of(const JournalName& name) {
  std::string text = name.utc + "-" + std::to_string(name.pid);
  if (name.ordinal > 1) text += "-" + std::to_string(name.ordinal);
  return text;
}

std::optional<JournalName> journal_name(std::string_view text) {
  if (!is_utc(text.substr(0, utc_shape.size()))) return std::nullopt;
  JournalName name{.utc = std::string{text.substr(0, utc_shape.size())}};
  std::string_view rest = text.substr(utc_shape.size());
  const auto pid = take_number(rest);
  if (!pid) return std::nullopt;
  name.pid = *pid;
  if (!rest.empty()) name.ordinal = take_number(rest).value_or(0);
  return text_of(name) == text ? std::optional{name} : std::nullopt;
}

std::optional<JournalName> next_name(const std::vector<JournalName>& existing, std::int64_t started,
                                     std::uint32_t pid) {
  JournalName name{.utc = utc_text_of(started), .pid = pid};
  if (!is_utc(name.utc)) return std::nullopt;
  if (existing.empty() || existing.back().utc < name.utc) return name;
  name.utc = existing.back().utc;
  name.ordinal = existing.back().ordinal + 1;
  return name;
}

Result<std::vector<JournalName>> journal_names(const StateDirectory& state) {
  const Result<Listed> listed =
      list_wanted(state.journals(), 2 * max_journals, [](const Entry& entry) {
        return !entry.name.starts_with('.') && entry.name.ends_with(suffix);
      });
  const std::string directory = joined(state.path(), "journal");
  if (!listed) return Error{directory + ": " + listed.error().what, listed.error().code};
  if (listed->names.truncated || listed->names.entries.size() > max_journals) {
    return Error{directory + ": holds more than " + std::to_string(max_journals) +
                     " journals; move the oldest ones elsewhere",
                 0};
  }
  std::vector<JournalName> names;
  for (const Entry& entry : listed->names.entries) {
    const std::string_view file = entry.name;
    auto name = journal_name(file.substr(0, file.size() - suffix.size()));
    if (!name) return Error{joined(directory, printable(file)) + ": has no name of a journal", 0};
    names.push_back(std::move(*name));
  }
  std::ranges::sort(names);
  return names;
}

std::string journal_path(const StateDirectory& state, std::string_view name) {
  return joined(joined(state.path(), "journal"), file_name(name));
}

Result<Descriptor> open_journal_file(const StateDirectory& state, std::string_view name,
                                     JournalAccess access) {
  const std::string path = journal_path(state, name);
  constexpr int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int mode = access == JournalAccess::append ? O_RDWR | O_APPEND : O_RDONLY;
  Descriptor file{openat(state.journals().get(), file_name(name).c_str(), flags | mode)};
  if (!file.is_open() && errno == ELOOP) {
    return Error{path + ": is a symbolic link, which is not followed here", ELOOP};
  }
  if (!file.is_open()) return failure_at(path, "open", errno);
  const Result<Done> ours = check_own(file, FileType::regular, path);
  if (!ours) return ours.error();
  return file;
}

Result<std::string> bytes_of(const Descriptor& file, const std::string& path) {
  struct stat found {};
  if (fstat(file.get(), &found) != 0) return failure_at(path, "fstat", errno);
  const auto size = static_cast<std::size_t>(found.st_size);
  if (size > max_journal_bytes) return Error{path + ": is larger than 64 MiB", 0};
  std::string bytes(size, '\0');
  std::size_t length = 0;
  while (length < size) {
    const ssize_t got =
        pread(file.get(), bytes.data() + length, size - length, static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure_at(path, "read", errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

}  // namespace cfwarden
