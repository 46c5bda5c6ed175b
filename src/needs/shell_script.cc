#include "cfwarden/needs/shell_script.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_variables = 512;
constexpr std::size_t max_value_bytes = 16384;
constexpr std::size_t max_variable_bytes = 65536;  // All values together.
constexpr std::size_t max_sourced_depth = 4;
constexpr std::size_t max_nesting = 64;  // Of expansions inside of expansions.

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool is_name_start(char c) {
  return is_lower(c) || is_upper(c) || c == '_';
}
bool is_name_byte(char c) {
  return is_name_start(c) || is_digit(c);
}
bool ends_word(char c) {
  return is_blank(c) || c == '\n' || std::string_view{";&|()<>"}.find(c) != std::string_view::npos;
}

struct Value {
  std::string text;
  bool is_unknown = false;  // Then "".
};

// What variables stand for. All of them together stay small: a script could double them with every
// line.
class Variables {
 public:
  const Value* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found != values_.end() ? &found->second : nullptr;
  }
  void set(std::string_view name, Value value) {
    const auto found = values_.find(name);
    if (found == values_.end() && values_.size() >= max_variables) return;
    const std::size_t old = found != values_.end() ? found->second.text.size() : 0;
    if (value.text.size() > max_value_bytes) value.text.resize(max_value_bytes);
    if (bytes_ - old + value.text.size() > max_variable_bytes) value.text.clear();
    bytes_ += value.text.size();
    bytes_ -= old;
    if (found != values_.end()) {
      found->second = std::move(value);
    } else {
      values_.emplace(name, std::move(value));
    }
  }
  void unset(std::string_view name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return;
    bytes_ -= found->second.text.size();
    values_.erase(found);
  }
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, Value, std::less<>> values_;
  std::size_t bytes_ = 0;
};

// Text with a place in it.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  std::size_t line = 1;

  bool ended() const { return at >= text.size(); }
  char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  bool sees(std::string_view what) const { return text.substr(at).starts_with(what); }
  char take() {
    const char c = text[at++];
    if (c == '\n') ++line;
    return c;
  }
  void skip(std::size_t count) {
    while (count-- > 0 && !ended()) take();
  }
  std::string_view take_name() {
    const std::size_t start = at;
    while (!ended() && is_name_byte(text[at])) ++at;
    return text.substr(start, at - start);
  }
};

// Behind the opening of "$(", "(" or "{" up to what closes it, quotes respected. The text between.
std::string_view take_balanced(Cursor& cursor, char open, char close) {
  const std::size_t start = cursor.at;
  std::size_t depth = 1;
  char quote = '\0';
  while (!cursor.ended()) {
    const char c = cursor.take();
    if (c == '\\' && quote != '\'') {
      cursor.skip(1);
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == open) {
      ++depth;
    } else if (c == close && --depth == 0) {
      return cursor.text.substr(start, cursor.at - start - 1);
    }
  }
  return cursor.text.substr(start);
}

// Fields of one word: an unquoted expansion may make several of it, or none.
class Fields {
 public:
  explicit Fields(bool splits) : splits_(splits) {}

  void add(char c) {
    current_ += c;
    present_ = true;
  }
  void add(std::string_view text) {
    current_ += text;
    present_ = true;
  }
  void mark() { present_ = true; }  // An empty quoted text is a word.
  void mark_unknown() {
    present_ = true;
    unknown_ = true;
  }
  Value take_value() { return {.text = std::move(current_), .is_unknown = is_unknown()}; }
  bool is_unknown() const { return unknown_ && current_.empty(); }
  void add_expanded(std::string_view text) {
    if (!splits_) return add(text);
    for (const char c : text) {
      if (!is_blank(c) && c != '\n') {
        add(c);
      } else if (present_) {
        close();
      }
    }
  }
  void close() {
    if (!present_) return;
    done_.push_back(std::move(current_));
    current_.clear();
    present_ = false;
  }
  std::size_t bytes() const { return current_.size(); }
  std::string& current() { return current_; }
  bool is_fresh() const { return done_.empty() && !present_; }
  std::vector<std::string> take() {
    close();
    return std::move(done_);
  }

