#include "cfwarden/app/exceptions.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/base/path.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/exception.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

constexpr std::size_t depth_of_default_directory = 2;

// They compare what was looked at with all the rest of the host.
constexpr std::array<std::string_view, 4> rules_of_whole_hosts{
    "account-certificate-on-connector", "credential-needed-by-nobody", "same-secret-elsewhere",
    "service-cannot-read"};

constexpr std::string_view rule_of_git = "credential-tracked-by-git";
constexpr std::string_view rule_of_staged = "credential-staged";
// Of what only a sweep comes upon: logs, histories, scripts.
constexpr std::string_view rules_of_sorts = "credential-in-";

constexpr std::string_view anywhere = "**";

// One that names no path means every path of the host.
std::string_view glob_of(const Exception& exception) {
  return exception.path.empty() ? anywhere : std::string_view{exception.path};
}

// What all it can match begins with.
std::string_view literal_of(std::string_view glob) {
  return glob.substr(0, glob.find_first_of("*?"));
}

bool is_literal(std::string_view glob) {
  return literal_of(glob) == glob;
}

// The directory that all it can match lies in.
std::string_view directory_of_glob(std::string_view glob) {
  const std::string_view literal = literal_of(glob);
  const std::string_view above = literal.substr(0, literal.rfind('/'));
  return above.empty() ? "/" : above;
}

std::string_view where_it_is(std::string_view glob) {
  return is_literal(glob) ? glob : directory_of_glob(glob);
}

// As far as can be told: rather once too often.
bool may_meet(std::string_view glob, const std::string& excluded) {
  if (is_literal(glob)) return is_excluded(glob, {&excluded, 1});
  if (excluded.find('/') == std::string::npos) return true;
  const std::string_view a = literal_of(glob);
  const std::string_view b = literal_of(excluded);
  return a.starts_with(b) || b.starts_with(a);
}

bool may_meet(std::string_view glob, const SkippedFileSystem& skipped) {
  if (skipped.why == "kernel interface") return false;
  const std::string_view where = where_it_is(glob);
  return lies_in(where, skipped.path) || (!is_literal(glob) && lies_in(skipped.path, where));
}

bool was_left_out(std::string_view glob, const Report& report) {
  const auto meets = [glob](const auto& left_out) { return may_meet(glob, left_out); };
  return std::ranges::any_of(report.left_out.excludes, meets) ||
         (report.sweep && std::ranges::any_of(report.sweep->skipped, meets));
}

bool covers_by_sweep(const Place& place, std::string_view glob) {
  return lies_in(where_it_is(glob), place.path);
}

// An audit looks into every file of a default directory, so deep, and elsewhere at names.
bool covers_by_audit(const Place& place, std::string_view glob) {
  if (glob == place.path) return true;
  if (place.kind != PlaceKind::default_directory || !lies_in(where_it_is(glob), place.path)) {
    return false;
  }
  if (glob.find("**") != std::string_view::npos) return false;
  const auto below = glob.substr(place.path.size());
  return static_cast<std::size_t>(std::ranges::count(below, '/')) <= depth_of_default_directory;
}

bool is_asked_of_credentials(std::string_view rule) {
  const std::string file = "built in: rules/" + std::string{rule} + ".json";
  const auto found = std::ranges::find(built_in_rules(), file, &BuiltInRule::file);
  return found != built_in_rules().end() && found->subjects.starts_with("credential ");
}

bool is_limited(const Audit& audit) {
  if (audit.of_one_account || !audit.report.sees_all_homes) return true;
  return std::ranges::any_of(audit.report.places, [](const Place& place) {
    return place.kind == PlaceKind::argument && place.path != "/";
  });
}

bool was_asked(std::string_view rule, const Audit& audit) {
  const bool is_off = std::ranges::any_of(
      audit.rules, [rule](const Rule& one) { return one.id == rule && !one.enabled; });
  if (is_off || rule == rule_of_staged) return false;
  const std::optional<SweptReport>& sweep = audit.report.sweep;
  if (!sweep) return rule != rule_of_git && !rule.starts_with(rules_of_sorts);
  if (sweep->staged || !is_asked_of_credentials(rule)) return false;
  return rule != rule_of_git || sweep->asked_git;
}

bool can_be_told(const Exception& exception, const Audit& audit) {
  if (!audit.report.complete() || !was_asked(exception.rule, audit)) return false;
  const bool needs_all =
      exception.path.empty() ||
      std::ranges::find(rules_of_whole_hosts, exception.rule) != rules_of_whole_hosts.end();
  if (needs_all && is_limited(audit)) return false;
  return !was_left_out(glob_of(exception), audit.report);
}

bool was_looked_at(const Exception& exception, const Audit& audit) {
  if (!can_be_told(exception, audit)) return false;
  const Report& report = audit.report;
  if (exception.path.empty()) return true;
  return std::ranges::any_of(report.places, [&](const Place& place) {
    const bool is_known = place.state == PlaceState::looked_at || place.state == PlaceState::absent;
    if (!is_known) return false;
    return report.sweep ? covers_by_sweep(place, exception.path)
                        : covers_by_audit(place, exception.path);
  });
}

using ByRule = std::map<std::string_view, std::vector<ExceptionFacts*>>;

ByRule exceptions_by_rule(std::vector<Subject>& subjects) {
  ByRule by_rule;
  for (Subject& subject : subjects) {
    if (subject.exception)
      by_rule[subject.exception->exception->rule].push_back(&*subject.exception);
  }
  return by_rule;
}

using ById = std::map<std::string_view, const ReportedCredential*>;

void apply_to(Finding& finding, const std::vector<ExceptionFacts*>& exceptions, const ById& by_id) {
  const auto known = by_id.find(finding.credential);
  const ReportedCredential* credential = known == by_id.end() ? nullptr : known->second;
  for (ExceptionFacts* facts : exceptions) {
    if (!matches(*facts->exception, finding, credential)) continue;
    facts->used = Answer::yes;
    const bool holds = facts->days_left >= 0;
    if (holds && finding.exception == nullptr) finding.exception = facts->exception;
  }
}

}  // namespace

void add_exceptions(std::vector<Subject>& subjects, std::span<const ExceptionPtr> exceptions,
                    const Report& report) {
  for (const ExceptionPtr& exception : exceptions) {
    if (!concerns_host(*exception, report.hostname)) continue;
    Subject subject;
    subject.type = SubjectType::exception;
    subject.path = exception->file;
    subject.place = PlaceKind::configured;
    subject.exception =
        ExceptionFacts{.exception = exception, .days_left = days_left(*exception, report.started)};
    subjects.push_back(std::move(subject));
  }
}

void apply_exceptions(Audit& audit) {
  const ByRule by_rule = exceptions_by_rule(audit.subjects);
  if (by_rule.empty()) return;
  Report& report = audit.report;
  ById by_id;
  for (const ReportedCredential& credential : report.credentials) {
    by_id.emplace(credential.id, &credential);
  }
  for (Finding& finding : report.findings) {
    const auto exceptions = by_rule.find(finding.rule);
    if (exceptions != by_rule.end()) apply_to(finding, exceptions->second, by_id);
  }
  for (const auto& [rule, exceptions] : by_rule) {
    for (ExceptionFacts* facts : exceptions) {
      if (facts->used == Answer::yes) continue;
      facts->used = was_looked_at(*facts->exception, audit) ? Answer::no : Answer::unknown;
    }
  }
}

}  // namespace cfwarden
