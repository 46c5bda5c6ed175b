#include "cfwarden/output/summary_lines.h"

#include "cfwarden/model/words.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

namespace cfwarden {
namespace {

constexpr std::size_t label_columns = 10;  // "Looked at "

// Of credentials that have a secret, by id. A sweep finds one wherever it was copied to: it is one
// secret all the same.
std::map<std::string_view, std::string_view> secrets_of(const Report& report) {
  std::map<std::string_view, std::string_view> secrets;
  if (!report.sweep) return secrets;
  for (const ReportedCredential& credential : report.credentials) {
    const std::string& fingerprint = credential.credential.fingerprint;
    if (!fingerprint.empty()) secrets.emplace(credential.id, fingerprint);
  }
  return secrets;
}

// Of a sweep that could not look at more than it lists, one gap only counts the rest.
std::size_t gaps_that_count(const Report& report) {
  return report.sweep && report.sweep->more_gaps != 0 ? 1 : 0;
}

// "14, named above", "52, 40 of them named above, -v names all".
std::string gaps_told(const Report& report, const Terminal& terminal) {
  const std::uint64_t all = all_gaps(report);
  const std::size_t listed = report.gaps.size() - gaps_that_count(report);
  const std::size_t named = gaps_on_screen(report, terminal) - gaps_that_count(report);
  if (named == all) return counted(all) + ", named above";
  std::string text = counted(all) + ", " + counted(named) + " of them named above";
  if (named < listed)
    text += ", -v names " + (listed == all ? std::string{"all"} : counted(listed));
  return text;
}

}  // namespace

void print_line(std::string_view label, std::string_view text, const Terminal& terminal,
                std::ostream& out) {
  print_hanging({.lead = padded(std::string{label}, label_columns),
                 .lead_columns = label_columns,
                 .hang = label_columns},
                text, terminal, out);
}

void print_sentence(std::string_view text, const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = {}, .lead_columns = 0, .hang = label_columns}, text, terminal, out);
}

std::uint64_t all_gaps(const Report& report) {
  const std::uint64_t unlisted = report.sweep ? report.sweep->more_gaps : 0;
  return report.gaps.size() - gaps_that_count(report) + unlisted;
}

std::size_t gaps_on_screen(const Report& report, const Terminal& terminal) {
  constexpr std::size_t most = 40;
  return terminal.verbose ? report.gaps.size() : std::min(report.gaps.size(), most);
}

std::string shortfall(const Report& report) {
  if (report.complete()) return {};
  std::string text;
  if (!report.gaps.empty()) text = counted(all_gaps(report)) + " not read";
  if (report.interrupted) text += text.empty() ? "stopped before the end" : ", stopped early";
  return text;
}

std::string names_told(const Report& report) {
  const std::size_t found = report.sweep ? report.sweep->names.size() : 0;
  return counted(found, "name") + (found == 1 ? " that is" : " that are") +
         " those of credentials; no file was opened";
}

std::size_t open_findings(const Report& report) {
  return report.findings.size() - report.excepted();
}

std::string known_told(std::size_t known) {
  return known == 0 ? "" : "; " + counted(known) + " of them known";
}

std::string findings_told(const Report& report) {
  std::string text;
  for (const Severity severity : severities_worst_first) {
    const std::size_t count = report.count(severity);
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += counted(count) + " " + std::string{name_of(severity)};
  }
  if (text.empty()) text = "no findings";
  text += known_told(report.known());
  const std::size_t excepted = report.excepted();
  return excepted == 0 ? text : text + ", " + counted(excepted) + " excepted";
}

std::string tally(const Report& report) {
  std::string text;
  for (const Severity severity :
       {Severity::critical, Severity::high, Severity::medium, Severity::low}) {
    if (!text.empty()) text += "   ";
    text += counted(report.count(severity)) + " " + std::string{name_of(severity)};
  }
  const std::size_t remarks = report.count(Severity::info);
  if (remarks != 0) text += "   " + counted(remarks) + " info";
  text += known_told(report.known());
  const std::size_t excepted = report.excepted();
  return excepted == 0 ? text : text + "   " + counted(excepted) + " excepted";
}

