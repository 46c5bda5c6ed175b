#include "cfwarden/carriers/command_output.h"

#include "cfwarden/base/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t least_random = 12;  // Bytes of a word that only chance writes.

bool is_name_byte(char byte) {
  return is_lower(byte) || is_upper(byte) || is_digit(byte) || byte == '_';
}

// Of patterns and of what variables are part of, too.
bool is_path_byte(char byte) {
  return is_lower(byte) || is_upper(byte) || is_digit(byte) ||
         std::string_view{"/._-+@~*?%${}"}.find(byte) != npos ||
         static_cast<unsigned char>(byte) >= 0x80;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// A word that only chance writes: no name that somebody gave.
bool is_random(std::string_view word) {
  return word.size() >= least_random && std::string_view{"/.~"}.find(word.front()) == npos &&
         word.find('.') == npos && std::ranges::any_of(word, is_lower) &&
         std::ranges::any_of(word, is_upper) && std::ranges::any_of(word, is_digit);
}

bool has_known_top(std::string_view path) {
  constexpr std::array<std::string_view, 13> tops{"data", "etc", "home", "media", "mnt",
                                                  "nix",  "opt", "root", "run",   "srv",
                                                  "tmp",  "usr", "var"};
  const std::size_t end = path.find('/', 1);
  return end != npos && std::ranges::find(tops, path.substr(1, end - 1)) != tops.end();
}

// Behind "$NAME" or "${NAME}"; 0 where none begins the text.
std::size_t behind_variable(std::string_view text) {
  const bool in_braces = text.starts_with("${");
  std::size_t at = in_braces ? 2 : 1;
  const std::size_t begin = at;
  while (at < text.size() && is_name_byte(text[at])) ++at;
  if (at == begin || is_digit(text[begin]) || (in_braces && !text.substr(at).starts_with('}')))
    return 0;
  return in_braces ? at + 1 : at;
}

class OutputFinder {
 public:
  explicit OutputFinder(std::string_view text) : text_{text} {}

  std::vector<CommandOutput> all() && {
    for (std::size_t at = 0; at < text_.size(); ++at) take(at);
    end_line(text_.size());
    std::erase_if(outputs_, [](const CommandOutput& output) { return output.end == 0; });
    return std::move(outputs_);
  }

 private:
  void take(std::size_t at) {
    switch (text_[at]) {
      case '\n':
        end_line(at);
        break;
      case '`':
        take_tick(at);
        break;
      case '(':
        open(at);
        break;
      case ')':
        close(at);
        break;
      default:
        break;
    }
  }

  void open(std::size_t at) {
    const bool is_output = at > 0 && text_[at - 1] == '$';
    open_.push_back(is_output ? outputs_.size() : npos);
    if (is_output) outputs_.push_back({at - 1, 0});
  }

  void close(std::size_t at) {
    if (open_.empty()) return;
    if (open_.back() != npos) outputs_[open_.back()].end = at + 1;
    open_.pop_back();
  }

  void take_tick(std::size_t at) {
    if (tick_ == npos) {
      tick_ = outputs_.size();
      outputs_.push_back({at, 0});
    } else {
      outputs_[tick_].end = at + 1;
      tick_ = npos;
    }
  }

  // For as long as nothing closes them.
  void end_line(std::size_t at) {
    for (std::size_t i = first_on_line_; i < outputs_.size(); ++i) {
      if (outputs_[i].end == 0 && i != tick_) outputs_[i].end = at;
    }
    first_on_line_ = outputs_.size();
    tick_ = npos;
  }

  std::string_view text_;
  std::vector<CommandOutput> outputs_;
  std::vector<std::size_t> open_;  // Brackets: the output that each begins, or npos.
  std::size_t tick_ = npos;        // The output that an open back quote begins.
  std::size_t first_on_line_ = 0;
};

// Splits a command into words at everything that could stand between two.
class CommandReader {
 public:
  explicit CommandReader(std::string_view command) : command_{command} {}

  std::vector<CommandOutput> all() && {
    while (at_ < command_.size()) {
      if (is_word_byte(command_[at_])) {
        take_word();
      } else {
        step();
      }
    }
    return std::move(words_);
  }

 private:
  static bool is_word_byte(char byte) {
    return std::string_view{" \t\r\n\0\"'`\\$;|&()<>{}[]=,?*!#^", 28}.find(byte) == npos;
  }

  void step() {
    const std::string_view rest = command_.substr(at_);
    const char byte = command_[at_++];
    if (rest.starts_with("<<")) {
      const bool is_string = rest.starts_with("<<<");
      is_document_ = is_document_ || !is_string;
      prints_ = true;
      at_ += is_string ? 2 : 1;
    } else if (byte == '(' || (byte == '`' && !in_ticks_)) {
      above_.push_back(prints_);
      prints_ = is_document_;
      in_ticks_ = in_ticks_ || byte == '`';
    } else if (byte == ')' || byte == '`') {
      if (byte == '`') in_ticks_ = false;
      prints_ = !above_.empty() && above_.back();
      if (!above_.empty()) above_.pop_back();
    } else if (byte == ';' || byte == '|' || byte == '&' || byte == '\n' || byte == '}') {
      prints_ = is_document_;
    }
  }

  void take_word() {
    const std::size_t begin = at_;
    while (at_ < command_.size() && is_word_byte(command_[at_])) ++at_;
    const std::string_view word = command_.substr(begin, at_ - begin);
    const std::string_view before = command_.substr(0, begin);
    const bool is_variable = before.ends_with('$') || before.ends_with("${");
    const bool is_path = host_path_size(word) == word.size();
    const bool is_kept = is_variable || is_path || is_short_flag(word);
    if (!is_kept && (prints_ || is_random(word))) words_.push_back({begin, at_});
    const std::string_view name = word.substr(word.rfind('/') + 1);
    if (!is_variable && is_one_of(name, {"echo", "printf"})) prints_ = true;
  }

  // "-n", "%s".
  static bool is_short_flag(std::string_view word) {
    return (word.front() == '-' || word.front() == '%') && word.size() <= 3;
  }

  std::string_view command_;
  std::size_t at_ = 0;
  std::vector<CommandOutput> words_;
  std::vector<bool> above_;  // Of the commands around this one, whether they print.
  bool prints_ = false;
  bool is_document_ = false;  // A here-document has begun: where it ends is not looked for.
  bool in_ticks_ = false;
};

}  // namespace

std::vector<CommandOutput> command_outputs(std::string_view text) {
  return OutputFinder{text}.all();
}

std::vector<CommandOutput> words_spelled_out(std::string_view command) {
  return CommandReader{command}.all();
}

std::size_t host_path_size(std::string_view text) {
  const std::size_t begin = text.starts_with('$') ? behind_variable(text) : 0;
  const std::string_view path = text.substr(begin);
  if (!path.starts_with('/')) return 0;
  const auto* const end = std::ranges::find_if_not(path, is_path_byte);
  const std::string_view whole{path.begin(), end};
  const bool is_hosts = begin > 0 ? !is_random(whole.substr(1)) : has_known_top(whole);
  return is_hosts && whole.size() > 1 ? begin + whole.size() : 0;
}

}  // namespace cfwarden
