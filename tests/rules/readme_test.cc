// What rules/README.md says is so: its example works, its tables are those of the program.
#include "cfwarden/rules/exception.h"
#include "cfwarden/rules/procedures.h"
#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

using namespace cfwarden;

namespace {

std::string readme() {
  std::ifstream file{CFWARDEN_TEST_DIR "/../rules/README.md"};
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

std::vector<std::string> blocks_of(const std::string& text, const std::string& language) {
  const std::string open = "```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

std::string type_of(const Fact& fact) {
  if (fact.octal) return "mode";
  switch (fact.type) {
    case FactType::word:
      return "word";
    case FactType::number:
      return "number";
    case FactType::text:
      break;
  }
  if (fact.command) return "command";
  return fact.identifier ? "id" : "text";
}

std::string row_of(const Fact& fact) {
  std::string row =
      "| `" + std::string{fact.name} + "` | " + type_of(fact) + " | " + std::string{fact.summary};
  if (fact.type == FactType::word) {
    std::string separator = ": ";
    for (const std::string_view word : fact.words()) {
      row += separator + "`" + std::string{word} + "`";
      separator = ", ";
    }
  }
  return row + " |\n";
}

}  // namespace

TEST_CASE("every JSON block of the README is a file that the program takes") {
  const std::vector<std::string> blocks = blocks_of(readme(), "json");
  CHECK(blocks.size() >= 5);
  for (const std::string& block : blocks) {
    CAPTURE(block);
    if (block.find("\"expires\"") != std::string::npos) {
      const auto exception = parse_exception("README.md", block);
      CHECK_MESSAGE(exception, (exception ? "" : exception.error().what));
      continue;
    }
    if (block.find("\"settings\"") != std::string::npos) {
      const auto profile = parse_profile("README.md", block);
      REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().what));
      CHECK(load_rules({}, Extent::verdict, &*profile));
      continue;
    }
    const RuleSource source{.file = "README.md", .bytes = block};
    const auto rules = load_rules({&source, 1});
    CHECK_MESSAGE(rules, (rules ? "" : rules.error().what));
  }
}

TEST_CASE("the README's vocabulary is the program's") {
  std::string table = "| fact | type | what it says |\n|---|---|---|\n";
  for (const Fact& fact : all_facts()) table += row_of(fact);
  CHECK_MESSAGE(readme().find(table) != std::string::npos, table);
}

TEST_CASE("the README's words for what mends a finding are the program's") {
  std::string table = "| fix | what mends it |\n|---|---|\n";
  for (const FixWord& fix : fix_words()) {
    table += "| `" + std::string{fix.name} + "` | " + std::string{fix.summary} + " |\n";
  }
  CHECK_MESSAGE(readme().find(table) != std::string::npos, table);
}

TEST_CASE("the README names every procedure") {
  const BuiltInRule source = built_in_procedures();
  const auto procedures = parse_procedures(source.file, source.bytes);
  REQUIRE(procedures);
  for (const Procedure& procedure : *procedures) {
    CAPTURE(procedure.name);
    CHECK(readme().find("`" + procedure.name + "`") != std::string::npos);
  }
}
