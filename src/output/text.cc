#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/blocks.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/summary_lines.h"
#include "cfwarden/output/sweep_text.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t most_places = 16;   // Without -v; the rest is counted.
constexpr std::size_t most_blocks = 100;  // Of a sweep, which may find thousands.

std::size_t places_looked_at(const Report& report) {
  return static_cast<std::size_t>(
      std::ranges::count(report.places, PlaceState::looked_at, &Place::state));
}

void print_remarks(std::span<const Block> blocks, const BlockStyle& style, std::ostream& out) {
  if (std::ranges::none_of(blocks, is_remark)) return;
  for (const Block& block : blocks) {
    if (is_remark(block)) print_remark(block, style, out);
  }
  out << '\n';
}

// How many of so many are shown.
std::size_t shown_of(std::size_t count, const Report& report, const Terminal& terminal) {
  const bool all = !report.sweep || terminal.verbose;
  return all ? count : std::min(count, most_blocks);
}

void print_more(std::size_t more, std::string_view what, std::ostream& out) {
  if (more != 0)
    out << "          and " << counted(more) << " more " << what << ": -v names them all\n";
}

void print_blocks(const Report& report, const Terminal& terminal, std::ostream& out) {
  const BlockStyle style = block_style(report, terminal);
  std::vector<Block> blocks = blocks_of(report);
  const std::size_t count = shown_of(blocks.size(), report, terminal);
  const std::size_t more = blocks.size() - count;
  blocks.resize(count);
  for (const Block& block : blocks) {
    if (is_remark(block)) continue;
    print_block(block, style, out);
    out << '\n';
  }
  print_remarks(blocks, style, out);
  if (more != 0) {
    print_more(more, "with findings", out);
    out << '\n';
  }
  if (terminal.quiet) return;
  const auto sound = credentials_without_findings(report);
  const std::size_t shown_sound = shown_of(sound.size(), report, terminal);
  for (std::size_t i = 0; i < shown_sound; ++i) print_sound(*sound[i], style, out);
  print_more(sound.size() - shown_sound, "without findings", out);
  if (!sound.empty()) out << '\n';
}

void print_gaps(const Report& report, const Terminal& terminal, std::ostream& out) {
  const std::size_t count = gaps_on_screen(report, terminal);
  for (std::size_t i = 0; i < count; ++i) print_gap(report.gaps[i], terminal, out);
  if (count < report.gaps.size()) {
    out << "NOT READ  and " << counted(report.gaps.size() - count) << " more: -v names them all\n";
  }
}

// The state, the path and why it was looked at; the path whole, on its own line if need be.
void print_place(const Place& place, const Terminal& terminal, std::ostream& out) {
  constexpr std::size_t state_columns = 14;
  constexpr std::size_t why_hang = 17;
  const std::string lead = padded("  " + std::string{name_of(place.state)}, state_columns);
  const std::string path = shown(place.path, terminal);
  const std::string why = shown(place.why, terminal);
  const std::size_t columns = columns_of_screen(terminal);
  std::size_t taken = std::max<std::size_t>(columns_of(path) + 3, 36);
  if (state_columns + taken + columns_of(why) > columns) taken = columns_of(path) + 3;
  if (state_columns + taken + columns_of(why) <= columns) {
    out << lead << padded(path, taken) << why << '\n';
    return;
  }
  if (state_columns + columns_of(path) <= columns) {
    out << lead << path << '\n';
  } else {
    out << "  " << name_of(place.state) << '\n';
    print_path(path, state_columns, terminal, out);
  }
  print_hanging({.lead = std::string(why_hang, ' '), .lead_columns = why_hang, .hang = why_hang},
                why, terminal, out);
}

void print_places(const Report& report, const Terminal& terminal, std::ostream& out) {
  std::vector<const Place*> places;
  for (const Place& place : report.places) places.push_back(&place);
  // What was there first; homes last, where only a planted key pair was looked for.
  std::ranges::stable_sort(places, {}, [](const Place* place) {
    const bool is_home = place->kind == PlaceKind::home;
    const bool is_system = is_system_directory(place->path);
    return is_home ? 3 : place->state != PlaceState::absent ? 0 : is_system ? 1 : 2;
  });
  const bool all = terminal.verbose || places.size() <= most_places;
  const std::size_t count = all ? places.size() : most_places;
  for (std::size_t i = 0; i < count; ++i) print_place(*places[i], terminal, out);
  if (!all) {
    out << "  and " << counted(places.size() - count) << " more: -v names them all\n";
  }
}

