#include "cfwarden/output/html_cards.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/rows.h"

#include <utility>

namespace cfwarden {
namespace {

// Rows of nothing are left out.
class Rows {
 public:
  Rows& add(std::string_view name, std::string value) {
    if (!value.empty()) rows_.push_back({std::string{name}, {std::move(value)}});
    return *this;
  }

  Rows& add(std::string_view name, std::vector<std::string> values) {
    if (!values.empty()) rows_.push_back({std::string{name}, std::move(values)});
    return *this;
  }

  std::vector<HtmlRow> take() { return std::move(rows_); }

 private:
  std::vector<HtmlRow> rows_;
};

struct Look {
  const Report& report;
  Terminal terminal;  // Of a page: UTF-8, and no column counts.
  std::string runs_here;
};

// "by cloudflared.service (root)" below the label "Needed by".
std::vector<std::string> without_by(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    if (line.starts_with("by ")) line.erase(0, 3);
  }
  return lines;
}

std::vector<HtmlRow> rows_of(const ReportedCredential& found, const Look& look) {
  const Credential& credential = found.credential;
  Rows rows;
  rows.add("Can do", can_do(credential, look.terminal)).add("Program", told(found.program));
  if (credential.status != Status::usable) {
    rows.add("Status", status_told(credential, look.terminal));
  }
  rows.add("Read by", reached_by(found.exposure.readers, found, look.terminal));
  if (found.exposure.writers.audience != Audience::owner) {
    rows.add("Changed by", reached_by(found.exposure.writers, found, look.terminal));
  }
  rows.add("Needed by", without_by(needs_told(found, look.runs_here, look.terminal)));
  return rows.add("Valid", validity_told(credential, look.report.started)).take();
}

std::string tracking_told(const ReportedCredential& found) {
  if (!found.tracking) return {};
  switch (found.tracking->is_tracked) {
    case Answer::yes:
      return "yes, in " + told(found.tracking->work_tree);
    case Answer::no:
      return "no";
    case Answer::unknown:
      break;
  }
  return "not known";
}

// All of them; the sentence above names a few.
std::string accounts_told(const Reach& reach, const Look& look) {
  Terminal all = look.terminal;
  all.verbose = true;
  return reach.accounts.empty() ? "" : some_of(reach.accounts, all);
}

std::vector<HtmlRow> more_of(const ReportedCredential& found, const Look& look) {
  const Credential& credential = found.credential;
  Rows rows;
  if (!found.in_memory) {
    rows.add("Mode", mode_text(found.permissions.mode) + ", owner " + told(found.owner) +
                         ", group " + told(found.group));
    rows.add("Modified", utc_text(found.modified));
    if (found.links > 1) rows.add("Names", std::to_string(found.links));
  }
  rows.add("Readers", accounts_told(found.exposure.readers, look));
  rows.add("Writers", accounts_told(found.exposure.writers, look));
  rows.add("Account", told(credential.scope.account)).add("Zone", told(credential.scope.zone));
  rows.add("Tunnel", told(credential.scope.tunnel));
  rows.add("Endpoint", told(credential.scope.endpoint));
  rows.add("Issuer", told(credential.issuer)).add("Audience", told(credential.audience_claim));
  rows.add("Fingerprint", credential.fingerprint).add("Found in", told(found.carrier));
  return rows.add("In git", tracking_told(found)).take();
}

std::vector<HtmlRow> rows_of(const ServiceFacts& service, const Look& look) {
  std::vector<std::string> tried;
  for (const std::string& path : service.tried) tried.push_back(told(path));
  return Rows{}
      .add("Service", service_line(service.need, look.terminal))
      .add("Lacks", told(service.missing))
      .add("Tried", std::move(tried))
      .take();
}

std::string note_of(const Finding& finding) {
  if (finding.exception != nullptr) return "Accepted " + told(accepted_until(*finding.exception));
  switch (finding.novelty) {
    case Novelty::known:
      return "Known to the baseline";
    case Novelty::worse:
      return "Worse than in the baseline";
    case Novelty::fresh:
      return "New since the baseline";
    case Novelty::no_baseline:
      break;
  }
  return {};
}

HtmlFinding finding_of(const Finding& finding, bool names_line) {
  std::string message = told(finding.message);
  if (names_line && finding.line) {
    message = "line " + std::to_string(*finding.line) + (message.empty() ? "" : ": ") + message;
  }
  return {.severity = finding.severity,
          .rule = told(finding.rule),
          .title = told(finding.title),
          .message = std::move(message),
          .note = note_of(finding),
          .is_mended = finding.exception == nullptr && is_mended_by_attributes(finding),
          .is_excepted = finding.exception != nullptr};
}

HtmlCard card_of(const ReportedCredential& found, const Look& look) {
  std::string path = told(found.path);
  if (found.line) path += ":" + std::to_string(*found.line);
  return {.title = kind_title(found.credential.kind),
          .path = std::move(path),
          .readers = found.exposure.readers.audience,
          .rows = rows_of(found, look),
          .more = more_of(found, look)};
}

HtmlCard card_of(const Block& block, const Look& look) {
  HtmlCard card;
  const Finding& first = *block.findings.front();
  if (block.credential != nullptr) {
    card = card_of(*block.credential, look);
  } else {
    card.title = block_title(block);
    card.path = block_place(block, look.terminal);
    if (first.service) card.rows = rows_of(*first.service, look);
  }
  card.is_excepted = first.exception != nullptr;
  if (!card.is_excepted) card.worst = first.severity;
  const bool names_lines = block.credential == nullptr && card.path == told(first.path);
  for (const Finding* finding : block.findings) {
    card.findings.push_back(finding_of(*finding, names_lines));
  }
  return card;
}

}  // namespace

std::string_view html_tone(std::optional<Severity> severity) {
  return severity ? name_of(*severity) : "ok";
}

std::string html_label(std::optional<Severity> severity) {
  if (!severity) return "OK";
  std::string word{name_of(*severity)};
  if (is_lower(word.front())) word.front() = static_cast<char>(word.front() - 'a' + 'A');
  return word;
}

std::vector<HtmlCard> html_cards(const Report& report) {
  const Terminal terminal;
  const Look look{report, terminal, what_runs_here(report, terminal)};
  std::vector<HtmlCard> cards;
  for (const Block& block : blocks_of(report)) cards.push_back(card_of(block, look));
  for (const ReportedCredential* sound : credentials_without_findings(report)) {
    cards.push_back(card_of(*sound, look));
  }
  return cards;
}

}  // namespace cfwarden
