#include "cfwarden/base/ascii.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/placeholders.h"
#include "cfwarden/rules/procedures.h"
#include "cfwarden/rules/rule.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace cfwarden {
namespace {

constexpr std::size_t longest_quoted_word = 40;
constexpr std::size_t longest_id = 64;

constexpr std::array<std::string_view, 14> rule_keys{
    "id",       "severity", "enabled",   "title",       "when",       "fix",   "message",
    "expected", "actual",   "rationale", "remediation", "references", "flags", "passes"};

enum class Presence { required, optional };

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > longest_id || !is_lower(text.front())) return false;
  if (text.back() == '-' || text.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

// Only what looks like a word of the format is repeated: somebody may point at the wrong file.
std::string shown_word(std::string_view word) {
  const bool is_word =
      !word.empty() && word.size() <= longest_quoted_word && std::ranges::all_of(word, [](char c) {
        return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
      });
  return is_word ? "'" + std::string{word} + "': " : "this word: ";
}

std::vector<std::string_view> fact_names() {
  std::vector<std::string_view> names;
  for (const Fact& fact : all_facts()) names.push_back(fact.name);
  return names;
}

template <class E>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const auto& word : words_of<E>()) names.push_back(word.name);
  return names;
}

// "0640": four octal digits, so that nobody's 640 is read as decimal.
std::optional<double> mode_from(std::string_view text) {
  if (text.size() != 4) return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  return mode;
}

// Reads one rule out of its document. The first problem is kept, the rest is skipped.
class RuleReader {
 public:
  RuleReader(std::string_view file, const Node& document) : file_{file}, document_{document} {}

  Result<Rule> read(Extent extent);

 private:
  void read_explanation(Rule& rule);

  void fail(const Node& at, const std::string& what) {
    if (!error_) error_ = document_error(file_, at.line, what);
  }
  void fail(const Node& at, std::string_view key, const std::string& what) {
    fail(at, "key '" + std::string{key} + "': " + what);
  }

  void check_keys(const Node& object, std::span<const std::string_view> known);
  const Node* member(std::string_view key, NodeType type, Presence presence);
  bool has_type(const Node& node, std::string_view key, NodeType type);

  void check_text(const Node& node, std::string_view key);
  std::string text(std::string_view key, Presence presence);
  std::string template_text(std::string_view key, Presence presence);
  std::vector<std::string> texts(std::string_view key, Presence presence);
  std::vector<std::string> steps(std::string_view key);
  std::string word(std::string_view key, std::span<const std::string_view> known);
  std::string id();
  bool enabled();

  std::vector<Condition> conditions();
  void add_conditions(const Fact& fact, const Node& test, std::vector<Condition>& conditions);
  Condition condition(const Fact& fact, const Node& test);
  std::vector<std::string> words(const Fact& fact, const Node& list);
  std::optional<double> bound(const Fact& fact, const Node& test, std::string_view key);
  double number(const Fact& fact, const Node& node, std::string_view key);
  const Fact* fact_named(std::string_view name, const Node& at);

  std::vector<FactValues> examples(std::string_view key);
  FactValues example(const Node& object);
  FactValue example_value(const Fact& fact, const Node& node);

  std::string_view file_;
  const Node& document_;
  std::optional<Error> error_;
};

Result<Rule> RuleReader::read(Extent extent) {
  if (document_.type != NodeType::object) {
    fail(document_, "a rule is an object");
    return *error_;
  }
  check_keys(document_, rule_keys);
  std::vector<std::string_view> fixes;
  for (const FixWord& fix : fix_words()) fixes.push_back(fix.name);

  Rule rule;
  rule.id = id();
  rule.severity =
      from_name<Severity>(word("severity", names_of<Severity>())).value_or(Severity::info);
  rule.enabled = enabled();
  rule.title = text("title", Presence::required);
  rule.when = conditions();
  rule.fix = word("fix", fixes);
  rule.message = template_text("message", Presence::required);
  rule.expected = template_text("expected", Presence::optional);
  rule.actual = template_text("actual", Presence::optional);
  rule.file = file_;
  if (extent == Extent::whole) read_explanation(rule);
  if (error_) return *error_;
  return rule;
}

void RuleReader::read_explanation(Rule& rule) {
  rule.rationale = text("rationale", Presence::required);
  rule.remediation = steps("remediation");
  rule.references = texts("references", Presence::optional);
  rule.flags = examples("flags");
  rule.passes = examples("passes");
}

void RuleReader::check_keys(const Node& object, std::span<const std::string_view> known) {
  for (std::size_t i = 0; i < object.keys.size(); ++i) {
    const std::string& key = object.keys[i];
    if (std::ranges::find(known, key) != known.end()) continue;
    fail(object.items[i], printable(key.substr(0, longest_quoted_word)), unknown_among(key, known));
  }
}

