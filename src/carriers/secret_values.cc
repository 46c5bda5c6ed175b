#include "cfwarden/carriers/secret_values.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/carriers/command_output.h"
#include "cfwarden/carriers/secret_names.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;
// Behind a colon without a blank stand paths, ports and tags more often than secrets.
constexpr std::size_t least_behind_colon = 12;
constexpr std::size_t least_behind_install = 20;  // Other words stand behind `service install`.
constexpr int most_continuations = 32;            // Lines of one value that end in a back slash.
constexpr std::size_t most_nested = 4;            // Values inside of one that outputs divide.
constexpr std::size_t least_letter_row = 16;      // Of UTF-16, seen as one letter to a NUL.

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

bool is_space(char byte) {
  return is_blank(byte) || byte == '\n';
}

bool is_quote(char byte) {
  return byte == '"' || byte == '\'';
}

// Letters beyond ASCII too: some of them fold to letters of ours.
bool is_name_byte(char byte) {
  return is_lower(byte) || is_upper(byte) || is_digit(byte) || byte == '_' || byte == '-' ||
         static_cast<unsigned char>(byte) >= 0x80;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view without_dashes(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

bool is_flag(std::string_view word) {
  return word.starts_with('-') && !without_dashes(word).empty();
}

// "$TOKEN", "${TOKEN}", "$$TOKEN", "%i", "%d/token", "{{ .Values.token }}": it leads elsewhere.
bool is_reference(std::string_view value) {
  if (value.find('\n') != npos) return false;
  if (value.starts_with('%') && value.size() >= 2 && !is_digit(value[1])) {
    const bool is_word = value.find_first_of(" =\"'") == npos;
    return value.size() == 2 || (is_word && (value[2] == '/' || value[2] == '.'));
  }
  const bool is_variable = value.starts_with('$');
  value.remove_prefix(std::min(value.find_first_not_of('$'), value.size()));
  if (value.starts_with("{{"))
    return value.find("}}") == value.size() - 2 && value.find('=') == npos;
  if (!is_variable) return false;
  const bool in_braces = value.starts_with('{');
  if (in_braces) value.remove_prefix(1);
  const auto* const name_end = std::ranges::find_if_not(value, is_name_byte);
  value.remove_prefix(static_cast<std::size_t>(name_end - value.begin()));
  if (!in_braces) return value.empty();
  return value == "}" || ((value.starts_with(":?") || value.starts_with('?')) &&
                          value.find('}') == value.size() - 1);
}

bool is_word_for_nothing(std::string_view value) {
  return is_one_of(value, {"true", "false", "yes", "no", "null", "~", "none", "None", "nil"});
}

// Finds the next of one byte, looking at no byte twice as long as it is asked from left to right.
class NextByte {
 public:
  NextByte(std::string_view text, char byte) : text_{text}, byte_{byte} {}

  std::size_t from(std::size_t at) {
    if (at < from_ || at > found_) {
      found_ = std::min(text_.find(byte_, at), text_.size());
      from_ = at;
    }
    return found_;
  }

 private:
  std::string_view text_;
  char byte_;
  std::size_t from_ = 1;  // None of it stands between here and `found_`.
  std::size_t found_ = 0;
};

struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t next = 0;  // Where to go on: behind a closing quote.
  bool needs_quotes = false;
  bool is_whole_lines = false;  // Of YAML: what is indented more than its key.
};
using Found = std::optional<Extent>;

class ValueScanner {
 public:
  explicit ValueScanner(std::string_view text)
      : text_{text},
        outputs_{command_outputs(text)},
        next_line_feed_{text, '\n'},
        next_brace_{text, '}'},
        next_back_tick_{text, '`'},
        next_single_quote_{text, '\''},
        next_double_quote_{text, '"'} {}

  std::vector<SecretValue> all() && {
    while (at_ < text_.size()) {
      if (!is_name_byte(text_[at_])) {
        step();
        continue;
      }
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
      const std::string_view word = text_.substr(begin, at_ - begin);
      if (without_dashes(word).empty()) continue;  // What begins an item of a YAML list.
      consider(begin, at_);
      previous_ = word;
      previous_end_ = begin + word.size();
      ++words_on_line_;
    }
    std::ranges::stable_sort(values_, {}, &SecretValue::begin);
    return std::move(values_);
  }

 private:
  // One byte that belongs to no name.
  void step() {
    const char byte = text_[at_++];
    if (byte == '\\' && at_ < text_.size()) {
      ++at_;
    } else if (byte == '\n') {
      begin_line();
    } else if (is_quote(byte)) {
      take_quote(byte);
    } else if (byte == '{' || byte == '[') {
      ++depth_;
    } else if ((byte == '}' || byte == ']') && depth_ > 0) {
      --depth_;
    }
    if (!is_space(byte) && byte != '#' && !is_quote(byte)) only_names_on_line_ = false;
  }

  void begin_line() {
    quote_ = '\0';
    depth_ = 0;
    words_on_line_ = 0;
    only_names_on_line_ = true;
    line_start_ = at_;
  }

  void take_quote(char byte) {
    if (quote_ == byte) {
      quote_ = '\0';
    } else if (quote_ == '\0' && !(byte == '\'' && at_ >= 2 && is_name_byte(text_[at_ - 2]))) {
      quote_ = byte;
    }
  }

  void consider(std::size_t begin, std::size_t end) {
    // A quote around the name alone is closed before the value begins.
    const char open = quote_;
    if (open != '\0' && byte_at(end) == open) quote_ = '\0';
    take_word(begin, end);
    if (at_ == end) quote_ = open;
  }

  void take_word(std::size_t begin, std::size_t end) {
    const std::string_view word = text_.substr(begin, end - begin);
    if (word == "install" && previous_ == "service") {
      const Found found = argument_behind(begin, end);
      const bool is_long = found && found->end - found->begin >= least_behind_install;
      if (is_long) add(begin, end, Bearer::position, found);
    } else if (is_flag(word)) {
      if (!names_a_secret(word)) return;
      const bool is_assigned = byte_at(end) == '=';
      add(begin, end, Bearer::flag,
          is_assigned ? assigned_value(begin, end, end + 1) : argument_behind(begin, end));
    } else if (names_a_secret(word) || is_quoted_s(begin, end)) {
      take_named(begin, end);
    }
  }

  // The secret of a token's own JSON.
  bool is_quoted_s(std::size_t begin, std::size_t end) const {
    return end - begin == 1 && (text_[begin] == 's' || text_[begin] == 'S') && begin > 0 &&
           text_[begin - 1] == '"' && (byte_at(end) == '"' || byte_at(end) == '\\');
  }

  void take_named(std::size_t begin, std::size_t end) {
    const bool is_assigned = byte_at(previous_end_) == '=' && previous_end_ + 1 == begin;
    if (is_assigned && previous_.starts_with("LoadCredential")) return;
    const Bearer bearer = bearer_of_key(text_.substr(begin, end - begin));
    const std::size_t behind = behind_closing_quote(end);
    const bool is_quoted = behind > end;
    const std::size_t at = behind_blanks(behind);
    const std::size_t separator = separator_size(at);
    if (separator == 1 && text_[at] == ':') {
      add(begin, end, bearer, keyed_value(begin, at + 1, is_quoted));
    } else if (separator > 0 && is_quoted) {
      add(begin, end, bearer, word_value(behind_blanks(at + separator)));
    } else if (separator > 0) {
      add(begin, end, Bearer::variable, assigned_value(begin, at, at + separator));
    } else if (const Pair pair = pair_behind(end); pair.value != npos) {
      add(begin, end, bearer, keyed_value(pair.key, pair.value, true));
    } else if (is_one_of(previous_, {"option", "ENV", "setenv"}) && at > end) {
      add(begin, end, Bearer::variable, word_value(at));
    }
  }

  static Bearer bearer_of_key(std::string_view name) {
    const bool is_variable =
        std::ranges::none_of(name, [](char byte) { return is_lower(byte) || byte == '-'; });
    return is_variable ? Bearer::variable : Bearer::key;
  }

  void add(std::size_t name_begin, std::size_t name_end, Bearer bearer, const Found& found) {
    if (!found || found->next <= at_) return;
    const SecretValue value{.begin = found->begin,
                            .end = found->end,
                            .bearer = bearer,
                            .name_begin = name_begin,
                            .name_end = name_end,
                            .needs_quotes = found->needs_quotes};
    const CommandOutput output = output_from(found->begin);
    // What a command prints is a reference, but its own arguments are not: they are looked at, too.
    if (output.begin < found->end && may_part(name_begin, found->end)) {
      return add_parts(value, Rest::may_be_commands);
    }
    if (is_nothing(value)) return;
    at_ = found->is_whole_lines ? found->next : resume_at(*found);
    if (!is_secret_option(name_begin, name_end, found->end)) add_parts(value, Rest::is_value);
  }

  // Values in each other are taken apart some times only: else the time would not be linear.
  bool may_part(std::size_t begin, std::size_t end) {
    if (begin >= parted_end_) nested_ = 0;
    parted_end_ = std::max(parted_end_, end);
    return nested_++ < most_nested;
  }

  bool is_nothing(const SecretValue& value) const {
    return value.begin >= value.end || is_word_for_nothing(text_of(value));
  }

  std::string_view text_of(const SecretValue& value) const {
    return text_.substr(value.begin, value.end - value.begin);
  }

  enum class Rest { is_value, may_be_commands };

  // The value without what leads elsewhere in it: commands' output, and paths of this host.
  void add_parts(const SecretValue& value, Rest rest) {
    SecretValue part = value;
    for (std::size_t at = value.begin; at < value.end;) {
      const Lead lead = lead_from(at, value.end);
      if (rest == Rest::may_be_commands && at > value.begin && begins_command(at)) return;
      part.begin = at;
      part.end = lead.begin;
      add_literal(part, at == value.begin && lead.begin == value.end ? Whole::yes : Whole::no);
      if (lead.is_output) add_spelled_out(lead, value);
      at = lead.end;
    }
  }

  struct Lead {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_output = false;
  };

  // The first in [at, end); an empty one at the end where there is none.
  Lead lead_from(std::size_t at, std::size_t end) const {
    const CommandOutput output = output_from(at);
    const std::size_t last = std::min(output.begin, end);
    for (std::size_t path = at; path < last; ++path) {
      if (text_[path] != '/' && text_[path] != '$') continue;
      if (path > at && !may_precede_path(text_[path - 1])) continue;
      const std::size_t size = host_path_size(text_.substr(path, last - path));
      if (size > 0) return {path, path + size, false};
    }
    return output.begin < end ? Lead{output.begin, output.end, true} : Lead{end, end, false};
  }

  static bool may_precede_path(char byte) {
    return is_space(byte) || std::string_view{"\"'`([{<>=,:;|&@\\"}.find(byte) != npos;
  }

  // The first that begins here or behind.
  CommandOutput output_from(std::size_t at) const {
    const auto found = std::ranges::lower_bound(outputs_, at, {}, &CommandOutput::begin);
    return found != outputs_.end() ? *found : CommandOutput{npos, npos};
  }

  // "; exec x" behind what leads elsewhere, in whatever quotes and braces.
  bool begins_command(std::size_t at) const {
    at = std::min(text_.find_first_not_of("\"'\\}", at), text_.size());
    return std::string_view{";&|<>"}.find(byte_at(at)) != npos;
  }

  enum class Whole { no, yes };

  void add_literal(SecretValue part, Whole whole) {
    if (whole == Whole::no) {
      constexpr std::string_view around = " \t\r\n\\\"'`(){}<>[],;";
      while (part.begin < part.end && around.find(text_[part.begin]) != npos) ++part.begin;
      const auto is_around = [around](char byte) {
        return around.find(byte) != npos || may_precede_path(byte);
      };
      while (part.end > part.begin && is_around(text_[part.end - 1])) --part.end;
    }
    if (is_nothing(part) || is_reference(text_of(part)) || is_default_of(text_of(part))) return;
    values_.push_back(part);
  }

  // Of "${NAME:-$(cat x)}" what stands before the command.
  static bool is_default_of(std::string_view value) {
    if (!value.starts_with("${")) return false;
    const auto* const end = std::ranges::find_if_not(value.substr(2), is_name_byte);
    return is_one_of({end, value.end()}, {"", ":", "-", ":-", "+", ":+", "?", ":?"});
  }

  // Each command is looked at once, however often it stands in others.
  void add_spelled_out(const Lead& output, const SecretValue& value) {
    const std::size_t begin = std::max(output.begin, commands_end_);
    if (begin >= output.end) return;
    commands_end_ = output.end;
    SecretValue part = value;
    for (const CommandOutput& word : words_spelled_out(text_.substr(begin, output.end - begin))) {
      part.begin = begin + word.begin;
      part.end = begin + word.end;
      values_.push_back(part);
    }
  }

  // A quote, a line that goes on, or a name without its value may be somebody's slip: what stands
  // on the lines below the name is looked at by itself, too.
  std::size_t resume_at(const Extent& extent) { return std::min(extent.next, line_end(at_)); }

  // Podman's `--secret NAME,type=env,target=TUNNEL_TOKEN` names a secret of its own store.
  bool is_secret_option(std::size_t begin, std::size_t end, std::size_t value_end) const {
    const std::string_view name = without_dashes(text_.substr(begin, end - begin));
    if (name != "secret" && name != "Secret") return false;
    const std::string_view behind = text_.substr(value_end);
    return behind.starts_with(",type=") || behind.starts_with(",target=") ||
           behind.starts_with(",uid=") || behind.starts_with(",mode=");
  }

  char byte_at(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool ends_here(std::size_t at) const { return at >= text_.size() || is_space(text_[at]); }

  std::size_t behind_blanks(std::size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
  }

  std::size_t behind_spaces(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  std::size_t behind_back_slashes(std::size_t at) const {
    while (byte_at(at) == '\\') ++at;
    return at;
  }

  std::size_t behind_closing_quote(std::size_t at) const {
    const std::size_t quote = behind_back_slashes(at);
    return is_quote(byte_at(quote)) ? quote + 1 : at;
  }

  // Of "=", ":=", "?=", "+=", "=>", ":", and in "${NAME:-" of what follows the name.
  std::size_t separator_size(std::size_t at) const {
    const std::string_view rest = text_.substr(std::min(at, text_.size()), 2);
    if (is_one_of(rest, {":=", "?=", "+=", "=>", "==", ":-", ":+", ":?"})) return 2;
    return rest.starts_with('=') || rest.starts_with(':') ? 1 : 0;
  }

  std::size_t line_end(std::size_t at) { return next_line_feed_.from(at); }

  struct Pair {
    std::size_t key = npos;
    std::size_t value = npos;
  };

  // {"name": "TUNNEL_TOKEN", "value": X}, its YAML, and <key>NAME</key><string>X</string>.
  Pair pair_behind(std::size_t end) const {
    if (text_.substr(end).starts_with("</key>")) {
      const std::size_t at = behind_spaces(end + 6);
      return text_.substr(at).starts_with("<string>") ? Pair{at, at + 8} : Pair{};
    }
    std::size_t at = behind_spaces(behind_closing_quote(end));
    if (byte_at(at) == ',') at = behind_spaces(at + 1);
    if (at == end) return {};
    at = behind_back_slashes(at);
    if (is_quote(byte_at(at))) ++at;
    if (!text_.substr(at).starts_with("value")) return {};
    const std::size_t colon = behind_blanks(behind_closing_quote(at + 5));
    return byte_at(colon) == ':' ? Pair{at, colon + 1} : Pair{};
  }

  // The next argument of a command line, of a JSON array, a YAML list or a plist.
  Found argument_behind(std::size_t begin, std::size_t end) {
    const Found found = word_behind(begin, end);
    const bool is_next_flag = found && text_.substr(found->begin).starts_with("--");
    return is_next_flag ? std::nullopt : found;
  }

  Found word_behind(std::size_t begin, std::size_t end) {
    std::size_t at = behind_closing_quote(end);
    const bool was_quoted = at > end;
    if (text_.substr(at).starts_with("</string>")) {
      at = behind_spaces(at + 9);
      return text_.substr(at).starts_with("<string>") ? element_text(at + 8) : std::nullopt;
    }
    at = behind_blanks(at);
    if ((was_quoted || depth_ > 0) && byte_at(at) == ',') {
      at = behind_spaces(at + 1);
    } else if (byte_at(at) == '\n') {
      const std::size_t item = behind_spaces(at);
      const bool is_list = begin >= 2 && is_item_start(begin) && byte_at(item) == '-';
      if (!is_list || !is_blank(byte_at(item + 1))) return std::nullopt;
      return list_item(behind_blanks(item + 1));
    } else {
      at = behind_continuations(at);
    }
    if (at == end || at >= text_.size()) return std::nullopt;
    return word_value(at);
  }

  bool is_item_start(std::size_t begin) const {
    if (is_quote(text_[begin - 1])) --begin;
    return begin >= 2 && is_blank(text_[begin - 1]) && text_[begin - 2] == '-';
  }

  // A whole item of a YAML list: its quotes, or the rest of its line.
  Found list_item(std::size_t at) {
    if (is_quote(byte_at(at))) return quoted(at, at + 1);
    return rest_of_line(at);
  }

  // Behind `\` and the line feed, as often as they come.
  std::size_t behind_continuations(std::size_t at) const {
    for (;;) {
      at = behind_blanks(at);
      const std::size_t feed = byte_at(at + 1) == '\r' ? at + 2 : at + 1;
      if (byte_at(at) != '\\' || byte_at(feed) != '\n') return at;
      at = feed + 1;
    }
  }

  Found element_text(std::size_t at) {
    const std::size_t end = std::min(text_.find('<', at), text_.size());
    return Extent{at, end, end};
  }

  // Behind the `=` of NAME=X and --flag=X, which stands behind `name_end`.
  Found assigned_value(std::size_t begin, std::size_t name_end, std::size_t at) {
    if (begin > 0 && is_quote(text_[begin - 1])) {
      const Found inside =
          is_output_at(at) || is_variable_of_command(at) ? std::nullopt : quoted(begin - 1, at);
      if (inside) return inside;
    }
    const bool is_spaced = is_blank(text_[name_end - 1]);
    const bool leads = leads_line() && text_[begin] != '-';
    const std::size_t start = behind_blanks(at);
    if (is_spaced || (leads && start > at && !is_command(start))) at = start;
    if (byte_at(at) == '[') return array(at);
    const Found word = word_value(at);
    if (!word || !leads || is_output_at(at)) return word;
    if (is_reference(text_.substr(word->begin, word->end - word->begin))) return word;
    const std::size_t rest = behind_blanks(word->next);
    if (rest == word->next || is_command(rest)) return word;
    std::size_t end = line_end(rest);
    for (int i = 0; i < most_continuations && end < text_.size() && text_[end - 1] == '\\'; ++i) {
      end = line_end(end + 1);
    }
    return Extent{at, end_without_blanks(at, end), end};
  }

  // "$(cat x)", as often quoted and escaped as can be.
  bool is_output_at(std::size_t at) const {
    const std::size_t begin = std::min(text_.find_first_not_of("\"'\\", at), text_.size());
    const std::size_t last = text_.find_first_not_of('$', begin);
    if (last == npos) return false;
    return output_from(begin).begin == (last > begin ? last - 1 : last);
  }

  // Of `sh -c 'NAME="$TOKEN" cloudflared'`: the quote around all of it holds no value.
  bool is_variable_of_command(std::size_t at) {
    at = std::min(text_.find_first_not_of("\"\\", at), text_.size());
    std::size_t end = at;
    while (!ends_here(end) && !is_quote(text_[end]) && text_[end] != '\\' && text_[end] != ';')
      ++end;
    if (end == at || !is_reference(text_.substr(at, end - at))) return false;
    const std::size_t behind = std::min(text_.find_first_not_of("\"\\", end), text_.size());
    const std::size_t rest = behind_blanks(behind);
    return rest < text_.size() && text_[rest] != '\n' && (rest > behind || text_[rest] == ';') &&
           is_command(rest);
  }

  bool leads_line() const {
    if (!only_names_on_line_ || quote_ != '\0') return false;
    return words_on_line_ == 0 ||
           (words_on_line_ == 1 && is_one_of(previous_, {"export", "set", "local", "readonly"}));
  }

  // Behind NAME=X: a command that gets the variable, rather than the rest of a value with blanks.
  bool is_command(std::size_t at) {
    const std::string_view rest = text_.substr(at, line_end(at) - at);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r"));
    constexpr std::string_view operators = ";&|<>\\)";
    return rest.empty() || operators.find(rest.front()) != npos || word.find('/') != npos ||
           word.find('=') != npos || word.find('$') != npos || word.starts_with("cloudflared") ||
           is_one_of(word, {"exec", "env", "nohup", "sudo", "su", "command", "nice", "docker",
                            "podman", "then", "setsid", "timeout", "sh", "bash"});
  }

  // Behind the colon of NAME: X.
  Found keyed_value(std::size_t key, std::size_t at, bool is_quoted) {
    const std::size_t start = is_quoted ? json_start(at) : behind_blanks(at);
    const std::size_t quote = behind_back_slashes(start);
    if (text_.substr(0, at).ends_with("<string>")) return element_text(at);
    const bool opens = is_quote(byte_at(quote)) && (quote > start || !closes_quote(quote));
    if (opens) return quoted(quote, quote + 1);
    switch (byte_at(start)) {
      case '\0':
      case '{':
        return std::nullopt;
      case '[':
        return array(start);
      case '\n':
        return next_line(key, start);
      case '|':
      case '>':
        return block(key, start);
      default:
        break;
    }
    if (is_quoted && is_json_word(byte_at(start))) return json_word(start);
    if (is_quoted || start > at) return plain(key, start);
    if (std::string_view{"/.~"}.find(byte_at(start)) != npos) return std::nullopt;
    const Found word = word_value(start);
    const bool is_short = word && word->end - word->begin < least_behind_colon;
    return is_short && previous_ != "SetCredential" ? std::nullopt : word;
  }

  // JSON may begin a value on a line of its own.
  std::size_t json_start(std::size_t at) const {
    const std::size_t start = behind_spaces(at);
    const char byte = byte_at(behind_back_slashes(start));
    return byte == '"' || byte == '[' || is_json_word(byte) ? start : behind_blanks(at);
  }

  static bool is_json_word(char byte) { return is_digit(byte) || byte == '-'; }

  Found json_word(std::size_t at) const {
    std::size_t end = at;
    while (!ends_here(end) && std::string_view{",]}\"'\\"}.find(text_[end]) == npos) ++end;
    return Extent{at, end, end, true};
  }

  // A plain scalar of YAML, or whatever else runs to the end of its line.
  Found plain(std::size_t key, std::size_t at) {
    const Extent line = rest_of_line(at);
    if (line.next < line_end(at)) return line;
    const std::size_t end = end_of_deeper_lines(key, line.next, Deeper::texts);
    return end > line.next ? Extent{at, end, end, false, true} : line;
  }

  Found next_line(std::size_t key, std::size_t at) {
    const std::size_t end = end_of_deeper_lines(key, at, Deeper::texts);
    if (end <= at) return std::nullopt;
    const std::size_t begin = behind_spaces(at);
    return Extent{begin, end, end, false, true};
  }

  Found block(std::size_t key, std::size_t at) {
    const std::size_t header_end = line_end(at);
    const std::string_view header = text_.substr(at + 1, header_end - at - 1);
    if (header.find_first_not_of("+-0123456789 \t\r") < header.find('#')) return plain(key, at);
    const std::size_t end = end_of_deeper_lines(key, header_end, Deeper::all);
    if (end <= header_end) return std::nullopt;
    const std::size_t begin = behind_spaces(header_end);
    return Extent{begin, end, end, false, true};
  }

  enum class Deeper { all, texts };

  // The end of the lines below that are indented more than the key is. `at` stands at a line feed.
  std::size_t end_of_deeper_lines(std::size_t key, std::size_t at, Deeper what) {
    const std::optional<std::size_t> indent = indent_of(key);
    if (!indent) return at;
    std::size_t end = at;
    while (at < text_.size()) {
      const std::size_t start = at + 1;
      const std::size_t first = behind_blanks(std::min(start, text_.size()));
      if (first >= text_.size()) break;
      at = line_end(start);
      if (first >= at) {
        if (what == Deeper::texts) break;
        continue;
      }
      if (first - start <= *indent) break;
      if (what == Deeper::texts && is_structure(text_.substr(first, at - first))) break;
      end = end_without_blanks(first, at);
    }
    return end;
  }

  static bool is_structure(std::string_view line) {
    return line.starts_with("- ") || line.starts_with('#') || line.starts_with('{') ||
           line.find(": ") != npos || line.ends_with(':') || line.ends_with(":\r");
  }

  // The column of a key that is the first on its line: this one, or one below it.
  std::optional<std::size_t> indent_of(std::size_t key) {
    if (key < line_end(line_start_)) {
      return only_names_on_line_ && words_on_line_ == 0 && key >= line_start_
                 ? std::optional{key - line_start_}
                 : std::nullopt;
    }
    return key - text_.rfind('\n', key) - 1;
  }

  Extent rest_of_line(std::size_t at) {
    const std::size_t last = line_end(at);
    std::size_t end = at;
    while (end < last && !ends_flow(end)) ++end;
    return {at, end_without_blanks(at, end), end};
  }

  // A comma, bracket or quote that ends a plain value inside of brackets or quotes.
  bool ends_flow(std::size_t at) const {
    const char byte = text_[at];
    if (closes_quote(at)) return true;
    if (depth_ == 0) return false;
    return byte == '}' || byte == ']' ||
           (byte == ',' && (ends_here(at + 1) || is_quote(byte_at(at + 1))));
  }

  std::size_t end_without_blanks(std::size_t begin, std::size_t end) const {
    while (end > begin && is_blank(text_[end - 1])) --end;
    return end;
  }

  // The numbers of a secret that is written byte by byte.
  Found array(std::size_t at) {
    const std::size_t begin = behind_spaces(at + 1);
    std::size_t end = begin;
    while (end < text_.size() &&
           (is_digit(text_[end]) || is_space(text_[end]) || text_[end] == ','))
      ++end;
    if (end == begin || byte_at(end) != ']') return std::nullopt;
    std::size_t last = end;
    while (last > begin && is_space(text_[last - 1])) --last;
    return Extent{begin, last, end, true};
  }

  // Up to the quote that closes the one at `quote`, which the same number of back slashes precedes.
  Found quoted(std::size_t quote, std::size_t begin) {
    const char byte = text_[quote];
    std::size_t slashes = 0;
    while (slashes < quote && text_[quote - slashes - 1] == '\\') ++slashes;
    bool& exhausted = exhausted_[byte == '"' ? 0 : 1][std::min<std::size_t>(slashes, 3)];
    if (exhausted) return std::nullopt;
    for (std::size_t at = std::max(begin, quote + 1); at < text_.size(); ++at) {
      if (text_[at] == '\\' && (byte == '"' || slashes > 0)) {
        const std::size_t end = behind_back_slashes(at);
        const std::size_t here = end - at;
        if (byte_at(end) == byte && here % (2 * (slashes + 1)) <= slashes && slashes > 0)
          return Extent{begin, at, end + 1};
        at = byte_at(end) == byte && here % 2 == 1 ? end : end - 1;
      } else if (text_[at] == byte) {
        if (byte == '\'' && byte_at(at + 1) == byte && slashes == 0) {
          ++at;
          continue;
        }
        return Extent{begin, at, at + 1};
      }
    }
    exhausted = true;
    return std::nullopt;
  }

  // One word, as a shell, systemd or a list of NAME=X has them.
  Found word_value(std::size_t at) {
    const std::size_t behind = behind_back_slashes(at);
    if (is_quote(byte_at(behind)) && !closes_quote(at)) {
      const Found inside = quoted(behind, behind + 1);
      if (inside && ends_word(inside->next)) return inside;
      if (inside) return Extent{at, word_end(inside->next), word_end(inside->next)};
    }
    const std::size_t end = word_end(at);
    return end > at ? Found{Extent{at, end, end}} : std::nullopt;
  }

  std::size_t word_end(std::size_t at) {
    int continuations = 0;
    while (at < text_.size() && !ends_word(at)) {
      const std::size_t behind = behind_piece(at);
      if (text_[at] == '\\' && behind <= text_.size() && text_[behind - 1] == '\n' &&
          ++continuations > most_continuations) {
        break;
      }
      at = behind;
    }
    return std::min(at, text_.size());
  }

  // Behind one byte of a word, or what it opens on this line.
  std::size_t behind_piece(std::size_t at) {
    const char byte = text_[at];
    const std::string_view two = text_.substr(at, 2);
    std::size_t closing = npos;
    if (byte == '\\') {
      return at + (byte_at(at + 1) == '\r' && byte_at(at + 2) == '\n' ? 3 : 2);
    }
    if (two == "${" || two == "{{") {
      closing = next_brace_.from(at);
      if (byte_at(closing + 1) == '}') ++closing;
    } else if (two == "$(") {
      closing = output_from(at).end - 1;
    } else if (byte == '`') {
      closing = next_back_tick_.from(at + 1);
    } else if (byte == '\'') {
      closing = next_single_quote_.from(at + 1);
    } else if (byte == '"') {
      closing = next_double_quote_.from(at + 1);
    } else {
      return at + 1;
    }
    return closing < line_end(at) ? closing + 1 : at + 1;
  }

  bool ends_word(std::size_t at) {
    if (ends_here(at)) return true;
    const char byte = text_[at];
    const char next = byte_at(at + 1);
    const bool last = ends_here(at + 1) || next == '\0';
    switch (byte) {
      case '\0':
        return true;
      case '\\':
        if (next == '\n') return ends_here(at + 2);
        if (next == '\r' && byte_at(at + 2) == '\n') return ends_here(at + 3);
        return is_quote(next) && quote_ == next && closes_something(at + 2);
      case '"':
      case '\'':
        return closes_quote(at);
      case ',':
        return last || depth_ > 0 || is_quote(next) || is_assignment(at + 1);
      case ']':
      case '}':
        return last || depth_ > 0 || closes_something(at + 1);
      case ')':
        return closes_something(at + 1);
      case ';':
      case '|':
        return last || next == byte || is_quote(next);
      case '&':
        return last || next == byte || is_assignment(at + 1);
      case '<':
        return next == '/' || next == '<';
      default:
        return false;
    }
  }

  // Whether a quote is open is a guess: what goes on like a word behind this one opens it anew.
  bool closes_quote(std::size_t at) const {
    return quote_ != '\0' && byte_at(at) == quote_ && closes_something(at + 1);
  }

  bool closes_something(std::size_t at) const {
    return ends_here(at) || std::string_view{",;:)]}\"'"}.find(text_[at]) != npos;
  }

  bool is_assignment(std::size_t at) const {
    const std::size_t start = at;
    while (at < text_.size() && is_name_byte(text_[at])) ++at;
    return at > start && !is_digit(text_[start]) && byte_at(at) == '=' && !ends_here(at + 1);
  }

  std::string_view text_;
  std::vector<CommandOutput> outputs_;
  std::size_t at_ = 0;
  std::vector<SecretValue> values_;
  std::size_t parted_end_ = 0;    // Of the last value that outputs divide,
  std::size_t nested_ = 0;        // how many stand in it,
  std::size_t commands_end_ = 0;  // and of the commands that were looked at.
  std::string_view previous_;     // The name before.
  std::size_t previous_end_ = 0;
  std::size_t line_start_ = 0;
  std::size_t words_on_line_ = 0;
  bool only_names_on_line_ = true;
  char quote_ = '\0';                               // The quote that is open on this line.
  std::size_t depth_ = 0;                           // The brackets that are open on this line.
  std::array<std::array<bool, 4>, 2> exhausted_{};  // No such quote closes any more.
  NextByte next_line_feed_;
  NextByte next_brace_;
  NextByte next_back_tick_;
  NextByte next_single_quote_;
  NextByte next_double_quote_;
};

// One string of a NUL-separated text.
struct Record {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// /proc/PID/cmdline and /proc/PID/environ: an argument or a variable ends at its NUL only.
class RecordScanner {
 public:
  explicit RecordScanner(std::string_view text) : text_{text} {}

  std::vector<SecretValue> all() && {
    for (std::size_t begin = 0; begin <= text_.size();) {
      const std::size_t end = std::min(text_.find('\0', begin), text_.size());
      take({begin, end});
      begin = end + 1;
    }
    end_row();
    return std::move(values_);
  }

 private:
  std::string_view text_of(const Record& record) const {
    return text_.substr(record.begin, record.end - record.begin);
  }

  void take(const Record& record) {
    if (record.end - record.begin == 1) {
      if (row_letters_++ == 0) row_.begin = record.begin;
      row_.end = record.end;
    } else if (record.end > record.begin) {
      end_row();
      take_string(record);
    }
    before_last_ = last_;
    last_ = record;
  }

  // UTF-16 looks like many strings of one letter.
  void end_row() {
    if (row_letters_ >= least_letter_row) {
      values_.push_back({.begin = row_.begin, .end = row_.end, .bearer = Bearer::key});
    }
    row_letters_ = 0;
  }

  void take_string(const Record& record) {
    const std::string_view text = text_of(record);
    const std::string_view last = text_of(last_);
    const bool is_installed = last == "install" && text_of(before_last_) == "service";
    const bool is_flags = is_flag(last) && last.find('=') == npos && names_a_secret(last);
    if (is_installed || (is_flags && !text.starts_with("--"))) {
      add(record.begin, record, last_, is_installed ? Bearer::position : Bearer::flag);
      return;
    }
    const std::size_t name_end = std::min(text.find('='), text.size());
    const std::string_view name = text.substr(0, name_end);
    const bool is_assigned = name_end < text.size() && std::ranges::all_of(name, is_name_byte);
    if (is_assigned && names_a_secret(name) && !is_shell_text(last, text.substr(name_end + 1))) {
      add(record.begin + name_end + 1, record, {record.begin, record.begin + name_end},
          is_flag(name) ? Bearer::flag : Bearer::variable);
      return;
    }
    for (SecretValue value : ValueScanner{text}.all()) {
      value.begin += record.begin;
      value.end += record.begin;
      value.name_begin += record.begin;
      value.name_end += record.begin;
      values_.push_back(value);
    }
  }

  // `sh -c 'TUNNEL_TOKEN=$(cat x) cloudflared'`.
  static bool is_shell_text(std::string_view last, std::string_view value) {
    const bool is_command = last.size() <= 4 && last.starts_with('-') && last.ends_with('c');
    return is_command && value.find_first_of("$`") <= 1;
  }

  void add(std::size_t begin, const Record& record, const Record& name, Bearer bearer) {
    const std::string_view value = text_.substr(begin, record.end - begin);
    if (value.empty() || is_word_for_nothing(value)) return;
    values_.push_back({.begin = begin,
                       .end = record.end,
                       .bearer = bearer,
                       .name_begin = name.begin,
                       .name_end = name.end});
  }

  std::string_view text_;
  std::vector<SecretValue> values_;
  Record before_last_;
  Record last_;
  Record row_;
  std::size_t row_letters_ = 0;
};

}  // namespace

std::vector<SecretValue> secret_values(std::string_view text) {
  if (text.find('\0') != npos) return RecordScanner{text}.all();
  return ValueScanner{text}.all();
}

}  // namespace cfwarden
