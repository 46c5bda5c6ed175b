#include "cfwarden/needs/execline.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/invocation.h"

#include <algorithm>
#include <array>
#include <span>

namespace cfwarden {
namespace {

struct Word {
  std::string text;
  std::size_t line = 0;
  bool is_quoted = false;  // A quoted brace opens no block.
};

// Words, "quoted ones" with escapes, and comments: execline has no other syntax.
std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t line = 1;
  bool in_word = false;
  bool in_quotes = false;
  const auto begin_word = [&] {
    if (!in_word) words.push_back({.text = {}, .line = line});
    in_word = true;
  };
  for (std::size_t i = 0; i < text.size() && words.size() < 4096; ++i) {
    const char c = text[i];
    const bool ends = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (c == '\\' && i + 1 < text.size()) {
      begin_word();
      if (text[i + 1] != '\n') words.back().text += text[i + 1];
      if (text[++i] == '\n') ++line;
      continue;
    }
    if (c == '"') {
      begin_word();
      words.back().is_quoted = true;
      in_quotes = !in_quotes;
    } else if (in_quotes || (!ends && (c != '#' || in_word))) {
      begin_word();
      words.back().text += c;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else {
      in_word = false;
    }
    if (c == '\n') ++line;
  }
  return words;
}

using Words = std::span<const Word>;

// A program that runs the next: its options, its operands, its blocks.
struct Program {
  std::string_view name;
  std::string_view valued = {};  // Options that take a value.
  std::size_t operands = 0;
  std::size_t blocks = 0;
};

constexpr std::array programs{
    Program{.name = "background", .blocks = 1},
    Program{.name = "backtick", .operands = 1, .blocks = 1},
    Program{.name = "cd", .operands = 1},
    Program{.name = "define", .valued = "d", .operands = 2},
    Program{.name = "elglob", .operands = 2},
    Program{.name = "emptyenv"},
    Program{.name = "exec", .valued = "a"},
    Program{.name = "execlineb", .valued = "sS"},
    Program{.name = "export", .operands = 2},
    Program{.name = "fdblock", .operands = 1},
    Program{.name = "fdclose", .operands = 1},
    Program{.name = "fdmove", .operands = 2},
    Program{.name = "fdreserve", .operands = 1},
    Program{.name = "foreground", .blocks = 1},
    Program{.name = "getpid", .operands = 1},
    Program{.name = "if", .valued = "x", .blocks = 1},
    Program{.name = "ifelse", .blocks = 2},
    Program{.name = "ifte", .blocks = 2},
    Program{.name = "ifthenelse", .blocks = 3},
    Program{.name = "import", .operands = 1},
    Program{.name = "importas", .valued = "Dd", .operands = 2},
    Program{.name = "multidefine", .operands = 1, .blocks = 1},
    Program{.name = "multisubstitute", .blocks = 1},
    Program{.name = "piperw", .operands = 2},
    Program{.name = "redirfd", .operands = 2},
    Program{.name = "runblock"},
    Program{.name = "s6-fdholder-retrieve", .operands = 2},
    Program{.name = "s6-ipcclient"},
    Program{.name = "trap", .valued = "t", .blocks = 1},
    Program{.name = "umask", .operands = 1},
    Program{.name = "unexport", .operands = 1},
    Program{.name = "wait", .valued = "t", .blocks = 1},
    Program{.name = "with-contenv"},
    Program{.name = "withstdinas", .operands = 1},
};

auto find_program(const Word& word) {
  return std::ranges::find(programs, file_name_of(word.text), &Program::name);
}

bool is_brace(const Word& word, std::string_view brace) {
  return !word.is_quoted && word.text == brace;
}

Words take_block(Words& words) {
  if (words.empty() || !is_brace(words.front(), "{")) return {};
  std::size_t depth = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_brace(words[i], "{")) ++depth;
    if (is_brace(words[i], "}") && --depth == 0) {
      const Words block = words.subspan(1, i - 1);
      words = words.subspan(i + 1);
      return block;
    }
  }
  words = {};
  return {};
}

