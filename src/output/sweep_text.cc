#include "cfwarden/output/sweep_text.h"

#include "cfwarden/base/shell_word.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

// "1,234 names and read 350 files, 12.3 MB, in 3.4 s".
std::string amount(const Report& report) {
  const SweptReport& sweep = *report.sweep;
  if (sweep.staged) {
    return counted(sweep.staged->looked_at, "staged file") + ", " + size_text(sweep.bytes) +
           ", in " + duration_text(sweep.took);
  }
  std::string text = counted(report.names_seen, "name");
  if (!sweep.names_only) {
    text += " and read " + counted(sweep.files, "file") + ", " + size_text(sweep.bytes);
  }
  return text + " in " + duration_text(sweep.took);
}

std::string paths_of(const std::vector<const SkippedFileSystem*>& mounts,
                     const Terminal& terminal) {
  constexpr std::size_t few = 3;
  const bool all = terminal.verbose || mounts.size() <= few + 1;
  const std::size_t count = all ? mounts.size() : few;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += shown(mounts[i]->path, terminal);
    if (terminal.verbose && !mounts[i]->type.empty()) {
      text += " (" + shown(mounts[i]->type, terminal) + ")";
    }
  }
  return all ? text : text + " and " + counted(mounts.size() - count) + " more";
}

// Of a reason: "kernel interfaces", "other file systems".
std::string plural(std::string_view reason) {
  constexpr std::string_view another = "another ";
  if (!reason.starts_with(another)) return std::string{reason} + "s";
  return "other " + std::string{reason.substr(another.size())} + "s";
}

// One line a reason.
void print_skipped(const SweptReport& sweep, const Terminal& terminal, std::ostream& out) {
  if (sweep.staged && sweep.staged->older != 0) {
    print_line("Left out", counted(sweep.staged->older, "file") + " that HEAD has as they are",
               terminal, out);
  }
  std::map<std::string_view, std::vector<const SkippedFileSystem*>> by_reason;
  for (const SkippedFileSystem& mount : sweep.skipped) by_reason[mount.why].push_back(&mount);
  for (const auto& [why, mounts] : by_reason) {
    const std::string reason = mounts.size() == 1 ? std::string{why} : plural(why);
    print_line("Left out", shown(reason, terminal) + ": " + paths_of(mounts, terminal), terminal,
               out);
  }
}

void print_looked_at(const Report& report, const Terminal& terminal, std::ostream& out) {
  const SweptReport& sweep = *report.sweep;
  std::string text = amount(report);
  if (sweep.processes != 0) {
    text += "; " + counted(sweep.processes) + (sweep.processes == 1 ? " process" : " processes");
  }
  print_line("Looked at", text, terminal, out);
  print_skipped(sweep, terminal, out);
  if (sweep.asked_git) {
    print_line("git", "was asked for the files as they are now: history is not searched", terminal,
               out);
  }
  print_viewer(report, terminal, out);
  print_profile(report, terminal, out);
  print_incompleteness(report, terminal, out);
}

void print_names_end(const Report& report, const Terminal& terminal, std::ostream& out) {
  print_looked_at(report, terminal, out);
  print_line("Found", names_told(report), terminal, out);
}

// A path that no shell takes as one word is not to be copied.
std::string fix_command(const std::vector<std::string>& paths) {
  const auto word = paths.size() == 1 ? shell_word(paths.front()) : std::nullopt;
  return "fix " + word.value_or(paths.size() == 1 ? "FILE" : "FILE...");
}

void print_sweep_next(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (report.findings.size() == report.excepted()) return;
  const std::vector<std::string>& mendable = report.sweep->mendable;
  if (!mendable.empty()) {
    print_next(
        {.label = "Next",
         .command = fix_command(mendable),
         .remark = counted(mendable.size(), "file") + " can be closed by mode, owner or ACL"},
        report, terminal, out);
  }
  print_next({.label = mendable.empty() ? "Next" : "",
              .command = "explain " + report.findings.front().rule},
             report, terminal, out);
}

}  // namespace

void print_names(const SweptReport& sweep, const Terminal& terminal, std::ostream& out) {
  for (const std::string& name : sweep.names) out << shown(name, terminal) << '\n';
  if (!sweep.names.empty() && !terminal.quiet) out << '\n';
}

void print_sweep_end(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (report.sweep->names_only) {
    print_names_end(report, terminal, out);
    return;
  }
  print_looked_at(report, terminal, out);
  if (report.credentials.empty() && report.findings.empty()) {
    const std::string_view where = report.complete() ? "here" : "in what could be read";
    print_line("Found", "no Cloudflare Tunnel credentials " + std::string{where}, terminal, out);
    return;
  }
  print_line("Found", counted(report.credentials.size(), "credential") + ";   " + tally(report),
             terminal, out);
  print_accounts(report, terminal, out);
  print_rotation(report, terminal, out);
  print_sweep_next(report, terminal, out);
}

}  // namespace cfwarden
