#include "cfwarden/cli/arguments.h"

#include "cfwarden/cli/command.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <cctype>

namespace cfwarden {
namespace {

bool is_token_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '-' ||
         c == '_' || c == '=';
}

// The longest run of base64 characters from `start`.
std::size_t run_length(std::string_view text, std::size_t start) {
  std::size_t end = start;
  while (end < text.size() && is_token_character(text[end])) ++end;
  return end - start;
}

}  // namespace

bool looks_like_credential(std::string_view argument) {
  constexpr std::array<std::string_view, 7> words{
      "TunnelSecret", "TUNNEL TOKEN-----", "apiToken", "serviceKey", "cfut_", "cfat_", "cfk_"};
  const auto holds = [&](std::string_view word) {
    return argument.find(word) != std::string_view::npos;
  };
  if (std::ranges::any_of(words, holds)) return true;
  constexpr std::size_t shortest_secret = 40;
  for (const std::string_view start : {"eyJ", "eyA", "ewo", "ew0", "ZXlK"}) {
    for (std::size_t at = argument.find(start); at != std::string_view::npos;
         at = argument.find(start, at + 1)) {
      if (run_length(argument, at) >= shortest_secret) return true;
    }
  }
  return false;
}

std::string echo_of(std::string_view word) {
  constexpr std::size_t longest_name = 48;
  const bool is_name = word.size() <= longest_name && std::ranges::all_of(word, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  return is_name ? "'" + std::string{word} + "'" : "of that name";
}

std::string without_long_words(std::string text, std::span<const std::string> arguments) {
  constexpr std::size_t shortest = 24;
  for (const std::string& argument : arguments) {
    if (argument.size() < shortest) continue;
    for (std::size_t at = text.find(argument); at != std::string::npos; at = text.find(argument)) {
      text.replace(at, argument.size(), "...");
    }
  }
  return text;
}

std::vector<std::string> with_default_command(std::span<const std::string> arguments) {
  std::vector<std::string> completed{arguments.begin(), arguments.end()};
  constexpr std::array<std::string_view, 3> of_the_program{"-h", "--help", "--version"};
  const bool names_none =
      completed.empty() ||
      (completed.front().starts_with('-') &&
       std::ranges::find(of_the_program, completed.front()) == of_the_program.end());
  if (names_none) completed.insert(completed.begin(), "audit");
  return completed;
}

std::string closest_command(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : all_commands()) names.push_back(command.name);
  return did_you_mean(word, names);
}

std::string absolute_path(const std::string& path, PathBase base) {
  namespace fs = boost::filesystem;
  const bool stands_alone = base == PathBase::root || path.starts_with('/');
  const fs::path start = stands_alone ? fs::path{"/"} : fs::current_path();
  std::string normal = fs::absolute(path, start).lexically_normal().string();
  while (normal.size() > 1 && (normal.ends_with('/') || normal.ends_with("/."))) {
    normal.resize(std::max<std::size_t>(normal.rfind('/'), 1));
  }
  while (normal.starts_with("//")) normal.erase(0, 1);
  return normal;
}

}  // namespace cfwarden
