#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/settings.h"
#include "cfwarden/output/rule_listing.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

namespace cfwarden {
namespace {

struct RulesFlags {
  std::string directory;
  std::string profile;
};

Result<std::vector<RuleSource>> sources_in(const std::string& directory) {
  Result<std::vector<NamedBytes>> files = read_rule_files(directory);
  if (!files) return files.error();
  std::vector<RuleSource> sources;
  for (NamedBytes& file : *files) {
    sources.push_back({std::move(file.file), std::move(file.bytes)});
  }
  return sources;
}

Result<std::vector<Rule>> rules_with(const RulesFlags& flags) {
  const Result<std::vector<RuleSource>> sources = sources_in(flags.directory);
  if (!sources) return sources.error();
  const Result<std::optional<Profile>> profile = profile_named(flags.profile, flags.directory);
  if (!profile) return Error{"--profile: " + profile.error().what, 0};
  return load_rules(*sources, Extent::whole, *profile ? &**profile : nullptr);
}

std::string built_in_file(const std::string& id) {
  return "built in: rules/" + id + ".json";
}

ExitCode list_profiles(std::ostream& out) {
  std::vector<ListedProfile> listed;
  for (const BuiltInProfile& built_in : built_in_profiles()) {
    const Result<Profile> profile = parse_profile(built_in.file, built_in.bytes);
    if (!profile) return complain(profile.error(), ExitCode::internal);
    listed.push_back(
        {.name = profile->id, .title = profile->title, .description = profile->description});
  }
  write_profile_list(listed, terminal_for("auto"), out);
  return ExitCode::ok;
}

ExitCode list_rules(const RulesFlags& flags, std::ostream& out) {
  const Result<std::vector<Rule>> rules = rules_with(flags);
  if (!rules) return complain(rules.error());
  std::vector<ListedRule> listed;
  for (const Rule& rule : *rules) {
    listed.push_back({.id = rule.id,
                      .severity = rule.severity,
                      .enabled = rule.enabled,
                      .title = rule.title,
                      .file = rule.file,
                      .built_in = rule.file == built_in_file(rule.id)});
  }
  std::ranges::sort(listed, [](const ListedRule& a, const ListedRule& b) {
    return a.severity != b.severity ? a.severity > b.severity : a.id < b.id;
  });
  write_rule_list(listed, terminal_for("auto"), out);
  return ExitCode::ok;
}

ExitCode list_facts(std::ostream& out) {
  std::vector<ListedFact> listed;
  for (const Fact& fact : all_facts()) {
    ListedFact row{.name = std::string{fact.name}, .summary = std::string{fact.summary}};
    switch (fact.type) {
      case FactType::word:
        row.type = "word";
        for (const std::string_view word : fact.words()) row.words.emplace_back(word);
        break;
      case FactType::number:
        row.type = fact.octal ? "mode" : "number";
        break;
      case FactType::text:
        row.type = fact.command ? "command" : "text";
        break;
    }
    listed.push_back(std::move(row));
  }
  write_fact_list(listed, terminal_for("auto"), out);
  return ExitCode::ok;
}

// Every file is checked, so that one run names everything that is wrong.
ExitCode check_rules(const RulesFlags& flags, std::ostream& out) {
  const Result<std::vector<RuleSource>> sources = sources_in(flags.directory);
  if (!sources) return complain(sources.error());
  if (sources->empty()) {
    return complain(flags.directory + ": holds no rule files; a rule file is named NAME.json");
  }
  ExitCode code = ExitCode::ok;
  for (const RuleSource& source : *sources) {
    const Result<std::vector<Rule>> rules = load_rules({&source, 1});
    if (!rules) {
      code = complain(rules.error());
      continue;
    }
    for (const Rule& rule : *rules) {
      if (rule.file != source.file) continue;
      const std::string failed = failed_example(rule);
      if (!failed.empty()) code = complain(source.file + ": " + failed);
    }
  }
  if (code == ExitCode::ok) {
    out << sources->size() << (sources->size() == 1 ? " rule file is" : " rule files are")
        << " sound\n";
  }
  return code;
}

}  // namespace

void add_rules_command(const Declaration& program) {
  const auto flags = std::make_shared<RulesFlags>();
  const Declaration command =
      program.command("rules", "List the rules, their vocabulary, the profiles, or check your own");
  command.needs_command();

  const Declaration list = command.command("list", "Every rule, worst first");
  list.text({.names = "--rules",
             .value = "DIR",
             .description = "Rules to add, instead of /etc/cfwarden/rules.d"},
            flags->directory);
  list.text({.names = "--profile",
             .value = "PROFILE",
             .description = "As this profile weighs them: see cfwarden rules profiles"},
            flags->profile);
  list.runs([flags](std::ostream& out) { return list_rules(*flags, out); });

  const Declaration facts = command.command("facts", "What a rule can ask");
  facts.runs(list_facts);

  const Declaration profiles =
      command.command("profiles", "Named sets of severities, for --profile");
  profiles.runs(list_profiles);

  const Declaration check = command.command("check", "Say what is wrong with the rules in DIR");
  check.required_text({.names = "DIR", .description = "A directory of rule files"},
                      flags->directory);
  check.runs([flags](std::ostream& out) { return check_rules(*flags, out); });
}

}  // namespace cfwarden