bool has_only_remarks(const Report& report) {
  return std::ranges::all_of(report.findings, [](const Finding& finding) {
    return finding.severity == Severity::info || finding.exception != nullptr;
  });
}

void print_nothing_there(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (report.complete()) {
    out << "cfwarden: no Cloudflare Tunnel credentials here. Looked for in\n";
  } else {
    print_sentence("cfwarden: incomplete (" + shortfall(report) +
                       "): no Cloudflare Tunnel credentials in what could be read. Looked for in",
                   terminal, out);
  }
  print_places(report, terminal, out);
  out << '\n';
  print_viewer(report, terminal, out);
  print_profile(report, terminal, out);
  const std::string program = shown(terminal.program, terminal);
  const std::string below = report.root == "/" || report.root.empty() ? "" : "--root DIR ";
  print_line("Next", program + " audit " + below + "PATH   looks into other directories", terminal,
             out);
  print_line("", program + " demo         shows what findings look like", terminal, out);
}

void print_next_steps(const Report& report, const Terminal& terminal, std::ostream& out) {
  const std::size_t that_count = open_findings(report);
  if (that_count == 0) return;
  const std::size_t mended = mendable_findings(report);
  if (mended != 0) {
    print_next({.label = "Next",
                .command = "fix",
                .remark = counted(mended) + " of " + counted(that_count, "finding") +
                          " can be mended by mode, owner or ACL"},
               report, terminal, out);
  }
  print_next(
      {.label = mended != 0 ? "" : "Next", .command = "explain " + report.findings.front().rule},
      report, terminal, out);
}

std::string nothing_but(const Report& report) {
  const std::size_t excepted = report.excepted();
  if (report.findings.empty()) return ", no findings, ";
  if (excepted == 0) return ", nothing but info, ";
  const std::string info = excepted == report.findings.size() ? "" : " and info";
  return ", nothing but " + counted(excepted, "excepted finding") + info + ", ";
}

void print_nothing_wrong(const Report& report, const Terminal& terminal, std::ostream& out) {
  const std::string credentials = counted(report.credentials.size(), "credential");
  const std::string places = counted(places_looked_at(report), "place") + " looked at";
  if (report.complete()) {
    print_sentence("cfwarden: " + credentials + nothing_but(report) + places, terminal, out);
  } else {
    print_sentence("cfwarden: incomplete (" + shortfall(report) + "): " + credentials +
                       ", nothing wrong in what could be read, " + places,
                   terminal, out);
  }
  print_viewer(report, terminal, out);
  print_profile(report, terminal, out);
  print_accounts(report, terminal, out);
  print_rotation(report, terminal, out);
}

void print_summary(const Report& report, const Terminal& terminal, std::ostream& out) {
  print_line("Looked at",
             counted(places_looked_at(report), "place") + ", " +
                 counted(report.names_seen, "name") + ", " +
                 counted(report.credentials.size(), "credential"),
             terminal, out);
  print_viewer(report, terminal, out);
  print_profile(report, terminal, out);
  print_incompleteness(report, terminal, out);
  print_line("Found", tally(report), terminal, out);
  print_accounts(report, terminal, out);
  print_rotation(report, terminal, out);
}

}  // namespace

void write_text(const Report& report, const Terminal& terminal, std::ostream& out) {
  if (report.sweep) print_names(*report.sweep, terminal, out);
  print_blocks(report, terminal, out);
  print_gaps(report, terminal, out);
  if (terminal.quiet) {
    if (report.interrupted) out << "cfwarden: stopped before the end\n";
    return;
  }
  if (!report.gaps.empty()) out << '\n';
  if (report.sweep) {
    print_sweep_end(report, terminal, out);
    return;
  }
  if (report.credentials.empty() && report.findings.empty()) {
    print_nothing_there(report, terminal, out);
    return;
  }
  if (terminal.verbose) {
    print_places(report, terminal, out);
    out << '\n';
  }
  if (has_only_remarks(report)) {
    print_nothing_wrong(report, terminal, out);
  } else {
    print_summary(report, terminal, out);
  }
  print_next_steps(report, terminal, out);
}

}  // namespace cfwarden
