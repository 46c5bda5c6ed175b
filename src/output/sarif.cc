#include <nlohmann/json.hpp>

#include "cfwarden/base/concealed.h"
#include "cfwarden/base/fingerprint.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/sarif_rules.h"
#include "cfwarden/output/source_paths.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_uri = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::size_t most_results = 25'000;   // GitHub refuses a file with more.
constexpr std::size_t most_tags = 20;          // Of a rule, likewise.
constexpr std::size_t most_characters = 1024;  // Of a description, likewise.
constexpr std::string_view gap_notification = "not-read";
constexpr std::string_view source_base = "%SRCROOT%";
constexpr std::string_view host_base = "%HOSTROOT%";

bool is_running_host(const Report& report) {
  return report.root.empty() || report.root == "/";
}

ordered_json text_object(std::string text) {
  return {{"text", std::move(text)}};
}

// Viewers make links of [text](target).
std::string message_text(std::string_view text) {
  std::string result;
  for (const char c : told(text)) {
    if (c == '[' || c == ']') result += '\\';
    result += c;
  }
  return result;
}

ordered_json rule_of(const RuleText& rule) {
  ordered_json tags = {"security", "credentials"};
  std::string help_uri;
  for (const std::string& reference : rule.references) {
    const std::string tag = weakness_tag(reference);
    if (!tag.empty() && tags.size() < most_tags) tags.push_back(tag);
    if (help_uri.empty()) help_uri = uri_in(reference);
  }
  ordered_json object;
  object["id"] = told(rule.id);
  object["name"] = pascal_case(rule.id);
  object["shortDescription"] = text_object(first_characters(told(rule.title), most_characters));
  const std::string& description = rule.rationale.empty() ? rule.title : rule.rationale;
  object["fullDescription"] = text_object(first_characters(told(description), most_characters));
  if (!help_uri.empty()) object["helpUri"] = help_uri;
  object["help"] = {{"text", help_text(rule)}, {"markdown", help_markdown(rule)}};
  object["defaultConfiguration"] = {{"level", sarif_level(rule.severity)}};
  object["properties"] = {{"tags", std::move(tags)}, {"precision", "high"}};
  const std::string_view score = security_severity(rule.severity);
  if (!score.empty()) object["properties"]["security-severity"] = score;
  return object;
}

// A repository's files stand from its top on, those of another root from that directory on: what
// base an URI has is told by `originalUriBaseIds`.
ordered_json artifact_of(const std::string& path, const Report& report) {
  const std::string shown = concealed(path);
  if (const auto relative = path_in_source(shown, report)) {
    return {{"uri", uri_path(*relative)}, {"uriBaseId", source_base}};
  }
  if (is_running_host(report)) return {{"uri", "file://" + uri_path(shown)}};
  const std::string below = shown.substr(std::min(shown.find_first_not_of('/'), shown.size()));
  return {{"uri", below.empty() ? "." : uri_path(below)}, {"uriBaseId", host_base}};
}

std::string directory_uri(std::string directory) {
  if (!directory.ends_with('/')) directory += '/';
  return "file://" + uri_path(concealed(directory));
}

ordered_json bases_of(const Report& report) {
  ordered_json object = ordered_json::object();
  const std::string root = is_running_host(report) ? "" : report.root;
  if (!report.source_root.empty()) {
    object[std::string{source_base}] = {{"uri", directory_uri(root + report.source_root)}};
  }
  if (!root.empty()) object[std::string{host_base}] = {{"uri", directory_uri(root)}};
  return object;
}

// In SARIF's words.
std::string_view baseline_state(Novelty novelty) {
  switch (novelty) {
    case Novelty::fresh:
      return "new";
    case Novelty::worse:
      return "updated";
    case Novelty::known:
    case Novelty::no_baseline:
      break;
  }
  return "unchanged";
}

// A line as a whole is its first column: what stands there is not read again, and not shown.
ordered_json location_of(const Finding& finding, const Report& report) {
  const std::size_t line = std::max<std::size_t>(finding.line.value_or(1), 1);
  ordered_json object;
  object["physicalLocation"]["artifactLocation"] = artifact_of(finding.path, report);
  object["physicalLocation"]["region"] = {
      {"startLine", line}, {"startColumn", 1}, {"endLine", line}, {"endColumn", 1}};
  return object;
}

// "external": it stands in no source.
ordered_json suppression_of(const Exception& exception) {
  ordered_json object;
  object["kind"] = "external";
  object["status"] = "accepted";
  object["justification"] = told(exception.reason);
  object["properties"] = {{"owner", told(exception.owner)},
                          {"expires", told(exception.expires)},
                          {"file", told(exception.file)}};
  return object;
}

class ResultWriter {
 public:
  ResultWriter(const std::vector<RuleText>& rules, const Report& report) : report_{report} {
    for (std::size_t i = 0; i < rules.size(); ++i) rule_index_.emplace(rules[i].id, i);
    for (const ReportedCredential& found : report.credentials) {
      credentials_.emplace(found.id, &found);
    }
  }

  ordered_json result_of(const Finding& finding) {
    ordered_json object;
    object["ruleId"] = told(finding.rule);
    object["ruleIndex"] = rule_index_.at(finding.rule);
    object["level"] = sarif_level(finding.severity);
    const std::string what = finding.message.empty() ? "" : ": " + finding.message;
    object["message"] = text_object(message_text(finding.title + what));
    object["locations"] = ordered_json::array({location_of(finding, report_)});
    if (finding.novelty != Novelty::no_baseline) {
      object["baselineState"] = baseline_state(finding.novelty);
    }
    object["partialFingerprints"] = {{"primaryLocationLineHash", identity_of(finding)}};
    if (finding.exception != nullptr) {
      object["suppressions"] = ordered_json::array({suppression_of(*finding.exception)});
    }
    object["properties"] = {{"severity", name_of(finding.severity)}};
    if (const ReportedCredential* found = credential_of(finding)) {
      object["properties"]["kind"] = found->credential.kind;
      object["properties"]["readers"] = name_of(found->exposure.readers.audience);
      object["properties"]["fingerprint"] =
          json_or_null<ordered_json>(found->credential.fingerprint);
    }
    return object;
  }

