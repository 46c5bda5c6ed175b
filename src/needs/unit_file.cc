#include "cfwarden/needs/unit_file.h"

#include "cfwarden/base/go_text.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view comment_marks = "#;";

bool is_end_of_line(char byte) {
  return byte == '\n' || byte == '\r' || byte == '\0';
}

// systemd ends a line with any of LF, CR and NUL, and takes several that differ as one end; after a
// NUL a new line begins in any case.
std::string_view take_line(std::string_view& rest) {
  const auto* first_end = std::ranges::find_if(rest, is_end_of_line);
  const auto length = static_cast<std::size_t>(first_end - rest.begin());
  const std::string_view line = rest.substr(0, length);
  std::size_t end = length;
  while (end < rest.size() && is_end_of_line(rest[end]) &&
         rest.substr(length, end - length).find(rest[end]) == rest.npos) {
    ++end;
    if (rest[end - 1] == '\0') break;
  }
  rest.remove_prefix(end);
  return line;
}

bool ends_escaped(std::string_view line) {
  bool is_escaped = false;
  for (const char byte : line) is_escaped = !is_escaped && byte == '\\';
  return is_escaped;
}

class UnitReader {
 public:
  UnitFile read(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    while (!text.empty() && file_.broken_line == 0) {
      ++line_;
      take(take_line(text));
    }
    if (!joined_.empty() && file_.broken_line == 0) end_line();
    return std::move(file_);
  }

 private:
  void take(std::string_view line) {
    const std::size_t start = line.find_first_not_of(unit_space);
    // A comment may stand between continued lines; a blank line ends them.
    if (start != line.npos && comment_marks.find(line[start]) != line.npos) return;
    if (joined_.empty()) first_line_ = line_;
    joined_ += line;
    if (ends_escaped(line)) {
      joined_.back() = ' ';
    } else {
      end_line();
    }
  }

  void end_line() {
    const std::string_view whole = strip_unit_space(joined_);
    if (!is_utf8(whole)) {
      file_.broken_line = first_line_;
    } else if (whole.starts_with('[')) {
      open_section(whole);
    } else {
      assign(whole);
    }
    joined_.clear();
  }

  void open_section(std::string_view header) {
    if (header.ends_with(']')) {
      section_ = header.substr(1, header.size() - 2);
    } else {
      file_.broken_line = first_line_;
    }
  }

  void assign(std::string_view whole) {
    const std::size_t equals = whole.find('=');
    if (equals == whole.npos || section_.empty()) return;
    if (file_.assignments.size() == max_unit_assignments) {
      file_.broken_line = first_line_;
      return;
    }
    file_.assignments.push_back({.section = section_,
                                 .key = std::string{strip_unit_space(whole.substr(0, equals))},
                                 .value = std::string{strip_unit_space(whole.substr(equals + 1))},
                                 .line = first_line_});
  }

  UnitFile file_;
  std::string section_;
  std::string joined_;
  std::size_t line_ = 0;
  std::size_t first_line_ = 0;
};

// Quotes may open and close within a value, and a line may end inside them; what a shell would
// substitute stays as it is.
class EnvironmentReader {
 public:
  std::vector<EnvironmentVariable> read(std::string_view text) {
    text = text.substr(0, text.find('\0'));
    for (const char byte : text) step(byte);
    const bool is_value = state_ != State::before_name && state_ != State::name &&
                          state_ != State::comment && state_ != State::comment_escape;
    if (is_value) push();
    return std::move(variables_);
  }

 private:
  enum class State {
    before_name,
    name,
    before_value,
    value,
    value_escape,
    single_quoted,
    double_quoted,
    double_quoted_escape,
    comment,
    comment_escape,
  };

  static bool is_space(char byte) { return unit_space.find(byte) != unit_space.npos; }
  static bool is_newline(char byte) { return byte == '\n' || byte == '\r'; }

  void step(char byte) {
    switch (state_) {
      case State::before_name:
      case State::name:
        return step_in_name(byte);
      case State::before_value:
      case State::value:
        return step_in_value(byte);
      case State::value_escape:
        state_ = State::value;
        if (!is_newline(byte)) append(byte);
        return;
      case State::single_quoted:
      case State::double_quoted:
      case State::double_quoted_escape:
        return step_in_quotes(byte);
      case State::comment:
        if (byte == '\\') {
          state_ = State::comment_escape;
        } else if (is_newline(byte)) {
          state_ = State::before_name;
        }
        return;
      case State::comment_escape:
        state_ = State::comment;
        return;
    }
  }

  void step_in_name(char byte) {
    if (state_ == State::before_name) {
      if (comment_marks.find(byte) != comment_marks.npos) {
        state_ = State::comment;
      } else if (!is_space(byte)) {
        state_ = State::name;
        name_ = byte;
      }
    } else if (is_newline(byte)) {
      state_ = State::before_name;
    } else if (byte == '=') {
      state_ = State::before_value;
    } else {
      name_ += byte;
    }
  }

  void step_in_value(char byte) {
    if (is_newline(byte)) {
      push();
    } else if (byte == '\\') {
      state_ = State::value_escape;
      kept_ = value_.size();
    } else if (state_ == State::before_value && byte == '\'') {
      state_ = State::single_quoted;
    } else if (state_ == State::before_value && byte == '"') {
      state_ = State::double_quoted;
    } else if (state_ == State::value || !is_space(byte)) {
      state_ = State::value;
      value_ += byte;
      if (!is_space(byte)) kept_ = value_.size();
    }
  }

  void step_in_quotes(char byte) {
    constexpr std::string_view escapable = "\"\\`$";
    if (state_ == State::double_quoted_escape) {
      state_ = State::double_quoted;
      if (byte == '\n') return;
      if (escapable.find(byte) == escapable.npos) append('\\');
      append(byte);
    } else if (byte == (state_ == State::single_quoted ? '\'' : '"')) {
      state_ = State::before_value;
    } else if (byte == '\\' && state_ == State::double_quoted) {
      state_ = State::double_quoted_escape;
    } else {
      append(byte);
    }
  }

  void append(char byte) {
    value_ += byte;
    kept_ = value_.size();
  }

  void push() {
    // White space at the end counts only where it is quoted or escaped.
    if (state_ == State::value) value_.resize(kept_);
    const std::string_view name = strip_unit_space(name_);
    if (is_variable_name(name) && is_utf8(value_) && variables_.size() < max_unit_assignments) {
      variables_.push_back({std::string{name}, std::move(value_)});
    }
    value_.clear();
    kept_ = 0;
    state_ = State::before_name;
  }

  std::vector<EnvironmentVariable> variables_;
  State state_ = State::before_name;
  std::string name_;
  std::string value_;
  std::size_t kept_ = 0;  // Bytes of the value up to its last one that is not bare white space.
};

}  // namespace

UnitFile read_unit_file(std::string_view text) {
  return UnitReader{}.read(text);
}

std::vector<EnvironmentVariable> read_environment_file(std::string_view text) {
  return EnvironmentReader{}.read(text);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (rune.value == replacement_rune && rune.size == 1) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
  };
  const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  if (name.empty() || is_digit(name.front())) return false;
  return std::ranges::all_of(name, [&](char byte) { return is_letter(byte) || is_digit(byte); });
}

std::string_view strip_unit_space(std::string_view text) {
  const std::size_t start = text.find_first_not_of(unit_space);
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(unit_space) - start + 1);
}

}  // namespace cfwarden