 private:
  bool splits_;
  bool present_ = false;
  bool unknown_ = false;
  std::string current_;
  std::vector<std::string> done_;
};

// What a word is made of, with the variables that it may set (`${X:=y}`).
class Expander {
 public:
  Expander(Variables& variables, const Variables* later) : variables_(variables), later_(later) {}

  // Where the variables are looked up that are assigned behind a function's body.
  void look_ahead(const Variables* later) { later_ = later; }

  // One word from `cursor` on, up to what ends it. `has_operators`: a shell's, else only blanks.
  void read_word(Cursor& cursor, Fields& fields, bool has_operators) {
    if (cursor.peek() == '~') read_tilde(cursor, fields);
    while (!cursor.ended() && bytes_left_ > 0) {
      const char c = cursor.peek();
      if (has_operators ? ends_word(c) : is_blank(c) || c == '\n') return;
      read_part(cursor, fields);
    }
  }

  bool is_exhausted() const { return bytes_left_ == 0; }
  void spend(std::size_t bytes) { bytes_left_ -= std::min(bytes, bytes_left_); }

  void read_part(Cursor& cursor, Fields& fields) {
    const char c = cursor.take();
    spend(1);
    switch (c) {
      case '\\':
        if (cursor.ended()) return;
        if (const char next = cursor.take(); next != '\n') fields.add(next);
        return;
      case '\'':
        fields.mark();
        while (!cursor.ended()) {
          const char quoted = cursor.take();
          if (quoted == '\'') return;
          fields.add(quoted);
        }
        return;
      case '"':
        read_double_quoted(cursor, fields);
        return;
      case '`':
        substitute(skip_backquoted(cursor), fields);
        return;
      case '$':
        read_dollar(cursor, fields, false);
        return;
      default:
        fields.add(c);
    }
  }

 private:
  void read_tilde(Cursor& cursor, Fields& fields) {
    const char next = cursor.peek(1);
    if (next != '/' && next != '\0' && !ends_word(next)) return;
    const Value* home = variables_.find("HOME");
    if (home == nullptr || home->text.empty()) return;
    cursor.take();
    spend(home->text.size());
    if (bytes_left_ > 0) fields.add(home->text);
  }

  void read_double_quoted(Cursor& cursor, Fields& fields) {
    fields.mark();
    while (!cursor.ended() && bytes_left_ > 0) {
      const char c = cursor.take();
      spend(1);
      if (c == '"') return;
      if (c == '\\' && !cursor.ended()) {
        const char next = cursor.take();
        if (std::string_view{"$`\"\\\n"}.find(next) == std::string_view::npos) fields.add('\\');
        if (next != '\n') fields.add(next);
      } else if (c == '`') {
        substitute(skip_backquoted(cursor), fields);
      } else if (c == '$') {
        read_dollar(cursor, fields, true);
      } else {
        fields.add(c);
      }
    }
  }

  static std::string_view skip_backquoted(Cursor& cursor) {
    const std::size_t start = cursor.at;
    while (!cursor.ended()) {
      const char c = cursor.take();
      if (c == '\\') cursor.skip(1);
      if (c == '`') break;
    }
    return cursor.text.substr(start, cursor.at - start);
  }

  void read_dollar(Cursor& cursor, Fields& fields, bool quoted) {
    const char c = cursor.peek();
    if (c == '(') {
      cursor.take();
      substitute(take_balanced(cursor, '(', ')'), fields);
    } else if (c == '{') {
      read_braced(cursor, fields, quoted);
    } else if (is_name_start(c)) {
      insert(cursor.take_name(), fields, quoted);
    } else if (c == '\'' && !quoted) {
      cursor.take();
      read_ansi_quoted(cursor, fields);
    } else if (is_digit(c) || std::string_view{"@*#?$!-"}.find(c) != std::string_view::npos) {
      if (cursor.ended()) return fields.add('$');
      const std::string name{cursor.take()};
      insert(name == "*" ? "@" : name, fields, quoted && name != "@");
    } else {
      fields.add('$');
    }
  }

