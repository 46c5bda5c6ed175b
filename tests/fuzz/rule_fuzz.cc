// Rule files: refused with a complaint of one printable line, or read into a rule that can be run,
// filled and explained.
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace cfwarden;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_one_line(const std::string& text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

void exercise(const Rule& rule, const FactValues& facts) {
  (void)matches(rule, facts);
  for (const std::string& text : {rule.title, rule.message, rule.expected, rule.actual}) {
    (void)fill_template(text, facts);
  }
  (void)remediation_steps(rule, facts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const Result<Rule> rule = parse_rule("rule.json", text);
  (void)parse_verdict("rule.json", text);
  if (rule) {
    demand(is_one_line(rule->title) && is_one_line(rule->message) && is_one_line(rule->rationale));
    exercise(*rule, no_facts());
    exercise(*rule, facts_of(Subject{}));
    for (const FactValues& example : rule->flags) exercise(*rule, example);
    for (const Condition& condition : rule->when) (void)text_of(condition);
    (void)failed_example(*rule);
  } else {
    demand(is_one_line(rule.error().what));
  }
  // Small ones only: the built-in rules are read along each time. Files that change one are small.
  if (size > 300) return 0;
  const RuleSource source{.file = "rule.json", .bytes = std::string{text}};
  (void)load_rules({&source, 1}, Extent::verdict);
  return 0;
}
