#include "cfwarden/cli/command.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/format.h"
#include "cfwarden/rules/profile.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// What the program knows of itself, for what the build makes of it: completions for shells and the
// catalogues of the man pages. A line each, cells with tabs between them; no cell holds a tab or a
// line's end. packaging/describe/*.awk read it.
namespace cfwarden {
namespace {

void write_row(std::initializer_list<std::string_view> cells, std::ostream& out) {
  bool is_first = true;
  for (const std::string_view cell : cells) {
    if (!is_first) out << '\t';
    is_first = false;
    std::string text{cell};
    std::ranges::replace_if(
        text, [](char c) { return c == '\t' || c == '\n'; }, ' ');
    out << text;
  }
  out << '\n';
}

template <typename Words>
std::string spaced(const Words& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

void write_commands(std::ostream& out) {
  for (const DeclaredCommand& command : declared_commands()) {
    write_row(
        {"command", command.name, command.needs_command ? "group" : "leaf", command.description},
        out);
    for (const DeclaredOption& option : command.options) {
      const bool is_argument = !option.names.starts_with('-');
      write_row({is_argument ? "argument" : "option", command.name, option.names, option.value,
                 spaced(option.words), option.description},
                out);
    }
  }
}

std::string_view type_of(const Fact& fact) {
  switch (fact.type) {
    case FactType::word:
      return "word";
    case FactType::number:
      return fact.octal ? "mode" : "number";
    case FactType::text:
      break;
  }
  return fact.command ? "command" : fact.identifier ? "id" : "text";
}

ExitCode describe(std::ostream& out) {
  write_commands(out);
  for (const Severity severity :
       {Severity::low, Severity::medium, Severity::high, Severity::critical}) {
    write_row({"severity", name_of(severity)}, out);
  }
  for (const BuiltInProfile& built_in : built_in_profiles()) {
    const Result<Profile> profile = parse_profile(built_in.file, built_in.bytes);
    if (!profile) return ExitCode::internal;
    write_row({"profile", profile->id, profile->title}, out);
  }
  for (const Format& format : all_formats())
    write_row({"format", format.name, format.summary}, out);
  for (const Kind& kind : all_kinds())
    write_row({"kind", kind.name, kind.title, kind.summary}, out);
  for (const Fact& fact : all_facts()) {
    const std::vector<std::string_view> words =
        fact.type == FactType::word ? fact.words() : std::vector<std::string_view>{};
    write_row({"fact", fact.name, type_of(fact), fact.summary, spaced(words)}, out);
  }
  Result<std::vector<Rule>> rules = load_rules({});
  if (!rules) return ExitCode::internal;
  std::ranges::sort(*rules, [](const Rule& a, const Rule& b) {
    return a.severity != b.severity ? a.severity > b.severity : a.id < b.id;
  });
  for (const Rule& rule : *rules) {
    write_row({"rule", rule.id, name_of(rule.severity), rule.title, rule.rationale}, out);
  }
  return ExitCode::ok;
}

}  // namespace

void add_describe_command(const Declaration& program) {
  const Declaration command =
      program.command("describe", "All that this program knows of itself, for those who build it");
  command.hide();
  command.runs(describe);
}

}  // namespace cfwarden
