#include "cfwarden/output/blocks.h"

#include "cfwarden/base/concealed.h"
#include "cfwarden/base/mode_text.h"
#include "cfwarden/base/path.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/excepted.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <set>

namespace cfwarden {
namespace {

constexpr std::size_t head_columns = 10;
constexpr std::size_t label_columns = 11;  // "  read by  "
constexpr std::size_t message_hang = 13;   // Deeper than anything that begins a line.

std::string_view color_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "1;31";
    case Severity::high:
      return "31";
    case Severity::medium:
      return "33";
    case Severity::low:
      return "36";
    case Severity::info:
      break;
  }
  return "2";
}

std::string upper_case(std::string_view word) {
  std::string text{word};
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return text;
}

std::string located(const std::string& path, const std::optional<std::size_t>& line,
                    const Terminal& terminal) {
  const std::string text = shown(path, terminal);
  return line ? text + ":" + std::to_string(*line) : text;
}

std::string title_of(SubjectType about) {
  switch (about) {
    case SubjectType::configuration:
    case SubjectType::pointer:
      return "Configuration";
    case SubjectType::directory:
      return "Directory";
    case SubjectType::malformed:
      return "Malformed credential";
    case SubjectType::unread:
      return "Credential not read";
    case SubjectType::service:
      return "Service";
    case SubjectType::exception:
      return "Exception";
    case SubjectType::credential:
      break;
  }
  return "Credential";
}

// Findings of different lines of one file share a block; then each message names its line.
bool on_one_line(const Block& block) {
  return std::ranges::all_of(block.findings, [&](const Finding* finding) {
    return finding->line == block.findings.front()->line;
  });
}

// The head word stands before the title, the path behind it or on its own line.
void print_head(const std::string& head, const std::string& title, const std::string& path,
                const BlockStyle& style, std::ostream& out) {
  const std::size_t before = head_columns + style.title_columns;
  if (before + columns_of(path) <= columns_of_screen(style.terminal)) {
    out << head << padded(title, style.title_columns) << path << '\n';
    return;
  }
  out << head << title << '\n';
  print_path(path, head_columns, style.terminal, out);
}

void print_row(std::string_view label, std::string_view text, const Terminal& terminal,
               std::ostream& out) {
  print_hanging({.lead = padded("  " + std::string{label}, label_columns),
                 .lead_columns = label_columns,
                 .hang = label_columns},
                text, terminal, out);
}

// An Access token or an SSH key belongs to a person: nothing that runs a tunnel needs one.
bool may_be_needed(const ReportedCredential& credential) {
  return credential.credential.authority >= Authority::run_tunnel;
}

void print_rows(std::string_view label, const std::vector<std::string>& texts,
                const Terminal& terminal, std::ostream& out) {
  for (const std::string& text : texts) {
    print_row(label, text, terminal, out);
    label = "";
  }
}

// The message names the first paths; all of them one below the other are for -v.
void print_service_rows(const ServiceFacts& service, const Terminal& terminal, std::ostream& out) {
  print_row("service", service_line(service.need, terminal), terminal, out);
  if (!terminal.verbose) return;
  std::vector<std::string> tried;
  for (const std::string& path : service.tried) tried.push_back(shown(path, terminal));
  print_rows("tried", tried, terminal, out);
}

void print_credential_rows(const ReportedCredential& credential, const BlockStyle& style,
                           std::ostream& out) {
  const Terminal& terminal = style.terminal;
  print_row("can do", can_do(credential.credential, terminal), terminal, out);
  if (!credential.program.empty()) {
    print_row("program", shown(credential.program, terminal), terminal, out);
  }
  if (credential.credential.status != Status::usable) {
    print_row("status", status_told(credential.credential, terminal), terminal, out);
  }
  print_row("read by", reached_by(credential.exposure.readers, credential, terminal), terminal,
            out);
  if (credential.exposure.writers.audience != Audience::owner) {
    print_row("write by", reached_by(credential.exposure.writers, credential, terminal), terminal,
              out);
  }
  print_rows("needed", needs_told(credential, style.runs_here, terminal), terminal, out);
  const std::string validity = validity_told(credential.credential, style.now);
  if (!validity.empty()) print_row("valid", validity, terminal, out);
}

constexpr std::string_view dimmed = "2";

// What an exception accepts weighs nothing.
std::string weight_word(const Finding& finding, const Terminal& terminal) {
  constexpr std::size_t columns = 9;
  if (finding.exception != nullptr) return painted("excepted", columns, dimmed, terminal);
  if (finding.novelty == Novelty::known) {
    return painted(name_of(finding.severity), columns, dimmed, terminal);
  }
  return severity_word(finding.severity, name_of(finding.severity), columns, terminal);
}

std::string head_of(const Finding& worst, const Terminal& terminal) {
  if (worst.exception != nullptr) return painted("EXCEPTED", head_columns, dimmed, terminal);
  return severity_word(worst.severity, upper_case(name_of(worst.severity)), head_columns, terminal);
}