  static void read_ansi_quoted(Cursor& cursor, Fields& fields) {
    fields.mark();
    while (!cursor.ended()) {
      const char c = cursor.take();
      if (c == '\'') return;
      if (c == '\\' && !cursor.ended()) {
        const char next = cursor.take();
        fields.add(next == 'n' ? '\n' : next == 't' ? '\t' : next);
      } else {
        fields.add(c);
      }
    }
  }

  // Of all substitutions only the script's own name is known: what init scripts call $name.
  void substitute(std::string_view command, Fields& fields) {
    const Value* self = variables_.find("0");
    const bool is_own_name = command.starts_with("basename ") && command.find("$0") != command.npos;
    if (!is_own_name || self == nullptr) return fields.mark_unknown();
    spend(self->text.size());
    if (bytes_left_ > 0) fields.add(file_name_of(self->text));
  }

  const Value* find(std::string_view name) const {
    const Value* value = variables_.find(name);
    return value == nullptr && later_ != nullptr ? later_->find(name) : value;
  }

  void insert(std::string_view name, Fields& fields, bool quoted) {
    const Value* value = find(name);
    if (value == nullptr || value->is_unknown) return fields.mark_unknown();
    spend(value->text.size());
    if (bytes_left_ == 0) return;
    quoted ? fields.add(value->text) : fields.add_expanded(value->text);
  }

  // ${NAME}, ${NAME:-word} and its kin, ${NAME[@]}; of other forms the value is not known.
  void read_braced(Cursor& cursor, Fields& fields, bool quoted) {
    cursor.take();
    Cursor inside{.text = take_balanced(cursor, '{', '}'), .line = cursor.line};
    const std::string name{is_name_start(inside.peek()) || inside.ended()
                               ? std::string{inside.take_name()}
                               : std::string{inside.take()}};
    if (inside.sees("[@]") || inside.sees("[*]")) {
      inside.skip(3);
      quoted = false;
    }
    if (inside.ended()) return insert(name, fields, quoted);
    if (name == "0" && inside.text.substr(inside.at) == "##*/") {
      return substitute("basename $0", fields);
    }
    const bool minds_empty = inside.peek() == ':';
    if (minds_empty) inside.take();
    const char form = inside.peek();
    if (std::string_view{"-=+?"}.find(form) == std::string_view::npos || inside.ended()) {
      return fields.mark_unknown();
    }
    inside.take();
    const Value* value = find(name);
    const bool is_set =
        value != nullptr && (!minds_empty || value->is_unknown || !value->text.empty());
    if (is_set == (form == '+')) {
      if (depth_ >= max_nesting || form == '?') return fields.mark_unknown();
      ++depth_;
      const Value word = expand(inside);
      --depth_;
      if (form == '=') variables_.set(name, word);
      if (word.is_unknown) return fields.mark_unknown();
      return quoted ? fields.add(word.text) : fields.add_expanded(word.text);
    }
    if (is_set) return insert(name, fields, quoted);
  }

  Value expand(Cursor& cursor) {
    Fields fields{false};
    while (!cursor.ended() && bytes_left_ > 0) read_part(cursor, fields);
    return fields.take_value();
  }

  Variables& variables_;
  const Variables* later_;
  std::size_t bytes_left_ = max_shell_bytes;
  std::size_t depth_ = 0;
};

