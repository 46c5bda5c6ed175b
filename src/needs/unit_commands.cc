#include "cfwarden/needs/unit_commands.h"

#include "cfwarden/needs/unit_file.h"
#include "cfwarden/needs/unit_words.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

// An unknown escape is forgiven where that makes the word a valid one.
TakenWord take_word_of_command(std::string_view& rest) {
  const std::string_view start = rest;
  TakenWord word = take_word(rest, {.escapes = Escapes::c});
  if (word.state != TakenWord::State::invalid) return word;
  rest = start;
  return take_word(rest, {.escapes = Escapes::c_relaxed});
}

// A ";" or "\;" that is a word of its own.
bool takes_lone(std::string_view mark, std::string_view& rest) {
  if (!rest.starts_with(mark)) return false;
  if (rest.size() > mark.size() && unit_space.find(rest[mark.size()]) == unit_space.npos) {
    return false;
  }
  rest.remove_prefix(mark.size());
  rest = rest.substr(std::min(rest.find_first_not_of(unit_space), rest.size()));
  return true;
}

struct Prefixes {
  UnitCommand command;
  bool is_ignored = false;      // "-"
  bool has_other_name = false;  // "@"
  std::string_view program;
};

Prefixes prefixes_of(std::string_view word) {
  Prefixes found;
  bool chose_privilege = false;
  for (; !word.empty(); word.remove_prefix(1)) {
    const char byte = word.front();
    if (byte == '-' && !found.is_ignored) {
      found.is_ignored = true;
    } else if (byte == '@' && !found.has_other_name) {
      found.has_other_name = true;
    } else if (byte == ':' && found.command.has_variables) {
      found.command.has_variables = false;
    } else if ((byte == '+' || byte == '!') && !chose_privilege) {
      chose_privilege = true;
      found.command.is_privileged = byte == '+';
      found.command.keeps_identity = byte == '!';
    } else if (byte == '!' && found.command.keeps_identity) {
      // "!!" means something only to kernels without ambient capabilities.
      found.command.keeps_identity = false;
    } else {
      break;
    }
  }
  found.program = word;
  return found;
}

// A path, or a name to look for, without quotes and control characters.
bool can_be_program(std::string_view path) {
  const bool is_safe = std::ranges::none_of(path, [](char byte) {
    constexpr std::string_view refused = "\"'\\\x7f";
    return (byte >= 0 && byte < ' ') || refused.find(byte) != refused.npos;
  });
  if (!is_safe || path.empty() || path.ends_with('/')) return false;
  return path.starts_with('/') || path.find('/') == path.npos;
}

enum class ArgumentsEnd { of_line, of_command, refused };

ArgumentsEnd take_arguments(std::string_view& rest, const Expand& expand,
                            std::vector<std::string>& argv) {
  std::size_t total = 0;
  while (!rest.empty()) {
    if (takes_lone(";", rest)) return ArgumentsEnd::of_command;
    if (takes_lone("\\;", rest)) {
      argv.emplace_back(";");
      continue;
    }
    const TakenWord word = take_word_of_command(rest);
    if (word.state == TakenWord::State::end) break;
    if (word.state == TakenWord::State::invalid) return ArgumentsEnd::refused;
    std::optional<std::string> expanded = expand(word.text);
    if (!expanded) return ArgumentsEnd::refused;
    total += expanded->size() + 1;
    if (expanded->size() > max_unit_word || total > max_unit_command) return ArgumentsEnd::refused;
    argv.push_back(std::move(*expanded));
  }
  return ArgumentsEnd::of_line;
}

// Takes one command; false when the rest of the line counts for nothing.
bool take_command(std::string_view& rest, const Expand& expand, UnitCommands& commands) {
  if (takes_lone(";", rest)) return true;
  const TakenWord first = take_word_of_command(rest);
  // Open quotes in the first word are ignored, later ones refused.
  if (first.state != TakenWord::State::word) return false;
  Prefixes prefixes = prefixes_of(first.text);
  UnitCommand command = std::move(prefixes.command);

  const std::optional<std::string> program =
      prefixes.program.empty() ? std::nullopt : expand(prefixes.program);
  const bool is_good = program && program->size() <= max_unit_word && can_be_program(*program);

  ArgumentsEnd end = ArgumentsEnd::refused;
  if (is_good) {
    command.argv.push_back(*program);
    end = take_arguments(rest, expand, command.argv);
    if (prefixes.has_other_name && end != ArgumentsEnd::refused) {
      if (command.argv.size() < 2) {
        end = ArgumentsEnd::refused;
      } else {
        command.argv.erase(command.argv.begin() + 1);
      }
    }
  }
  if (end == ArgumentsEnd::refused) {
    commands.is_refused = !prefixes.is_ignored;
    return false;
  }
  commands.all.push_back(std::move(command));
  return end == ArgumentsEnd::of_command;
}

std::string_view value_of(std::string_view name, const UnitEnvironment& environment) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view{} : found->second;
}

// `${NAME}` is replaced and `$$` is a dollar; every other dollar stands for itself.
std::string with_braced_variables(std::string_view word, const UnitEnvironment& environment) {
  std::string replaced;
  while (!word.empty() && replaced.size() <= max_unit_word) {
    const std::size_t dollar = std::min(word.find('$'), word.size());
    replaced += word.substr(0, dollar);
    word.remove_prefix(dollar);
    const bool is_braced = word.starts_with("${");
    const std::size_t end = is_braced ? word.find('}') : word.npos;
    if (is_braced && end == word.npos) {
      replaced += word;
      break;
    }
    if (is_braced) {
      replaced += value_of(word.substr(2, end - 2), environment);
      word.remove_prefix(end + 1);
    } else if (word.starts_with("$$")) {
      replaced += '$';
      word.remove_prefix(2);
    } else if (!word.empty()) {
      replaced += '$';
      word.remove_prefix(1);
    }
  }
  if (replaced.size() > max_unit_word) replaced.resize(max_unit_word);
  return replaced;
}

bool is_lone_variable(std::string_view word) {
  return word.size() > 1 && word[0] == '$' && word[1] != '{' && word[1] != '$';
}

}  // namespace

UnitCommands commands_of(std::string_view value, const Expand& expand) {
  UnitCommands commands;
  while (take_command(value, expand, commands)) {
  }
  return commands;
}

std::vector<std::string> with_variables(const std::vector<std::string>& argv,
                                        const UnitEnvironment& environment) {
  constexpr WordSyntax split{.escapes = Escapes::plain, .is_relaxed = true};
  std::vector<std::string> replaced;
  std::size_t total = 0;
  for (const std::string& word : argv) {
    // The program is taken as it stands.
    std::vector<std::string> words;
    if (replaced.empty() && total == 0) {
      words.push_back(word);
    } else if (is_lone_variable(word)) {
      words = words_of(value_of(std::string_view{word}.substr(1), environment), split);
    } else {
      words.push_back(with_braced_variables(word, environment));
    }
    for (std::string& one : words) {
      total += one.size() + 1;
      if (total > max_unit_command) return replaced;
      replaced.push_back(std::move(one));
    }
  }
  return replaced;
}

}  // namespace cfwarden
