#include "cfwarden/base/ascii.h"
#include "cfwarden/carriers/carrier.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace cfwarden {
namespace {

// After '.', '-' or '_', in any case, with or without digits behind it: ".bak", "-old", "_backup2".
// Longer ones first, since some end in others.
constexpr std::array<std::string_view, 20> words{
    "dpkg-old", "dpkg-dist", "dpkg-new", "dpkg-bak", "dpkg-tmp", "ucf-old", "ucf-dist",
    "ucf-new",  "rpmsave",   "rpmnew",   "rpmorig",  "backup",   "saved",   "save",
    "orig",     "copy",      "bak",      "bkp",      "old",      "tmp"};

bool is_separator(char byte) {
  return byte == '.' || byte == '-' || byte == '_';
}

bool ends_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::ranges::equal(text.substr(text.size() - word.size()), word, [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

std::string_view without_digits(std::string_view name) {
  while (!name.empty() && is_digit(name.back())) name.remove_suffix(1);
  return name;
}

using Stripped = std::optional<std::string_view>;  // What is left; nullopt: no such suffix.

// "cert.pem~" and Emacs' "cert.pem.~3~".
Stripped without_tilde(std::string_view name) {
  if (!name.ends_with('~')) return std::nullopt;
  name.remove_suffix(1);
  const std::string_view numbered = without_digits(name);
  return numbered.size() < name.size() && numbered.ends_with(".~")
             ? numbered.substr(0, numbered.size() - 2)
             : name;
}

// Emacs' "#cert.pem#".
Stripped without_hashes(std::string_view name) {
  if (name.size() < 3 || !name.starts_with('#') || !name.ends_with('#')) return std::nullopt;
  return name.substr(1, name.size() - 2);
}

// Vim's ".cert.pem.swp", and .swo, .swn ... when that exists. A name that starts with a dot itself
// gets no other: ".env.swp".
Stripped without_swap(std::string_view name) {
  const bool swap = name.size() > 4 && name.substr(name.size() - 4, 3) == ".sw" &&
                    name.back() >= 'a' && name.back() <= 'p';
  if (!swap) return std::nullopt;
  name.remove_suffix(4);
  const bool own_dot = name == ".env" || name.starts_with(".env.");
  return name.starts_with('.') && !own_dot ? name.substr(1) : name;
}

Stripped without_word(std::string_view name) {
  const std::string_view bare = without_digits(name);
  for (const std::string_view word : words) {
    if (!ends_with_word(bare, word) || bare.size() == word.size()) continue;
    const std::string_view rest = bare.substr(0, bare.size() - word.size());
    if (is_separator(rest.back())) return rest.substr(0, rest.size() - 1);
  }
  return std::nullopt;
}

// cloudflared itself writes cert.pem.org; in other names .org is a domain's.
Stripped without_org(std::string_view name) {
  if (!name.ends_with(".org")) return std::nullopt;
  name.remove_suffix(4);
  constexpr std::array<std::string_view, 4> kinds{".pem", ".json", ".yml", ".yaml"};
  const bool known =
      std::ranges::any_of(kinds, [name](std::string_view kind) { return name.ends_with(kind); });
  return known ? Stripped{name} : std::nullopt;
}

// "20240101", "202401011530", "20240101153000", "2024-01-01", with a time or without:
// a century, and the digits of a date.
bool is_date(std::string_view text) {
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
  const bool ours = std::ranges::all_of(text, [](char byte) {
    return is_digit(byte) || is_separator(byte) || byte == ':' || byte == 'T';
  });
  const bool length = digits == 8 || digits == 12 || digits == 14;
  return ours && length && (text.starts_with("19") || text.starts_with("20"));
}

// The longest such suffix, so that "cert.pem.2024-01-01-1530" is not taken for a number.
Stripped without_date(std::string_view name) {
  constexpr std::size_t longest = 20;
  for (std::size_t at = name.size() - std::min(name.size(), longest); at < name.size(); ++at) {
    if (is_separator(name[at]) && is_date(name.substr(at + 1))) return name.substr(0, at);
  }
  return std::nullopt;
}

// "cert.pem.1", as log rotation and `cp --backup` count.
Stripped without_number(std::string_view name) {
  const std::string_view bare = without_digits(name);
  const std::size_t digits = name.size() - bare.size();
  if (digits == 0 || digits > 3 || !bare.ends_with('.')) return std::nullopt;
  return bare.substr(0, bare.size() - 1);
}

constexpr std::array<Stripped (*)(std::string_view), 7> suffixes{
    without_tilde, without_hashes, without_swap,  without_word,
    without_org,   without_date,   without_number};

}  // namespace

BackupName backup_name(std::string_view file_name) {
  BackupName name{.original = std::string{file_name}};
  for (bool found = true; found;) {
    found = false;
    for (const auto strip : suffixes) {
      const Stripped rest = strip(name.original);
      if (!rest || rest->empty()) continue;
      name = {.original = std::string{*rest}, .is_backup = true};
      found = true;
      break;
    }
  }
  return name;
}

}  // namespace cfwarden