 private:
  const ReportedCredential* credential_of(const Finding& finding) const {
    const auto known = credentials_.find(finding.credential);
    return known == credentials_.end() ? nullptr : known->second;
  }

  // The same as long as the same rule fires on the same secret in the same file: lines move. Of
  // several the first, the second, ... as they stand.
  std::string identity_of(const Finding& finding) {
    std::string text =
        finding.rule + '\n' + path_in_source(finding.path, report_).value_or(finding.path) + '\n';
    if (const ReportedCredential* found = credential_of(finding)) {
      text += found->credential.kind + '\n' + found->credential.fingerprint;
    }
    const std::string hash = hash_hex(text, 16);
    return hash + ":" + std::to_string(++occurrences_[hash]);
  }

  const Report& report_;
  std::map<std::string_view, std::size_t> rule_index_;
  std::map<std::string_view, const ReportedCredential*> credentials_;
  std::map<std::string, std::size_t> occurrences_;
};

ordered_json notification_of(const std::string& path, std::string_view why, const Report& report) {
  ordered_json object;
  object["descriptor"] = {{"id", gap_notification}, {"index", 0}};
  object["level"] = "error";
  object["message"] = text_object(message_text(why));
  if (!path.empty()) {
    ordered_json location;
    location["physicalLocation"]["artifactLocation"] = artifact_of(path, report);
    object["locations"] = ordered_json::array({std::move(location)});
  }
  return object;
}

// An error is what SARIF calls a condition that leaves the results incomplete.
ordered_json invocation_of(const Report& report) {
  ordered_json notifications = ordered_json::array();
  for (const Gap& gap : report.gaps) {
    notifications.push_back(notification_of(gap.path, gap.why, report));
  }
  if (report.has_only_names()) {
    notifications.push_back(notification_of("", names_told(report), report));
    notifications.back()["level"] = "warning";
  }
  if (report.interrupted) {
    notifications.push_back(notification_of("", "The run was stopped before the end.", report));
  }
  if (report.findings.size() > most_results) {
    notifications.push_back(notification_of(
        "",
        std::to_string(report.findings.size() - most_results) + " lesser findings are left out.",
        report));
  }
  ordered_json object;
  object["executionSuccessful"] = report.complete();
  object["startTimeUtc"] = json_of_time<ordered_json>(report.started);
  object["exitCode"] = report.exit_code;
  if (!report.hostname.empty()) object["machine"] = told(report.hostname);
  if (!report.user.empty()) object["account"] = told(report.user);
  object["toolExecutionNotifications"] = std::move(notifications);
  return object;
}

// Those of the report, and what any other finding says of its own.
std::vector<RuleText> rules_of(const Report& report) {
  std::vector<RuleText> rules = report.rules;
  std::set<std::string> known;
  for (const RuleText& rule : rules) known.insert(rule.id);
  for (const Finding& finding : report.findings) {
    if (!known.insert(finding.rule).second) continue;
    rules.push_back({.id = finding.rule, .severity = finding.severity, .title = finding.title});
  }
  return rules;
}

ordered_json driver_of(const std::vector<RuleText>& rules, const Report& report) {
  ordered_json object;
  object["name"] = "cfwarden";
  object["version"] = told(report.tool_version);
  object["semanticVersion"] = told(report.tool_version);
  object["rules"] = json_of_all<ordered_json>(rules, rule_of);
  ordered_json gap;
  gap["id"] = gap_notification;
  gap["name"] = "NotRead";
  gap["shortDescription"] = text_object("Something that was wanted could not be looked at.");
  gap["fullDescription"] =
      text_object("Nothing is known of it. It is not clean, and these results are incomplete.");
  gap["help"] = text_object(
      "Let it look there, as root where need be, or leave it out on purpose with --exclude.");
  gap["defaultConfiguration"] = {{"level", "error"}};
  object["notifications"] = ordered_json::array({std::move(gap)});
  return object;
}

// So that GitHub does not take the results of one for a later state of another's.
std::string_view category_of(const Report& report) {
  if (report.has_only_names()) return "cfwarden/names/";
  return report.sweep ? "cfwarden/sweep/" : "cfwarden/audit/";
}

ordered_json run_of(const Report& report) {
  const std::vector<RuleText> rules = rules_of(report);
  ordered_json object;
  object["tool"]["driver"] = driver_of(rules, report);
  object["automationDetails"] = {{"id", category_of(report)}};
  object["invocations"] = ordered_json::array({invocation_of(report)});
  if (ordered_json bases = bases_of(report); !bases.empty()) {
    object["originalUriBaseIds"] = std::move(bases);
  }
  object["columnKind"] = "utf16CodeUnits";
  object["results"] = ordered_json::array();
  ResultWriter results{rules, report};
  const std::size_t count = std::min(report.findings.size(), most_results);
  for (std::size_t i = 0; i < count; ++i) {
    object["results"].push_back(results.result_of(report.findings[i]));
  }
  return object;
}

}  // namespace

void write_sarif(const Report& report, const Terminal&, std::ostream& out) {
  ordered_json object;
  object["$schema"] = schema_uri;
  object["version"] = "2.1.0";
  object["runs"] = ordered_json::array({run_of(report)});
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
