#include "cfwarden/app/summary.h"

#include "cfwarden/base/fingerprint.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

std::string line_text(const std::optional<std::size_t>& line) {
  return line ? std::to_string(*line) : "";
}

// What stands in an archive has the path of both.
std::string reported_path(const Subject& subject) {
  return subject.member.empty() ? subject.path : subject.path + "!" + subject.member;
}

std::string id_of(const Subject& subject) {
  std::string text = reported_path(subject);
  for (const std::string& part :
       {line_text(subject.line), subject.credential.kind, subject.credential.fingerprint}) {
    text += '\0';
    text += part;
  }
  return hash_hex(text, 12);
}

// Other files with the same secret; another name of the same inode is a hard link, not a copy.
void find_copies(std::vector<Subject>& subjects) {
  std::map<std::string, std::vector<const Subject*>> holders;
  for (const Subject& subject : subjects) {
    const std::string& fingerprint = subject.credential.fingerprint;
    if (!fingerprint.empty()) holders[fingerprint].push_back(&subject);
  }
  for (Subject& subject : subjects) {
    const auto found = holders.find(subject.credential.fingerprint);
    if (found == holders.end()) continue;
    for (const Subject* other : found->second) {
      const bool same_file = other->facts.id == subject.facts.id || other->path == subject.path;
      if (!same_file) subject.same_secret.push_back(reported_path(*other));
    }
    std::vector<std::string>& paths = subject.same_secret;
    std::ranges::sort(paths);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  }
}

std::vector<Need> all_needs(const Subject& subject) {
  std::vector<Need> needs = subject.needs;
  needs.insert(needs.end(), subject.claims.begin(), subject.claims.end());
  return needs;
}

ReportedCredential reported(const Subject& subject) {
  return {.id = subject.credential_id,
          .credential = subject.credential,
          .path = reported_path(subject),
          .line = subject.line,
          .carrier = subject.carrier,
          .permissions = subject.facts.permissions,
          .owner = subject.owner,
          .group = subject.group,
          .links = subject.facts.links,
          .modified = subject.facts.modified,
          .exposure = subject.exposure,
          .needs = all_needs(subject),
          .tracking = subject.tracking};
}

void add_account(std::vector<AccountSummary>& accounts, const ReportedCredential& credential) {
  const std::string& account = credential.credential.scope.account;
  if (account.empty()) return;
  auto found = std::ranges::find(accounts, account, &AccountSummary::account);
  if (found == accounts.end()) found = accounts.insert(found, AccountSummary{.account = account});
  ++found->credentials;
  found->authority = std::max(found->authority, credential.credential.authority);
  found->audience = std::max(found->audience, credential.exposure.readers.audience);
}

void sort_report(Report& report) {
  std::ranges::sort(report.places, {}, [](const Place& p) { return std::tie(p.path, p.why); });
  std::ranges::sort(report.gaps, {}, [](const Gap& g) { return std::tie(g.path, g.why); });
  std::ranges::sort(report.credentials, {}, [](const ReportedCredential& c) {
    return std::tie(c.path, c.line, c.credential.kind, c.id);
  });
  std::ranges::sort(report.findings, [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return std::tie(a.path, a.line, a.rule) < std::tie(b.path, b.line, b.rule);
  });
  std::ranges::sort(report.accounts, {}, &AccountSummary::account);
}

}  // namespace

int exit_code_of(const Report& report, Severity fail_on) {
  const Severity least = std::max(fail_on, Severity::low);
  const bool fails = std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return finding.severity >= least; });
  if (fails) return 1;
  return report.complete() ? 0 : 3;
}

void summarise(Audit& audit, Severity fail_on) {
  Report& report = audit.report;
  find_copies(audit.subjects);
  for (Subject& subject : audit.subjects) {
    if (subject.type == SubjectType::credential) {
      subject.credential_id = id_of(subject);
      report.credentials.push_back(reported(subject));
      add_account(report.accounts, report.credentials.back());
    }
    std::vector<Finding> findings = findings_of(audit.rules, subject);
    for (Finding& finding : findings) finding.path = reported_path(subject);
    std::ranges::move(findings, std::back_inserter(report.findings));
  }
  sort_report(report);
  report.exit_code = exit_code_of(report, fail_on);
}

}  // namespace cfwarden