void print_exception(const Finding& finding, const Terminal& terminal, std::ostream& out) {
  if (finding.exception == nullptr) return;
  print_hanging(
      {.lead = std::string(message_hang, ' '), .lead_columns = message_hang, .hang = message_hang},
      shown(std::string{name_of(finding.severity)} + ", accepted " +
                accepted_until(*finding.exception),
            terminal),
      terminal, out);
}

struct FindingColumns {
  std::size_t rule = 0;
  bool name_lines = false;
};

void print_finding(const Finding& finding, const FindingColumns& columns, const Terminal& terminal,
                   std::ostream& out) {
  std::string message = shown(finding.message.empty() ? finding.title : finding.message, terminal);
  if (finding.novelty == Novelty::known) message = "known: " + message;
  if (finding.novelty == Novelty::worse) message = "worse than it was: " + message;
  if (columns.name_lines && finding.line) {
    message = "line " + std::to_string(*finding.line) + ": " + message;
  }
  const std::string rule = shown(finding.rule, terminal);
  out << "  " << weight_word(finding, terminal);
  const std::size_t before = label_columns + columns.rule;
  if (before + columns_of(message) <= columns_of_screen(terminal)) {
    out << padded(rule, columns.rule) << message << '\n';
    return;
  }
  out << rule << '\n';
  print_hanging(
      {.lead = std::string(message_hang, ' '), .lead_columns = message_hang, .hang = message_hang},
      message, terminal, out);
}

void print_findings(const Block& block, const Terminal& terminal, std::ostream& out) {
  FindingColumns columns{.name_lines = block.credential == nullptr && !on_one_line(block)};
  for (const Finding* finding : block.findings) {
    columns.rule = std::max(columns.rule, columns_of(shown(finding->rule, terminal)) + 3);
  }
  columns.rule = std::min(columns.rule, columns_of_screen(terminal) - label_columns);
  for (const Finding* finding : block.findings) {
    print_finding(*finding, columns, terminal, out);
    print_exception(*finding, terminal, out);
  }
}

// Of a path that stands here concealed: the deepest directory that has a name to look for.
std::string place_to_look_in(const std::string& path) {
  std::string_view directory = directory_of(path);
  while (directory.starts_with('/') && concealed(directory) != directory) {
    directory = directory_of(directory);
  }
  return std::string{directory};
}

}  // namespace

std::vector<Block> blocks_of(const Report& report) {
  std::map<std::string_view, const ReportedCredential*> by_id;
  for (const ReportedCredential& credential : report.credentials) {
    by_id.emplace(credential.id, &credential);
  }
  std::vector<Block> blocks;
  std::map<std::string, std::size_t> block_of;
  for (const Finding& finding : report.findings) {
    const auto known = by_id.find(finding.credential);
    const bool has_credential = known != by_id.end();
    const std::string key = has_credential ? "id:" + finding.credential
                            : finding.service
                                ? "service:" + finding.path + '\0' + finding.service->need.who
                                : "path:" + finding.path;
    const auto [place, fresh] = block_of.emplace(key, blocks.size());
    if (fresh) blocks.push_back({has_credential ? known->second : nullptr, {}});
    blocks[place->second].findings.push_back(&finding);
  }
  return blocks;
}

bool is_remark(const Block& block) {
  const Finding& worst = *block.findings.front();
  return worst.service && worst.severity == Severity::info && worst.exception == nullptr;
}

std::string block_title(const Block& block) {
  if (block.credential != nullptr) return kind_title(block.credential->credential.kind);
  return title_of(block.findings.front()->about);
}

std::string block_place(const Block& block, const Terminal& terminal) {
  if (block.credential != nullptr) {
    return located(block.credential->path, block.credential->line, terminal);
  }
  const Finding& first = *block.findings.front();
  return located(first.path, on_one_line(block) ? first.line : std::nullopt, terminal);
}

std::string status_told(const Credential& credential, const Terminal& terminal) {
  std::string text = std::string{name_of(credential.status)} + ": ";
  text += verdict(credential.status);
  if (!credential.reason.empty()) text += " (" + shown(credential.reason, terminal) + ")";
  return text;
}

std::string validity_told(const Credential& credential, std::int64_t now) {
  const auto& end = credential.expires ? credential.expires : credential.not_after;
  if (!end || utc_text(*end).empty()) return {};
  return (*end < now ? "no longer, expired " : "until ") + utc_text(*end);
}

std::vector<std::string> needs_told(const ReportedCredential& credential,
                                    const std::string& runs_here, const Terminal& terminal) {
  std::vector<std::string> lines = needed_by(credential, terminal);
  const bool is_needed = !std::ranges::all_of(credential.needs, &Need::is_claim);
  const bool is_left_over = !is_needed && !credential.line && may_be_needed(credential);
  if (is_left_over && !runs_here.empty()) lines.push_back("by nobody here: " + runs_here);
  return lines;
}