bool RuleReader::has_type(const Node& node, std::string_view key, NodeType type) {
  if (node.type == type) return true;
  fail(node, key,
       "must be " + std::string{name_of(type)} + ", not " + std::string{name_of(node.type)});
  return false;
}

const Node* RuleReader::member(std::string_view key, NodeType type, Presence presence) {
  const Node* found = document_.find(key);
  if (found != nullptr) return has_type(*found, key, type) ? found : nullptr;
  if (presence == Presence::required) fail(document_, key, "missing");
  return nullptr;
}

// Rules end up on terminals and in logs: no control bytes.
void RuleReader::check_text(const Node& node, std::string_view key) {
  if (node.text.empty()) fail(node, key, "must not be empty");
  const bool is_clean = std::ranges::all_of(node.text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
  if (!is_clean) fail(node, key, "holds a control character");
}

std::string RuleReader::text(std::string_view key, Presence presence) {
  const Node* node = member(key, NodeType::text, presence);
  if (node == nullptr) return "";
  check_text(*node, key);
  return node->text;
}

std::string RuleReader::template_text(std::string_view key, Presence presence) {
  std::string text_found = text(key, presence);
  const std::string problem = template_problem(text_found, TemplateUse::prose);
  if (!problem.empty()) fail(*document_.find(key), key, problem);
  return text_found;
}

std::vector<std::string> RuleReader::texts(std::string_view key, Presence presence) {
  std::vector<std::string> all;
  const Node* list = member(key, NodeType::list, presence);
  if (list == nullptr) return all;
  if (list->items.empty()) fail(*list, key, "must not be empty");
  for (const Node& item : list->items) {
    if (!has_type(item, key, NodeType::text)) continue;
    check_text(item, key);
    all.push_back(item.text);
  }
  return all;
}

// A step is text, or a list: prose, then commands.
std::vector<std::string> RuleReader::steps(std::string_view key) {
  std::vector<std::string> all;
  const Node* list = member(key, NodeType::list, Presence::required);
  if (list == nullptr) return all;
  if (list->items.empty()) fail(*list, key, "must not be empty");
  for (const Node& item : list->items) {
    const std::optional<std::string> step = lines_of(item);
    if (!step) {
      fail(item, key, "a step is text or a list of lines");
      continue;
    }
    if (item.type == NodeType::text) check_text(item, key);
    for (const Node& line : item.items) check_text(line, key);
    const std::string problem = step_problem(*step);
    if (!problem.empty()) fail(item, key, problem);
    all.push_back(*step);
  }
  return all;
}

std::string RuleReader::word(std::string_view key, std::span<const std::string_view> known) {
  const Node* node = member(key, NodeType::text, Presence::required);
  if (node == nullptr) return "";
  if (std::ranges::find(known, node->text) == known.end()) {
    fail(*node, key, shown_word(node->text) + unknown_among(node->text, known));
  }
  return node->text;
}

std::string RuleReader::id() {
  const Node* node = member("id", NodeType::text, Presence::required);
  if (node == nullptr) return "";
  if (!is_id(node->text)) {
    fail(*node, "id", "must be lower-case words joined by hyphens, 64 characters at most");
  }
  return node->text;
}

bool RuleReader::enabled() {
  const Node* node = member("enabled", NodeType::boolean, Presence::optional);
  return node == nullptr || node->boolean;
}

std::vector<Condition> RuleReader::conditions() {
  std::vector<Condition> all;
  const Node* when = member("when", NodeType::object, Presence::required);
  if (when == nullptr) return all;
  if (when->items.empty()) fail(*when, "when", "must hold a condition");
  for (std::size_t i = 0; i < when->items.size(); ++i) {
    const Node& test = when->items[i];
    const Fact* fact = fact_named(when->keys[i], test);
    if (fact != nullptr && has_type(test, fact->name, NodeType::object)) {
      add_conditions(*fact, test, all);
    }
  }
  return all;
}

const Fact* RuleReader::fact_named(std::string_view name, const Node& at) {
  const Fact* fact = find_fact(name);
  if (fact == nullptr) {
    fail(at, "fact '" + printable(name.substr(0, longest_quoted_word)) +
                 "': " + unknown_among(name, fact_names()));
  }
  return fact;
}

std::span<const std::string_view> tests_of(const Fact& fact) {
  static constexpr std::array<std::string_view, 2> of_word{"any_of", "not"};
  static constexpr std::array<std::string_view, 3> of_number{"at_least", "at_most", "not"};
  static constexpr std::array<std::string_view, 2> of_text{"glob", "not"};
  switch (fact.type) {
    case FactType::word:
      return of_word;
    case FactType::number:
      return of_number;
    case FactType::text:
      break;
  }
  return of_text;
}

// {"glob": "*.pem", "not": {"glob": "/root/*"}} is two conditions.
void RuleReader::add_conditions(const Fact& fact, const Node& test,
                                std::vector<Condition>& conditions) {
  const std::span<const std::string_view> known = tests_of(fact);
  check_keys(test, known);
  const Node* negated = test.find("not");
  const std::size_t own_tests = test.items.size() - (negated != nullptr ? 1 : 0);
  if (test.items.empty()) {
    fail(test, fact.name, "must hold a test: " + std::string{known.front()} + " or not");
  }
  if (own_tests > 0) conditions.push_back(condition(fact, test));
  if (negated == nullptr || !has_type(*negated, "not", NodeType::object)) return;
  check_keys(*negated, known.first(known.size() - 1));
  if (negated->items.empty()) fail(*negated, "not", "must hold a test");
  Condition inverse = condition(fact, *negated);
  inverse.negated = true;
  conditions.push_back(std::move(inverse));
}

Condition RuleReader::condition(const Fact& fact, const Node& test) {
  Condition read;
  read.fact = &fact;
  if (const Node* list = test.find("any_of"); list != nullptr) read.any_of = words(fact, *list);
  read.at_least = bound(fact, test, "at_least");
  read.at_most = bound(fact, test, "at_most");
  if (read.at_least && read.at_most && *read.at_least > *read.at_most) {
    fail(test, fact.name, "at_least is more than at_most");
  }
  if (const Node* glob = test.find("glob");
      glob != nullptr && has_type(*glob, "glob", NodeType::text)) {
    check_text(*glob, "glob");
    read.glob = glob->text;
  }
  return read;
}

std::vector<std::string> RuleReader::words(const Fact& fact, const Node& list) {
  std::vector<std::string> all;
  if (fact.type != FactType::word || !has_type(list, "any_of", NodeType::list)) return all;
  if (list.items.empty()) fail(list, "any_of", "must not be empty");
  const std::vector<std::string_view> known = fact.words();
  for (const Node& item : list.items) {
    if (!has_type(item, fact.name, NodeType::text)) continue;
    if (std::ranges::find(known, item.text) == known.end()) {
      fail(item, fact.name, shown_word(item.text) + unknown_among(item.text, known));
    }
    all.push_back(item.text);
  }
  return all;
}

std::optional<double> RuleReader::bound(const Fact& fact, const Node& test, std::string_view key) {
  const Node* node = test.find(key);
  if (node == nullptr || fact.type != FactType::number) return std::nullopt;
  return number(fact, *node, key);
}

double RuleReader::number(const Fact& fact, const Node& node, std::string_view key) {
  if (!fact.octal) return has_type(node, key, NodeType::number) ? node.number : 0;
  const auto mode = node.type == NodeType::text ? mode_from(node.text) : std::nullopt;
  if (!mode) {
    fail(node, key,
         std::string{fact.name} + " is a mode: write four octal digits in quotes, \"0640\"");
  }
  return mode.value_or(0);
}

std::vector<FactValues> RuleReader::examples(std::string_view key) {
  std::vector<FactValues> all;
  const Node* list = member(key, NodeType::list, Presence::required);
  if (list == nullptr) return all;
  if (list->items.empty()) fail(*list, key, "must hold an example");
  for (const Node& item : list->items) {
    if (has_type(item, key, NodeType::object)) all.push_back(example(item));
  }
  return all;
}

FactValues RuleReader::example(const Node& object) {
  FactValues values = no_facts();
  for (std::size_t i = 0; i < object.items.size(); ++i) {
    const Fact* fact = fact_named(object.keys[i], object.items[i]);
    if (fact == nullptr) continue;
    const auto row = static_cast<std::size_t>(fact - all_facts().data());
    values.values[row] = example_value(*fact, object.items[i]);
  }
  return values;
}

FactValue RuleReader::example_value(const Fact& fact, const Node& node) {
  if (fact.type == FactType::number) return number(fact, node, fact.name);
  if (!has_type(node, fact.name, NodeType::text)) return {};
  if (fact.type == FactType::word) {
    const std::vector<std::string_view> known = fact.words();
    if (std::ranges::find(known, node.text) == known.end()) {
      fail(node, fact.name, shown_word(node.text) + unknown_among(node.text, known));
    }
  }
  return node.text;
}

}  // namespace

Result<Rule> parse_rule(std::string_view file, std::string_view bytes) {
  const Result<Node> document = parse_document(file, bytes);
  if (!document) return document.error();
  return RuleReader{file, *document}.read(Extent::whole);
}

Result<Rule> parse_verdict(std::string_view file, std::string_view bytes) {
  const Result<Node> document = parse_document(file, bytes, "rationale");
  if (!document) return document.error();
  return RuleReader{file, *document}.read(Extent::verdict);
}

}  // namespace cfwarden
