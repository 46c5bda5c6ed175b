#include "cfwarden/app/drift.h"
#include "cfwarden/app/saved_report.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/saved_file.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/drift.h"

#include <memory>
#include <optional>
#include <ostream>

namespace cfwarden {
namespace {

struct DiffFlags {
  std::string older;
  std::string newer;
  std::string fail_on = "low";
  std::string color = "auto";
  bool any_host = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

Result<SavedReport> report_in(const std::string& file) {
  const Result<std::string> bytes = read_saved_file(file, max_report_bytes, SavedBy::named);
  if (!bytes) return bytes.error();
  return read_saved_report(*bytes, file == "-" ? "standard input" : file);
}

ExitCode run_diff(const DiffFlags& flags, std::ostream& out) {
  const std::optional<Severity> fail_on = from_name<Severity>(flags.fail_on);
  if (!fail_on || *fail_on == Severity::info) {
    return complain("--fail-on: allowed are low, medium, high, critical");
  }
  if (flags.older == "-" && flags.newer == "-") {
    return complain("only one of OLD and NEW can be standard input");
  }
  (void)confine_supervisor();  // An old kernel lacks it.
  const Result<SavedReport> older = report_in(flags.older);
  if (!older) return complain(older.error());
  const Result<SavedReport> newer = report_in(flags.newer);
  if (!newer) return complain(newer.error());
  const HostMatch match = flags.any_host ? HostMatch::any_host : HostMatch::one_host;
  const Result<Done> allowed = comparable(*older, *newer, match);
  if (!allowed) return complain(allowed.error());

  Drift drift = drift_between(*older, *newer, own_rule_ids());
  drift.fail_on = *fail_on;
  drift.exit_code = exit_code_of(drift, *fail_on);
  if (flags.json) {
    write_drift_json(drift, out);
  } else {
    Terminal terminal = terminal_for(flags.color);
    terminal.quiet = flags.quiet;
    terminal.verbose = flags.verbose;
    write_drift(drift, terminal, out);
  }
  return static_cast<ExitCode>(drift.exit_code);
}

}  // namespace

void add_diff_command(const Declaration& program) {
  const auto flags = std::make_shared<DiffFlags>();
  const Declaration command =
      program.command("diff", "What changed between two reports of one host");
  command.required_text(
      {.names = "OLD", .description = "A report as JSON, or - for standard input"}, flags->older);
  command.required_text({.names = "NEW", .description = "A later one of the same host"},
                        flags->newer);
  command.text({.names = "--fail-on",
                .value = "SEVERITY",
                .description = "Exit 1 from this severity up (default: low)"},
               flags->fail_on);
  command.flag("--any-host", flags->any_host, "Also reports of different hosts or roots");
  command.flag("--json", flags->json, "One JSON object");
  command.flag("-q,--quiet", flags->quiet, "Changes and what was not read, nothing else");
  command.flag("-v,--verbose", flags->verbose, "All changes, however many");
  command.text(color_option(), flags->color);
  command.runs([flags](std::ostream& out) { return run_diff(*flags, out); });
}

}  // namespace cfwarden
