#include "cfwarden/app/exceptions.h"

#include "cfwarden/base/path.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/exception.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <array>
#include <map>
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

bool is_literal(std::string_view glob) {
  return glob.find_first_of("*?") == std::string_view::npos;
}

// The directory that all it can match lies in.
std::string_view directory_of_glob(std::string_view glob) {
  const std::string_view literal = glob.substr(0, glob.find_first_of("*?"));
  const std::string_view above = literal.substr(0, literal.rfind('/'));
  return above.empty() ? "/" : above;
}

bool covers_by_sweep(const Place& place, std::string_view glob) {
  return lies_in(is_literal(glob) ? glob : directory_of_glob(glob), place.path);
}

// An audit looks into every file of a default directory, and elsewhere at names.
bool covers_by_audit(const Place& place, std::string_view glob) {
  if (!is_literal(glob)) return false;
  if (glob == place.path) return true;
  if (place.kind != PlaceKind::default_directory || !lies_in(glob, place.path)) return false;
  const auto below = glob.substr(place.path.size());
  return static_cast<std::size_t>(std::ranges::count(below, '/')) <= depth_of_default_directory;
}

bool is_asked_of_credentials(std::string_view rule) {
  const std::string file = "built in: rules/" + std::string{rule} + ".json";
  const auto found = std::ranges::find(built_in_rules(), file, &BuiltInRule::file);
  return found != built_in_rules().end() && found->subjects.starts_with("credential ");
}

bool is_limited(const Report& report) {
  return std::ranges::any_of(report.places, [](const Place& place) {
    return place.kind == PlaceKind::argument && place.path != "/";
  });
}

bool can_be_told(const Exception& exception, const Report& report) {
  if (!report.complete() || exception.path.empty()) return false;
  const bool needs_all =
      std::ranges::find(rules_of_whole_hosts, exception.rule) != rules_of_whole_hosts.end();
  if (needs_all && is_limited(report)) return false;
  if (!report.sweep) return exception.rule != rule_of_git;
  const bool was_asked = exception.rule != rule_of_git || report.sweep->asked_git;
  return was_asked && is_asked_of_credentials(exception.rule);
}

bool was_looked_at(const Exception& exception, const Report& report) {
  if (!can_be_told(exception, report)) return false;
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
      facts->used = was_looked_at(*facts->exception, report) ? Answer::no : Answer::unknown;
    }
  }
}

}  // namespace cfwarden