void print_incompleteness(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (!report.gaps.empty()) {
    print_line("Not read", gaps_told(report, terminal) + ": this look is incomplete", terminal,
               out);
  }
  if (report.interrupted) {
    print_line("Stopped", "before the end: this look is incomplete", terminal, out);
  }
}

std::string_view left_out_told(const Report& report) {
  if (report.sees_all_homes || report.user.empty()) return {};
  return report.sweep ? "what others closed, and the variables of their processes, were left out"
                      : "other accounts' homes may be left out";
}

void print_viewer(const Report& report, const Terminal& terminal, std::ostream& out) {
  const std::string_view missed = left_out_told(report);
  if (missed.empty()) return;
  print_line("Looked as", shown(report.user, terminal) + ", not as root: " + std::string{missed},
             terminal, out);
}

void print_profile(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (report.profile == "baseline") return;
  print_line(
      "Profile",
      shown(report.profile + ", see cfwarden rules list --profile " + report.profile, terminal),
      terminal, out);
}

void print_accounts(const Report& report, const Terminal& terminal, std::ostream& out) {
  constexpr std::size_t most = 8;  // Of a sweep: of most of them the blocks tell.
  const bool all = !report.sweep || terminal.verbose || report.accounts.size() <= most;
  const std::size_t count = all ? report.accounts.size() : most;
  for (std::size_t i = 0; i < count; ++i) {
    print_line("Account", account_line(report.accounts[i], terminal), terminal, out);
  }
  if (!all) {
    print_line("", "and " + counted(report.accounts.size() - count) + " more: -v names them all",
               terminal, out);
  }
}

std::size_t mendable_findings(const Report& report) {
  std::set<std::string_view> left_alone;
  for (const Finding& finding : report.findings) {
    if (finding.exception != nullptr && is_mended_by_attributes(finding))
      left_alone.insert(finding.path);
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(report.findings, [&left_alone](const Finding& finding) {
        return is_mended_by_attributes(finding) && !left_alone.contains(finding.path);
      }));
}

std::size_t exposed_secrets(const Report& report) {
  const std::map<std::string_view, std::string_view> secrets = secrets_of(report);
  std::set<std::string_view> exposed;
  for (const Finding& finding : report.findings) {
    if (finding.exception != nullptr) continue;
    if (tells_of_readers(finding.rule) && !finding.credential.empty()) {
      const auto known = secrets.find(finding.credential);
      exposed.insert(known == secrets.end() ? std::string_view{finding.credential} : known->second);
    }
  }
  return exposed.size();
}

// A secret that others could read may have been copied: that outlives every change of mode.
void print_rotation(const Report& report, const Terminal& terminal, std::ostream& out) {
  const std::size_t exposed = exposed_secrets(report);
  if (exposed == 0) return;
  print_line("Rotate",
             counted(exposed, "secret") +
                 " that others can read: closing the file does not call back their copies",
             terminal, out);
}

void print_next(const NextStep& next, const Report& report, const Terminal& terminal,
                std::ostream& out) {
  const std::string option = host_options(report.root, terminal);
  std::string line = shown(terminal.program, terminal) + " " + shown(next.command, terminal);
  const auto fits = [&](const std::string& text) {
    return label_columns + columns_of(text) <= columns_of_screen(terminal);
  };
  if (!option.empty() && !fits(line + " " + option)) {
    out << padded(next.label, label_columns) << line << " \\\n";
    print_path(option, label_columns, terminal, out);
    return;
  }
  if (!option.empty()) line += " " + option;
  const std::string remarked = line + "   " + next.remark;
  if (!next.remark.empty() && fits(remarked)) line = remarked;
  out << padded(next.label, label_columns) << line << '\n';
}

}  // namespace cfwarden
