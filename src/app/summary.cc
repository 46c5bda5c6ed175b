#include "cfwarden/app/summary.h"

#include "cfwarden/app/exceptions.h"
#include "cfwarden/base/fingerprint.h"
#include "cfwarden/base/path.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
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

// Everything that holds one secret, by path; processes, of which there may be many, last.
class Holders {
 public:
  void add(const Subject& subject) { all_.push_back({&subject, reported_path(subject)}); }

  void sort() {
    std::ranges::sort(all_, {}, [](const Holder& holder) {
      return std::pair{is_process(holder), std::string_view{holder.path}};
    });
    const auto is_same = [](const Holder& a, const Holder& b) { return a.path == b.path; };
    all_.erase(std::unique(all_.begin(), all_.end(), is_same), all_.end());
    for (const Holder& holder : all_) {
      if (is_process(holder)) continue;
      ++files_[holder.subject->facts.id];
      ++files_in_all_;
    }
    keep_nameable();
  }

  // Other files with the same secret; another name of the same inode is a hard link, not a copy.
  // Of a secret that was spread a thousand times each of them names a few of the others.
  void name_others(Subject& subject) const {
    std::size_t named_files = 0;
    for (const Holder& other : all_) {
      if (subject.same_secret.size() == most_named) break;
      const Subject& holder = *other.subject;
      if (holder.facts.id == subject.facts.id || holder.path == subject.path) continue;
      subject.same_secret.push_back(other.path);
      if (!is_process(other)) ++named_files;
    }
    const auto own = files_.find(subject.facts.id);
    const std::size_t others = files_in_all_ - (own == files_.end() ? 0 : own->second);
    subject.more_same_secret = others - std::min(others, named_files);
    std::ranges::sort(subject.same_secret);
  }

 private:
  static constexpr std::size_t most_named = 16;

  struct Holder {
    const Subject* subject = nullptr;
    std::string path;
  };

  // An archive may hold a secret in each of its thousands of members: nobody names more of them
  // than so many, and none of them has to pass over all the others.
  void keep_nameable() {
    std::map<FileId, std::size_t> kept;
    std::erase_if(all_, [&kept](const Holder& holder) {
      return ++kept[holder.subject->facts.id] > most_named;
    });
  }

  static bool is_process(const Holder& holder) { return lies_in(holder.path, "/proc"); }

  std::vector<Holder> all_;
  std::map<FileId, std::size_t> files_;
  std::size_t files_in_all_ = 0;
};

void find_copies(std::vector<Subject>& subjects) {
  std::map<std::string, Holders> holders;
  for (const Subject& subject : subjects) {
    const std::string& fingerprint = subject.credential.fingerprint;
    if (!fingerprint.empty()) holders[fingerprint].add(subject);
  }
  for (auto& [fingerprint, all] : holders) all.sort();
  for (Subject& subject : subjects) {
    const auto found = holders.find(subject.credential.fingerprint);
    if (found != holders.end()) found->second.name_others(subject);
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
          .in_memory = subject.in_memory,
          .program = subject.program,
          .permissions = subject.facts.permissions,
          .owner = subject.owner,
          .group = subject.group,
          .links = subject.facts.links,
          .modified = subject.facts.modified,
          .exposure = subject.exposure,
          .needs = all_needs(subject),
          .tracking = subject.tracking};
}

// By account.
std::vector<AccountSummary> account_summaries(const std::vector<ReportedCredential>& credentials) {
  std::map<std::string_view, AccountSummary> by_account;
  for (const ReportedCredential& credential : credentials) {
    const std::string& account = credential.credential.scope.account;
    if (account.empty()) continue;
    AccountSummary& summary = by_account[account];
    ++summary.credentials;
    summary.authority = std::max(summary.authority, credential.credential.authority);
    summary.audience = std::max(summary.audience, credential.exposure.readers.audience);
    summary.at_least = summary.at_least || credential.exposure.readers.at_least;
  }
  std::vector<AccountSummary> accounts;
  for (auto& [account, summary] : by_account) {
    summary.account = account;
    accounts.push_back(std::move(summary));
  }
  return accounts;
}

void add_findings(Report& report, const std::vector<Rule>& rules, const Subject& subject) {
  std::vector<Finding> findings = findings_of(rules, subject);
  for (Finding& finding : findings) finding.path = reported_path(subject);
  std::ranges::move(findings, std::back_inserter(report.findings));
}

void sort_report(Report& report) {
  std::ranges::sort(report.places, {}, [](const Place& p) { return std::tie(p.path, p.why); });
  std::ranges::sort(report.gaps, {}, [](const Gap& g) { return std::tie(g.path, g.why); });
  std::ranges::sort(report.credentials, {}, [](const ReportedCredential& c) {
    return std::tie(c.path, c.line, c.credential.kind, c.id);
  });
  std::ranges::sort(report.findings, [](const Finding& a, const Finding& b) {
    const bool is_excepted = a.exception != nullptr;
    if (is_excepted != (b.exception != nullptr)) return !is_excepted;
    if (a.severity != b.severity) return a.severity > b.severity;
    return std::tie(a.path, a.line, a.rule) < std::tie(b.path, b.line, b.rule);
  });
}

}  // namespace

int exit_code_of(const Report& report) {
  const bool fails = std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return report.fails(finding); });
  if (fails) return 1;
  return report.complete() ? 0 : 3;
}

void summarise(Audit& audit, Severity fail_on) {
  Report& report = audit.report;
  find_copies(audit.subjects);
  for (Subject& subject : audit.subjects) {
    if (subject.exception) continue;
    if (subject.type == SubjectType::credential) {
      subject.credential_id = id_of(subject);
      report.credentials.push_back(reported(subject));
    }
    add_findings(report, audit.rules, subject);
  }
  apply_exceptions(audit);
  for (const Subject& subject : audit.subjects) {
    if (subject.exception) add_findings(report, audit.rules, subject);
  }
  report.accounts = account_summaries(report.credentials);
  sort_report(report);
  report.fail_on = fail_on;
  report.exit_code = exit_code_of(report);
}

}  // namespace cfwarden
