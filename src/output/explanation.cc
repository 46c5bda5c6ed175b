#include "cfwarden/output/explanation.h"

#include "cfwarden/model/words.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t text_indent = 2;
constexpr std::size_t most_here = 20;  // Findings of this host without -v.

void print_indented(std::string_view lead, std::size_t hang, std::string_view text,
                    const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = std::string{lead}, .lead_columns = lead.size(), .hang = hang},
                shown(text, terminal), terminal, out);
}

void print_titled_steps(std::string_view heading, const std::vector<std::string>& steps,
                        const Terminal& terminal, std::ostream& out) {
  if (steps.empty()) return;
  out << '\n' << heading << '\n';
  print_steps(steps, text_indent, terminal, out);
}

void print_list(std::string_view heading, const std::vector<std::string>& lines,
                const Terminal& terminal, std::ostream& out) {
  if (lines.empty()) return;
  out << '\n' << heading << '\n';
  for (const std::string& line : lines) print_step("  - ", line, terminal, out);
}

// An address at the end stands whole on its own line, however long, so that it can be copied.
void print_references(const std::vector<std::string>& references, const Terminal& terminal,
                      std::ostream& out) {
  if (references.empty()) return;
  out << "\nReferences\n";
  for (const std::string& reference : references) {
    const auto address = std::min(reference.find("https://"), reference.size());
    const bool fits =
        4 + columns_of(shown(reference, terminal)) <= columns_of_screen(terminal) || address == 0;
    const std::string_view text = reference;
    if (fits || address == text.size()) {
      print_step("  - ", text, terminal, out);
    } else {
      print_step("  - ", text.substr(0, address - 1), terminal, out);
      out << "    " << shown(text.substr(address), terminal) << '\n';
    }
  }
}

void print_needs_of(const Finding& finding, const RuleExplanation& rule, const Terminal& terminal,
                    std::ostream& out) {
  const auto found =
      std::ranges::find(rule.credentials, finding.credential, &ReportedCredential::id);
  if (finding.credential.empty() || found == rule.credentials.end()) return;
  for (const std::string& line : needed_by(*found, terminal)) {
    print_hanging({.lead = "        needed ", .lead_columns = 15, .hang = 15}, line, terminal, out);
  }
}

void print_here(const RuleExplanation& rule, const Terminal& terminal, std::ostream& out) {
  out << "\nOn this host\n";
  if (!rule.looked_here) {
    print_indented("  ", text_indent,
                   "Not looked" + (rule.here_note.empty() ? "" : ": " + rule.here_note), terminal,
                   out);
    return;
  }
  const std::size_t total = rule.fires_here.size();
  const std::string note = rule.here_note.empty() ? "" : " (" + rule.here_note + ")";
  print_indented("  ", text_indent,
                 total == 0 ? "It does not fire in the places that an audit looks at" + note +
                                  "; a sweep may have found it elsewhere."
                            : "It fires " + counted(total, "time") + note + ":",
                 terminal, out);
  const std::size_t count = terminal.verbose ? total : std::min(total, most_here);
  for (std::size_t i = 0; i < count; ++i) {
    const Finding& finding = rule.fires_here[i];
    const std::string line = finding.line ? ":" + std::to_string(*finding.line) : "";
    print_path(shown(finding.path, terminal) + line, text_indent + 2, terminal, out);
    print_indented("        ", 8, finding.message, terminal, out);
    if (finding.exception != nullptr) {
      print_indented("        ", 8, "accepted " + accepted_until(*finding.exception), terminal,
                     out);
    }
    print_needs_of(finding, rule, terminal, out);
  }
  if (count < total) out << "    and " << counted(total - count) << " more: -v names them all\n";
}

void print_title(const RuleExplanation& rule, const Terminal& terminal, std::ostream& out) {
  const std::string_view word = name_of(rule.severity);
  out << severity_word(rule.severity, word, word.size() + 2, terminal) << shown(rule.id, terminal)
      << '\n';
  print_indented("", 0, rule.title, terminal, out);
}

}  // namespace

void write_explanation(const RuleExplanation& rule, const Terminal& terminal, std::ostream& out) {
  print_title(rule, terminal, out);
  out << '\n';
  print_indented("  ", text_indent, rule.rationale, terminal, out);
  print_list("By profile", rule.profiles, terminal, out);
  print_list("Fires when all of this holds", rule.fires_when, terminal, out);
  print_here(rule, terminal, out);
  print_titled_steps("How to mend it", rule.steps, terminal, out);
  print_list("To except or change it", rule.exception, terminal, out);
  print_references(rule.references, terminal, out);
  if (rule.file.empty()) return;
  out << "\nRule file\n";
  print_path(shown(rule.file, terminal), text_indent, terminal, out);
}

void write_explanation(const KindExplanation& kind, const Terminal& terminal, std::ostream& out) {
  out << shown(kind.title, terminal) << " (" << shown(kind.kind, terminal) << ")\n\n";
  std::size_t columns = 0;
  for (const auto& [label, text] : kind.rows) {
    columns = std::max(columns, columns_of(shown(label, terminal)));
  }
  columns += text_indent + 3;
  for (const auto& [label, text] : kind.rows) {
    print_hanging({.lead = padded("  " + shown(label, terminal), columns),
                   .lead_columns = columns,
                   .hang = columns},
                  shown(text, terminal), terminal, out);
  }
  print_titled_steps("Replace it, when others may have read it", kind.if_copied, terminal, out);
  print_titled_steps("Replace it at a regular cadence", kind.regularly, terminal, out);
  if (kind.rules.empty()) return;
  out << "\nRules that ask about it (cfwarden explain RULE)\n";
  for (const std::string& rule : kind.rules) print_indented("  ", text_indent, rule, terminal, out);
}

}  // namespace cfwarden