// Words that may stand in front of a command, or alone, and run nothing.
bool is_reserved(std::string_view word) {
  constexpr std::array<std::string_view, 13> words{
      "!", "{", "}", "if", "then", "else", "elif", "fi", "do", "done", "esac", "while", "until"};
  return std::ranges::find(words, word) != words.end();
}

bool declares(std::string_view word) {
  constexpr std::array<std::string_view, 5> words{"export", "readonly", "local", "declare",
                                                  "typeset"};
  return std::ranges::find(words, word) != words.end();
}

class ScriptReader {
 public:
  ScriptReader(Variables variables, std::set<std::string, std::less<>> exported,
               const SourcedText& sources, const Variables* later)
      : variables_(std::move(variables)),
        exported_(std::move(exported)),
        sources_(sources),
        later_(later),
        expander_(variables_, nullptr) {}

  void read(std::string_view text) {
    Cursor cursor{.text = text};
    read_commands(cursor);
  }

  bool missed_in_function() const { return has_functions_; }
  const Variables& variables() const { return variables_; }

  ShellScript take(const std::vector<EnvironmentVariable>& given) {
    for (const auto& variable : variables_.all()) {
      const std::string& name = variable.first;
      if (exported_.contains(name) && is_name_start(name.front())) {
        script_.exported.push_back(exported_as(name, variable.second));
      }
      const bool is_given =
          std::ranges::find(given, name, &EnvironmentVariable::name) != given.end();
      if (!is_given || assigned_.contains(name)) {
        script_.variables.push_back(exported_as(name, variable.second));
      }
    }
    return std::move(script_);
  }

 private:
  static EnvironmentVariable exported_as(const std::string& name, const Value& value) {
    return {.name = name, .value = value.text, .is_unknown = value.is_unknown};
  }

  bool is_full() const {
    return script_.commands.size() >= max_shell_commands || expander_.is_exhausted();
  }

  void read_commands(Cursor& cursor) {
    while (!cursor.ended() && !is_full()) {
      skip_blanks(cursor);
      if (cursor.ended()) return;
      const char c = cursor.peek();
      if (c == '\n') {
        cursor.take();
        skip_here_documents(cursor);
      } else if (expects_pattern_) {
        skip_pattern(cursor);
      } else if (cursor.sees("((")) {
        cursor.take();
        take_balanced(cursor, '(', ')');
      } else if (cursor.sees(";;")) {
        cursor.skip(2);
        expects_pattern_ = cases_ > 0;
      } else if (std::string_view{";&|()"}.find(c) != std::string_view::npos) {
        cursor.take();
      } else {
        read_command(cursor);
      }
    }
  }

  static void skip_blanks(Cursor& cursor) {
    while (!cursor.ended()) {
      if (is_blank(cursor.peek())) {
        cursor.take();
      } else if (cursor.sees("\\\n")) {
        cursor.skip(2);
      } else if (cursor.sees("\\\r\n")) {
        cursor.skip(3);
      } else if (cursor.peek() == '#') {
        while (!cursor.ended() && cursor.peek() != '\n') cursor.take();
      } else {
        return;
      }
    }
  }

  // Up to what closes a pattern of `case`, or its end.
  void skip_pattern(Cursor& cursor) {
    expects_pattern_ = false;
    if (cursor.sees("esac") && (cursor.at + 4 >= cursor.text.size() || ends_word(cursor.peek(4)))) {
      cursor.skip(4);
      --cases_;
      return;
    }
    Fields pattern{false};
    while (!cursor.ended() && cursor.peek() != ')') {
      if (ends_word(cursor.peek())) {
        cursor.take();
      } else {
        expander_.read_word(cursor, pattern, true);
        if (expander_.is_exhausted()) return;
      }
    }
    cursor.skip(1);
  }