std::vector<const ReportedCredential*> credentials_without_findings(const Report& report) {
  std::set<std::string_view> flagged;
  for (const Finding& finding : report.findings) flagged.insert(finding.credential);
  std::vector<const ReportedCredential*> sound;
  for (const ReportedCredential& credential : report.credentials) {
    if (!flagged.contains(credential.id)) sound.push_back(&credential);
  }
  return sound;
}

BlockStyle block_style(const Report& report, const Terminal& terminal) {
  std::size_t columns = 0;
  for (const Block& block : blocks_of(report)) {
    if (!is_remark(block)) columns = std::max(columns, columns_of(block_title(block)));
  }
  for (const ReportedCredential& credential : report.credentials) {
    columns = std::max(columns, columns_of(kind_title(credential.credential.kind)));
  }
  return {.terminal = terminal,
          .title_columns = columns + 3,
          .now = report.started,
          .runs_here = what_runs_here(report, terminal),
          .root = report.root,
          .mendable = report.sweep ? report.sweep->mendable : std::vector<std::string>{}};
}

// A sweep is not followed by one command that mends everything: each file has its own.
void print_fix(const Block& block, const BlockStyle& style, std::ostream& out) {
  const std::string& path = block.findings.front()->path;
  if (!std::ranges::binary_search(style.mendable, path)) return;
  if (concealed(path) != path) {
    const std::string place = shown(place_to_look_in(path), style.terminal);
    print_row("close", "its name is concealed: look in " + place, style.terminal, out);
    return;
  }
  const std::optional<std::string> word = shell_word(path);
  const std::string option = host_options(style.root, style.terminal);
  std::string command = style.terminal.program;
  command += " fix " + word.value_or("FILE");
  if (!option.empty()) command += " " + option;
  print_command("  close    ", command, style.terminal, out);
}

void print_block(const Block& block, const BlockStyle& style, std::ostream& out) {
  print_head(head_of(*block.findings.front(), style.terminal), block_title(block),
             block_place(block, style.terminal), style, out);
  if (block.credential != nullptr) print_credential_rows(*block.credential, style, out);
  const Finding& first = *block.findings.front();
  if (first.service) print_service_rows(*first.service, style.terminal, out);
  print_findings(block, style.terminal, out);
  if (!style.mendable.empty()) print_fix(block, style, out);
}

void print_remark(const Block& block, const BlockStyle& style, std::ostream& out) {
  const Terminal& terminal = style.terminal;
  for (const Finding* finding : block.findings) {
    const std::string rule = shown(finding->rule, terminal);
    const std::string message = shown(finding->message, terminal);
    out << severity_word(finding->severity, upper_case(name_of(finding->severity)), head_columns,
                         terminal)
        << rule;
    if (head_columns + columns_of(rule) + 3 + columns_of(message) <= columns_of_screen(terminal)) {
      out << "   " << message << '\n';
      continue;
    }
    out << '\n';
    print_hanging({.lead = std::string(message_hang, ' '),
                   .lead_columns = message_hang,
                   .hang = message_hang},
                  message, terminal, out);
  }
}

void print_sound(const ReportedCredential& credential, const BlockStyle& style, std::ostream& out) {
  const Terminal& terminal = style.terminal;
  const std::string head = padded("OK", head_columns);
  const std::string title = kind_title(credential.credential.kind);
  const std::string path = located(credential.path, credential.line, terminal);
  const std::string state = (credential.in_memory ? "of" : mode_text(credential.permissions.mode)) +
                            " " + shown(credential.owner, terminal);
  const std::size_t before = head_columns + style.title_columns;
  if (before + columns_of(path) + 3 + columns_of(state) <= columns_of_screen(terminal)) {
    out << head << padded(title, style.title_columns) << path << "   " << state << '\n';
  } else {
    print_hanging(
        {.lead = head + padded(title, style.title_columns), .lead_columns = before, .hang = before},
        state, terminal, out);
    print_path(path, head_columns, terminal, out);
  }
  if (terminal.verbose) print_credential_rows(credential, style, out);
}

void print_gap(const Gap& gap, const Terminal& terminal, std::ostream& out) {
  const std::string head = padded("NOT READ", head_columns);
  const std::string path = shown(gap.path, terminal);
  const std::string why = shown(gap.why, terminal);
  const std::size_t columns = columns_of_screen(terminal);
  if (head_columns + columns_of(path) + 3 + columns_of(why) <= columns) {
    out << head << path << "   " << why << '\n';
    return;
  }
  if (head_columns + columns_of(path) <= columns) {
    out << head << path << '\n';
  } else {
    out << "NOT READ\n";
    print_path(path, head_columns, terminal, out);
  }
  print_hanging(
      {.lead = std::string(message_hang, ' '), .lead_columns = message_hang, .hang = message_hang},
      why, terminal, out);
}

std::string severity_word(Severity severity, std::string_view word, std::size_t columns,
                          const Terminal& terminal) {
  return painted(word, columns, color_of(severity), terminal);
}

}  // namespace cfwarden
