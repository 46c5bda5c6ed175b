#include "cfwarden/rules/exception.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/fingerprint.h"
#include "cfwarden/base/glob.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::int64_t seconds_a_day = 24 * 60 * 60;
constexpr std::size_t longest_text = 1000;
constexpr std::size_t longest_glob = 4096;
constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_quoted_word = 40;

constexpr std::array keys{ExceptionKey{"rule", &Exception::rule},
                          ExceptionKey{"path", &Exception::path},
                          ExceptionKey{"host", &Exception::host},
                          ExceptionKey{"fingerprint", &Exception::fingerprint},
                          ExceptionKey{"tunnel", &Exception::tunnel},
                          ExceptionKey{"account", &Exception::account},
                          ExceptionKey{"reason", &Exception::reason},
                          ExceptionKey{"owner", &Exception::owner},
                          ExceptionKey{"expires", &Exception::expires}};

constexpr std::array<std::string_view, 4> required{"rule", "reason", "owner", "expires"};
constexpr std::array<std::string_view, 5> narrower{"path", "host", "fingerprint", "tunnel",
                                                   "account"};
constexpr std::array<std::string_view, 3> of_exceptions{"exception-expired", "exception-unused",
                                                        "exception-ends-soon"};

bool is_identifier(std::string_view text) {
  return text.size() <= longest_id && std::ranges::all_of(text, [](char c) {
           return is_lower(c) || is_upper(c) || is_digit(c) || c == '-';
         });
}

// Like a key of ours: what was pasted is not repeated.
bool is_word(std::string_view text) {
  return text.size() <= longest_quoted_word &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '_' || c == '-'; });
}