class Reader {
 public:
  explicit Reader(ExeclineScript& script) : script_(script) {}

  static bool knows(const Word& word) { return find_program(word) != programs.end(); }

  // Takes programs off until one is left that execline does not know.
  Words read(Words words) {
    while (!words.empty()) {
      const auto program = find_program(words.front());
      if (program == programs.end()) return words;
      words = words.subspan(1);
      take(*program, words);
    }
    return words;
  }

  std::string expanded(const std::string& text) const {
    std::string result;
    std::string_view rest = text;
    while (!rest.empty() && result.size() < 16384) {
      const std::size_t dollar = std::min(rest.find("${"), rest.size());
      result += rest.substr(0, dollar);
      rest.remove_prefix(dollar);
      const std::size_t end = rest.find('}');
      if (end == rest.npos) {
        result += rest;
        break;
      }
      const std::string_view name = rest.substr(2, end - 2);
      const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                      [&](const auto& variable) { return variable.name == name; });
      if (known != variables_.rend()) result += known->value;
      rest.remove_prefix(end + 1);
    }
    return result;
  }

 private:
  void take(const Program& program, Words& words) {
    while (!words.empty() && words.front().text.size() > 1 && words.front().text[0] == '-') {
      const std::string& option = words.front().text;
      const bool has_value =
          option.size() == 2 && program.valued.find(option[1]) != program.valued.npos;
      words = words.subspan(std::min<std::size_t>(has_value ? 2 : 1, words.size()));
    }
    const Words operands = words.first(std::min(program.operands, words.size()));
    words = words.subspan(operands.size());
    if (operands.size() == program.operands) set(program.name, operands);
    for (std::size_t i = 0; i < program.blocks; ++i) {
      Words block = take_block(words);
      if (program.name != "multisubstitute") continue;
      while (!block.empty()) {
        const std::size_t before = block.size();
        block = read(block);
        if (block.size() == before) break;
      }
    }
  }

  void set(std::string_view program, Words operands) {
    if (variables_.size() >= 256) return;
    if (program == "cd") script_.working_directory = expanded(operands[0].text);
    if (program == "define") {
      variables_.push_back({.name = operands[0].text, .value = expanded(operands[1].text)});
    } else if (program == "export") {
      const std::string value = expanded(operands[1].text);
      const bool is_unknown = value.empty() && !operands[1].text.empty();
      EnvironmentVariable variable{
          .name = operands[0].text, .value = value, .is_unknown = is_unknown};
      script_.environment.push_back(variable);
      variables_.push_back(std::move(variable));
    } else if (program == "importas") {
      const auto known =
          std::ranges::find(variables_, operands[1].text, &EnvironmentVariable::name);
      if (known != variables_.end()) {
        variables_.push_back({.name = operands[0].text, .value = std::string{known->value}});
      }
    }
  }

  ExeclineScript& script_;
  std::vector<EnvironmentVariable> variables_;
};

}  // namespace

ExeclineScript read_execline(std::string_view text) {
  ExeclineScript script;
  const std::vector<Word> words = words_of(text);
  Reader reader{script};
  Words rest = reader.read(words);
  std::size_t bytes = 0;
  // Programs that this file does not know (s6-setuidgid, nice) may stand in front of such that it
  // does: those are taken out of the middle, blocks with them.
  bool is_found = false;
  while (!rest.empty() && bytes < std::size_t{1} << 20) {
    if (!is_found && reader.knows(rest.front())) {
      rest = reader.read(rest);
      continue;
    }
    is_found |= is_cloudflared(rest.front().text);
    std::string word = reader.expanded(rest.front().text);
    if (script.argv.empty()) script.line = rest.front().line;
    bytes += word.size() + 1;
    script.argv.push_back(std::move(word));
    rest = rest.subspan(1);
  }
  return script;
}

}  // namespace cfwarden