  // Words of one simple command, assignments and redirections apart.
  void read_command(Cursor& cursor) {
    ShellCommand command{.argv = {}, .line = cursor.line};
    bool is_prefix = true;  // Assignments and reserved words may still come.
    bool declaring = false;
    std::vector<EnvironmentVariable> assigned;
    while (!is_full()) {
      skip_blanks(cursor);
      if (cursor.ended() || is_redirection(cursor)) {
        if (cursor.ended()) break;
        skip_redirection(cursor);
        continue;
      }
      if (ends_word(cursor.peek())) break;
      if (is_prefix || declaring) {
        if (auto assignment = read_assignment(cursor)) {
          assigned.push_back(std::move(*assignment));
          continue;
        }
      }
      const std::size_t start = cursor.at;
      Fields fields{true};
      expander_.read_word(cursor, fields, true);
      const std::string_view raw = cursor.text.substr(start, cursor.at - start);
      if (is_prefix && command.argv.empty() && assigned.empty()) {
        if (begins_function(cursor, raw)) return;
        if (is_reserved(raw)) {
          note_block(raw);
          command.line = cursor.line;
          continue;
        }
        if (raw == "case") return skip_case_word(cursor);
        if (raw == "for" || raw == "select") return skip_to_end(cursor);
      }
      std::vector<std::string> words = fields.take();
      if (words.empty()) continue;
      is_prefix = false;
      if (command.argv.empty()) declaring = declares(words.front());
      for (std::string& word : words) command.argv.push_back(std::move(word));
    }
    finish(std::move(command), std::move(assigned), declaring);
  }

  static bool is_redirection(const Cursor& cursor) {
    std::size_t digits = 0;
    while (is_digit(cursor.peek(digits)) && digits < 4) ++digits;
    const char c = cursor.peek(digits);
    return c == '<' || c == '>' || (digits == 0 && cursor.sees("&>"));
  }

  void skip_redirection(Cursor& cursor) {
    while (is_digit(cursor.peek())) cursor.take();
    if (cursor.sees("<<<")) {
      cursor.skip(3);
    } else if (cursor.sees("<<")) {
      cursor.skip(2);
      const bool strips_tabs = cursor.peek() == '-';
      if (strips_tabs) cursor.take();
      while (is_blank(cursor.peek())) cursor.take();
      Fields word{false};
      expander_.read_word(cursor, word, true);
      if (here_documents_.size() < max_nesting) here_documents_.push_back(word.current());
      return;
    } else if (cursor.peek(1) == '(') {
      cursor.skip(2);
      take_balanced(cursor, '(', ')');
      return;
    } else {
      while (std::string_view{"<>&|"}.find(cursor.peek()) != std::string_view::npos &&
             !cursor.ended()) {
        cursor.take();
      }
    }
    while (!cursor.ended() && is_blank(cursor.peek())) cursor.take();
    Fields target{false};
    expander_.read_word(cursor, target, true);
  }

  void skip_here_documents(Cursor& cursor) {
    for (const std::string& end : here_documents_) {
      while (!cursor.ended()) {
        std::string_view line = cursor.text.substr(cursor.at);
        line = line.substr(0, line.find('\n'));
        cursor.skip(line.size() + 1);
        while (line.starts_with('\t')) line.remove_prefix(1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line == end) break;
      }
    }
    here_documents_.clear();
  }

  // NAME=value, NAME+=value, NAME=(values); nothing is taken where there is none.
  std::optional<EnvironmentVariable> read_assignment(Cursor& cursor) {
    if (!is_name_start(cursor.peek())) return std::nullopt;
    Cursor ahead = cursor;
    const std::string name{ahead.take_name()};
    if (ahead.peek() == '[') {  // An element of an array: which one is not followed.
      const std::size_t end = ahead.text.substr(ahead.at, max_nesting).find(']');
      if (end == std::string_view::npos) return std::nullopt;
      ahead.skip(end + 1);
      if (ahead.peek() != '=') return std::nullopt;
    }
    const bool appends = ahead.sees("+=");
    if (!appends && ahead.peek() != '=') return std::nullopt;
    ahead.skip(appends ? 2 : 1);
    Value value;
    const Value* before = appends ? variables_.find(name) : nullptr;
    if (before != nullptr) value = *before;
    if (ahead.peek() == '(') {
      ahead.take();
      read_array(ahead, value.text);
    } else {
      Fields fields{false};
      expander_.read_word(ahead, fields, true);
      const Value more = fields.take_value();
      value.text += more.text;
      value.is_unknown = value.text.empty() && (value.is_unknown || more.is_unknown);
    }
    cursor = ahead;
    return exported_as(name, value);
  }