bool has_control_byte(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::optional<unsigned> number_in(std::string_view digits) {
  unsigned number = 0;
  for (const char digit : digits) {
    if (!is_digit(digit)) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  return number;
}

// "2026-12-31" and nothing else.
std::optional<std::int64_t> day_from(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number_in(text.substr(0, 4));
  const auto month = number_in(text.substr(5, 2));
  const auto day = number_in(text.substr(8, 2));
  if (!year || !month || !day || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

bool is_fingerprint(std::string_view text) {
  constexpr std::size_t digits = 16;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view hash = text.substr(colon + 1);
  return (scheme == "sha256" || scheme == "hmac") && hash.size() == digits &&
         std::ranges::all_of(hash, [](char c) { return is_hex_digit(c) && !is_upper(c); });
}

// One of a token, too, can be read as base64: what is no id is not repeated anywhere.
std::string problem_of_id(std::string_view key, std::string_view value) {
  if (key == "fingerprint") {
    return is_fingerprint(value) ? ""
                                 : "must be a fingerprint as reports give it: sha256: or hmac: and "
                                   "16 hex digits";
  }
  if (key == "tunnel") {
    const auto id = parse_uuid(value);
    return id && canonical(*id) == value ? "" : "must be a tunnel's id: a UUID in lower case";
  }
  return is_identifier(value) ? "" : "must be an id: letters, digits and hyphens, 64 at most";
}

std::string problem_of_rule(std::string_view value) {
  if (!is_identifier(value)) return "must be the name of a rule; see cfwarden rules list";
  return is_about_exceptions(value) ? "a finding about exceptions cannot be excepted" : "";
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

class ExceptionReader {
 public:
  ExceptionReader(std::string_view file, const Node& document) : file_{file}, document_{document} {}

  Result<ExceptionPtr> read() {
    if (document_.type != NodeType::object) {
      return document_error(file_, document_.line, "an exception is an object");
    }
    check_keys();
    auto exception = std::make_shared<Exception>();
    for (const ExceptionKey& key : keys) (*exception).*key.text = text(key.name);
    if (error_) return *error_;
    const std::string missing = incompleteness_of(*exception);
    if (!missing.empty()) return document_error(file_, document_.line, missing);
    exception->last_day = day_from(exception->expires).value_or(0);
    exception->file = file_;
    return ExceptionPtr{std::move(exception)};
  }

 private:
  void fail(const Node& at, std::string_view key, const std::string& what) {
    if (error_) return;
    error_ = document_error(file_, at.line, "key '" + std::string{key} + "': " + what);
  }

  void check_keys() {
    std::vector<std::string_view> known;
    for (const ExceptionKey& key : keys) known.push_back(key.name);
    for (std::size_t i = 0; i < document_.keys.size(); ++i) {
      const std::string& key = document_.keys[i];
      if (is_one_of(key, known)) continue;
      fail(document_.items[i], is_word(key) ? key : "...", unknown_among(key, known));
    }
  }

  std::string text(std::string_view key) {
    const Node* node = document_.find(key);
    if (node == nullptr) return "";
    if (node->type != NodeType::text) {
      fail(*node, key, "must be text, not " + std::string{name_of(node->type)});
      return "";
    }
    const std::string problem = exception_problem(key, node->text);
    if (!problem.empty()) fail(*node, key, problem);
    return node->text;
  }

  std::string_view file_;
  const Node& document_;
  std::optional<Error> error_;
};

}  // namespace

std::span<const ExceptionKey> exception_keys() {
  return keys;
}

std::string exception_problem(std::string_view key, std::string_view value) {
  if (value.empty()) return "must not be empty";
  if (!is_valid_utf8(value)) return "is not UTF-8; in a glob ? stands for any byte";
  if (has_control_byte(value)) return "holds a control character";
  const bool is_glob = key == "path" || key == "host";
  if (value.size() > (is_glob ? longest_glob : longest_text)) return "is too long";
  if (key == "rule") return problem_of_rule(value);
  if (key == "path") {
    const bool can_match = value.starts_with('/') || value.starts_with("**") ||
                           value.starts_with('$');  // A variable of the caller.
    return can_match ? "" : "must begin with / or **: it has to cover a whole path";
  }
  if (key == "expires") {
    return day_from(value) ? "" : "must be the last day on which it holds, as 2026-12-31";
  }
  if (is_one_of(key, narrower) && !is_glob) return problem_of_id(key, value);
  return "";
}

std::string incompleteness_of(const Exception& exception) {
  const auto is_given = [&](std::string_view name) {
    const auto key = std::ranges::find(keys, name, &ExceptionKey::name);
    return !(exception.*key->text).empty();
  };
  for (const std::string_view name : required) {
    if (!is_given(name)) return "key '" + std::string{name} + "': missing";
  }
  if (std::ranges::any_of(narrower, is_given)) return "";
  return "excepts the whole rule: give a path, host, fingerprint, tunnel or account, too";
}

Result<ExceptionPtr> parse_exception(std::string_view file, std::string_view bytes) {
  const Result<Node> document = parse_document(file, bytes);
  if (!document) return document.error();
  return ExceptionReader{file, *document}.read();
}

std::string file_text_of(const Exception& exception) {
  nlohmann::ordered_json object;
  for (const ExceptionKey& key : keys) {
    const std::string& text = exception.*key.text;
    if (!text.empty()) object[std::string{key.name}] = text;
  }
  return object.dump(2) + '\n';
}

std::string file_name_for(const Exception& exception) {
  constexpr unsigned digits = 12;
  std::string text = exception.rule;
  for (const std::string_view name : narrower) {
    const auto key = std::ranges::find(keys, name, &ExceptionKey::name);
    text += '\0' + exception.*key->text;
  }
  return exception.rule + "-" + hash_hex(text, digits) + ".json";
}

bool is_about_exceptions(std::string_view rule) {
  return is_one_of(rule, of_exceptions);
}

std::int64_t days_left(const Exception& exception, std::int64_t now) {
  const std::int64_t today = now / seconds_a_day - (now % seconds_a_day < 0 ? 1 : 0);
  return exception.last_day - today;
}

bool concerns_host(const Exception& exception, std::string_view hostname) {
  return exception.host.empty() || glob_matches(exception.host, hostname);
}

bool matches(const Exception& exception, const Finding& finding,
             const ReportedCredential* credential) {
  if (exception.rule != finding.rule) return false;
  if (!exception.path.empty() && !glob_matches(exception.path, finding.path)) return false;
  const auto is_that = [&](const std::string& wanted, const std::string& id) {
    return wanted.empty() || wanted == id;
  };
  static const Credential none;
  const Credential& found = credential == nullptr ? none : credential->credential;
  return is_that(exception.fingerprint, found.fingerprint) &&
         is_that(exception.tunnel, found.scope.tunnel) &&
         is_that(exception.account, found.scope.account);
}

}  // namespace cfwarden
