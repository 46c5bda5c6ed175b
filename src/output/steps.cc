#include "cfwarden/output/steps.h"

#include "cfwarden/base/shell_word.h"
#include "cfwarden/output/layout.h"

#include <algorithm>
#include <optional>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t command_indent = 4;  // Behind the lead of its step.
constexpr std::size_t next_line_indent = 2;
constexpr std::string_view broken = " \\";  // The line goes on.

// A command is copied: its own backslashes are not doubled. Control and bidi characters are escaped
// all the same.
std::string command_text(std::string_view command, const Terminal& terminal) {
  std::string text;
  for (auto at = command.find('\\'); at != std::string_view::npos; at = command.find('\\')) {
    text += shown(command.substr(0, at), terminal) + '\\';
    command.remove_prefix(at + 1);
  }
  return text + shown(command, terminal);
}

// What a shell would be in, innermost last: quotes, and '(' for "$(".
class ShellState {
 public:
  void read(std::string_view rest) {
    const char c = rest.front();
    const char open = open_.empty() ? '(' : open_.back();
    const bool closes = open_.empty() ? false : c == (open == '(' ? ')' : open);
    if (closes) {
      open_.pop_back();
    } else if (open == '\'') {
      return;
    } else if (rest.starts_with("$(")) {
      open_ += '(';
    } else if (c == '"' || (c == '\'' && open == '(')) {
      open_ += c;
    }
  }
  // A space parts words here, and a backslash before a newline goes.
  bool is_between_words() const { return open_.empty() || open_.back() == '('; }
  bool is_literal() const { return !open_.empty() && open_.back() == '\''; }

 private:
  std::string open_;
};

// Cut at the spaces that part words for a shell.
std::vector<std::string> words_of_command(std::string_view command) {
  std::vector<std::string> words(1);
  ShellState state;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (c == '\\' && !state.is_literal() && i + 1 < command.size()) {
      words.back() += c;
      words.back() += command[++i];
      continue;
    }
    if (c == ' ' && state.is_between_words()) {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    state.read(command.substr(i));
    words.back() += c;
  }
  return words;
}

// Lines that a shell puts together again. A word that fits none stands on one of its own; nullopt
// where that word holds a space.
std::optional<std::vector<std::string>> folded(std::string_view command, std::size_t first_columns,
                                               std::size_t next_columns) {
  std::vector<std::string> lines(1);
  std::size_t room = first_columns;
  for (const std::string& word : words_of_command(command)) {
    std::string& line = lines.back();
    const std::size_t taken = columns_of(line) + (line.empty() ? 0 : 1);
    if (taken + columns_of(word) + broken.size() <= room) {
      line += (line.empty() ? "" : " ") + word;
      continue;
    }
    room = next_columns;
    const bool fits = columns_of(word) + broken.size() <= room;
    if (!fits && word.find(' ') != std::string::npos) return std::nullopt;
    if (line.empty()) {
      line = word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

// "DIR" for one that cannot be copied from this screen.
std::string directory_word(std::string_view path, const Terminal& terminal) {
  const auto word = shell_word(path);
  const bool is_shown_as_it_is = shown(path, terminal) == path;
  return word && is_shown_as_it_is ? *word : "DIR";
}

}  // namespace

void print_step(const std::string& lead, std::string_view step, const Terminal& terminal,
                std::ostream& out) {
  const auto end = std::min(step.find('\n'), step.size());
  print_hanging({.lead = lead, .lead_columns = lead.size(), .hang = lead.size()},
                shown(step.substr(0, end), terminal), terminal, out);
  std::string_view commands = step.substr(end);
  while (!commands.empty()) {
    commands.remove_prefix(1);
    const auto next = std::min(commands.find('\n'), commands.size());
    out << std::string(lead.size() + command_indent, ' ')
        << command_text(commands.substr(0, next), terminal) << '\n';
    commands.remove_prefix(next);
  }
}

void print_steps(const std::vector<std::string>& steps, std::size_t indent,
                 const Terminal& terminal, std::ostream& out) {
  const std::size_t width = std::to_string(steps.size()).size();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const std::string gap(indent + width - number.size(), ' ');
    print_step(gap + number + ". ", steps[i], terminal, out);
  }
}

void print_command(const std::string& lead, std::string_view command, const Terminal& terminal,
                   std::ostream& out) {
  const std::string text = command_text(command, terminal);
  const std::size_t columns = columns_of_screen(terminal);
  if (lead.size() + columns_of(text) <= columns) {
    out << lead << text << '\n';
    return;
  }
  const std::size_t hang = lead.size() + next_line_indent;
  const auto lines = folded(text, columns - lead.size(), columns - hang);
  if (!lines) {
    out << lead << "too long for this screen: see --json\n";
    return;
  }
  for (std::size_t i = 0; i < lines->size(); ++i) {
    out << (i == 0 ? lead : std::string(hang, ' ')) << (*lines)[i]
        << (i + 1 < lines->size() ? broken : "") << '\n';
  }
}

void print_explain(const std::string& lead, std::string_view rule, std::string_view root,
                   const Terminal& terminal, std::ostream& out) {
  const std::string option = host_options(root, terminal);
  print_command(
      lead,
      terminal.program + " explain " + std::string{rule} + (option.empty() ? "" : " " + option),
      terminal, out);
}

std::string root_option(std::string_view root, const Terminal& terminal) {
  if (root.empty() || root == "/") return {};
  return "--root " + directory_word(root, terminal);
}

std::string host_options(std::string_view root, const Terminal& terminal) {
  std::string options = root_option(root, terminal);
  if (terminal.exceptions.empty()) return options;
  if (!options.empty()) options += ' ';
  return options + "--exceptions " + directory_word(terminal.exceptions, terminal);
}

}  // namespace cfwarden
