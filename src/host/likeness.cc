#include "cfwarden/host/likeness.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace cfwarden {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Takes the first word off.
std::string_view next_word(std::string_view& command_line) {
  const auto end = std::min(command_line.find('\0'), command_line.size());
  const std::string_view word = command_line.substr(0, end);
  command_line.remove_prefix(std::min(end + 1, command_line.size()));
  return word;
}

// "token-file" of "--token-file=/x" and of "-token-file"; "" of what is no flag.
std::string_view flag_of(std::string_view word) {
  if (!word.starts_with('-')) return {};
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  return word.substr(0, word.find('='));
}

// Flags that no other program is known to have; the first of them name what it runs with.
constexpr std::array<std::string_view, 8> own_flags{
    "token-file", "credentials-file", "cred-file",       "credentials-contents",
    "origincert", "no-autoupdate",    "autoupdate-freq", "edge-ip-version"};
constexpr auto naming_flags = std::span{own_flags}.first<5>();

bool is_one_of(std::string_view flag, std::span<const std::string_view> flags) {
  return std::ranges::find(flags, flag) != flags.end();
}

bool looks_like_token(std::string_view word) {
  constexpr std::size_t shortest = 40;
  return word.starts_with("eyJ") && word.size() >= shortest;
}

// A word that is itself a command, as behind `sh -c`.
bool is_script(std::string_view word) {
  return word.find_first_of(" \t\n") != std::string_view::npos;
}

bool may_run_cloudflared(std::string_view script) {
  if (holds(script, "cloudflared")) return true;
  if (!holds(script, "tunnel") || !holds(script, "run")) return false;
  return holds(script, "eyJ") ||
         std::ranges::any_of(own_flags, [&](std::string_view flag) { return holds(script, flag); });
}

// What there is among the words of one command line.
struct Words {
  bool program = false;  // The first names cloudflared, or the second, behind an interpreter.
  bool mention = false;
  bool tunnel = false;
  bool run = false;
  bool other_task = false;
  bool own_flag = false;
  bool credential = false;
};

void note_name(std::string_view word, bool is_program, Words& words) {
  if (is_script(word)) {
    words.mention = words.mention || may_run_cloudflared(word);
  } else if (holds(file_name_of(word), "cloudflared")) {
    words.mention = true;
    words.program = words.program || is_program;
  }
}

Words words_in(std::string_view command_line) {
  Words words;
  for (std::size_t index = 0; !command_line.empty(); ++index) {
    const std::string_view word = next_word(command_line);
    const std::string_view flag = flag_of(word);
    note_name(word, index < 2, words);
    words.tunnel = words.tunnel || word == "tunnel";
    words.run = words.run || word == "run";
    words.other_task = words.other_task || word == "access";
    words.own_flag = words.own_flag || is_one_of(flag, own_flags);
    words.credential = words.credential || looks_like_token(word) || flag == "token" ||
                       is_one_of(flag, naming_flags);
  }
  return words;
}

}  // namespace

Likeness likeness_of(std::string_view command_line) {
  const Words words = words_in(command_line);
  const bool by_its_words = words.tunnel && words.run && (words.own_flag || words.credential);
  if (words.program || by_its_words) return Likeness::cloudflared;
  if (words.mention) return Likeness::mention;
  return words.tunnel ? Likeness::unnamed : Likeness::none;
}

bool tells_what_it_needs(std::string_view command_line) {
  const Words words = words_in(command_line);
  return words.credential || (words.other_task && !words.tunnel);
}

}  // namespace cfwarden