  void read_array(Cursor& cursor, std::string& value) {
    while (!cursor.ended() && !expander_.is_exhausted()) {
      skip_blanks(cursor);
      const char c = cursor.peek();
      if (c == ')') break;
      if (ends_word(c)) {
        cursor.skip(1);
        continue;
      }
      Fields fields{false};
      expander_.read_word(cursor, fields, true);
      if (!value.empty()) value += ' ';
      value += fields.current();
    }
    cursor.skip(1);
  }

  bool begins_function(Cursor& cursor, std::string_view word) {
    if (word == "function") {
      skip_blanks(cursor);
      cursor.take_name();
      skip_blanks(cursor);
      if (cursor.sees("()")) cursor.skip(2);
    } else {
      Cursor ahead = cursor;
      while (is_blank(ahead.peek())) ahead.take();
      if (ahead.peek() != '(') return false;
      ahead.take();
      while (is_blank(ahead.peek())) ahead.take();
      if (ahead.peek() != ')') return false;
      ahead.take();
      cursor = ahead;
    }
    has_functions_ = true;
    awaits_body_ = true;
    return true;
  }

  // Whether a function's body is being read: what it uses may be assigned behind it.
  void note_block(std::string_view word) {
    if (word == "{") {
      if (braces_ > 0 || awaits_body_) ++braces_;
      awaits_body_ = false;
    } else if (word == "}") {
      if (braces_ > 0) --braces_;
    } else if (word == "esac") {
      if (cases_ > 0) --cases_;
    }
    expander_.look_ahead(braces_ > 0 ? later_ : nullptr);
  }

  void skip_case_word(Cursor& cursor) {
    while (!cursor.ended() && !expander_.is_exhausted()) {
      skip_blanks(cursor);
      if (cursor.peek() == '\n') {
        cursor.take();
        continue;
      }
      if (cursor.ended() || ends_word(cursor.peek())) return;
      Fields word{false};
      expander_.read_word(cursor, word, true);
      if (word.current() == "in") break;
    }
    ++cases_;
    expects_pattern_ = true;
  }

  void skip_to_end(Cursor& cursor) {
    while (!cursor.ended() && !expander_.is_exhausted()) {
      skip_blanks(cursor);
      if (cursor.ended() || cursor.peek() == '\n' || cursor.peek() == ';') return;
      if (ends_word(cursor.peek())) {
        cursor.take();
        continue;
      }
      Fields word{false};
      expander_.read_word(cursor, word, true);
    }
  }

  void assign(const EnvironmentVariable& variable) {
    variables_.set(variable.name, {variable.value, variable.is_unknown});
    if (assigned_.size() < max_variables) assigned_.insert(variable.name);
    if (exports_all_) exported_.insert(variable.name);
  }

  void finish(ShellCommand command, std::vector<EnvironmentVariable> assigned, bool declaring) {
    if (command.argv.empty() || declaring) {
      const bool exports = declaring && exporting(command.argv);
      for (const EnvironmentVariable& variable : assigned) {
        assign(variable);
        if (exports && exported_.size() < max_variables) exported_.insert(variable.name);
      }
      if (!exports) return;
      for (std::size_t i = 1; i < command.argv.size() && exported_.size() < max_variables; ++i) {
        exported_.insert(command.argv[i]);
      }
      return;
    }
    const std::string name = command.argv.front();
    if (name == "." || name == "source") return source(command.argv);
    if (name == "unset") {
      for (const std::string& word : command.argv) variables_.unset(word);
      return;
    }
    if (name == "set" && command.argv.size() > 1) {
      if (command.argv[1] == "-a" || command.argv.back() == "allexport") exports_all_ = true;
      if (command.argv[1] == "+a") exports_all_ = false;
    }
    for (auto variable = assigned.rbegin(); variable != assigned.rend(); ++variable) {
      command.argv.insert(command.argv.begin(), variable->name + '=' + variable->value);
    }
    if (name != ":") script_.commands.push_back(std::move(command));
  }

  static bool exporting(const std::vector<std::string>& argv) {
    if (argv.front() == "export") return true;
    return std::ranges::any_of(argv, [](const std::string& word) {
      return word.starts_with('-') && word.find('x') != word.npos;
    });
  }

  void source(const std::vector<std::string>& argv) {
    if (argv.size() < 2 || !argv[1].starts_with('/')) return;
    const std::string& path = argv[1];
    if (std::ranges::find(script_.sourced, path) == script_.sourced.end()) {
      script_.sourced.push_back(path);
    }
    if (!sources_ || sourced_depth_ >= max_sourced_depth) return;
    const auto text = sources_(path);
    if (!text) return;
    expander_.spend(text->size() / 16 + 256);  // A file may be taken in again and again.
    // Of it only the variables count: what such files hold besides are functions.
    const std::size_t commands = script_.commands.size();
    const std::size_t cases = std::exchange(cases_, 0);
    const std::size_t braces = std::exchange(braces_, 0);
    std::vector<std::string> pending = std::exchange(here_documents_, {});
    ++sourced_depth_;
    read(*text);
    --sourced_depth_;
    script_.commands.resize(std::min(commands, script_.commands.size()));
    here_documents_ = std::move(pending);
    braces_ = braces;
    cases_ = cases;
    expects_pattern_ = false;
  }

  Variables variables_;
  std::set<std::string, std::less<>> exported_;
  std::set<std::string, std::less<>> assigned_;
  const SourcedText& sources_;
  const Variables* later_;
  Expander expander_;
  ShellScript script_;
  std::vector<std::string> here_documents_;
  bool expects_pattern_ = false;
  bool exports_all_ = false;
  bool has_functions_ = false;
  bool awaits_body_ = false;
  std::size_t braces_ = 0;
  std::size_t cases_ = 0;
  std::size_t sourced_depth_ = 0;
};

}  // namespace

ShellScript read_shell_script(std::string_view text, const std::vector<EnvironmentVariable>& given,
                              const SourcedText& sources) {
  Variables known;
  std::set<std::string, std::less<>> exported;
  for (const EnvironmentVariable& variable : given) {
    known.set(variable.name, {variable.value, variable.is_unknown});
    if (exported.size() < max_variables) exported.insert(variable.name);
  }
  ScriptReader first{known, exported, sources, nullptr};
  first.read(text);
  if (!first.missed_in_function()) return first.take(given);
  // Functions are run when everything is assigned: once more, with what they know then.
  ScriptReader second{known, exported, sources, &first.variables()};
  second.read(text);
  return second.take(given);
}

std::vector<std::string> shell_words(std::string_view text,
                                     const std::vector<EnvironmentVariable>& variables) {
  Variables known;
  for (const EnvironmentVariable& variable : variables)
    known.set(variable.name, {variable.value, variable.is_unknown});
  Expander expander{known, nullptr};
  std::vector<std::string> words;
  Cursor cursor{.text = text};
  while (!cursor.ended() && !expander.is_exhausted()) {
    if (is_blank(cursor.peek()) || cursor.peek() == '\n') {
      cursor.take();
      continue;
    }
    Fields fields{true};
    expander.read_word(cursor, fields, false);
    for (std::string& word : fields.take()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace cfwarden
