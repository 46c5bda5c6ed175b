#include "cfwarden/cli/baseline.h"

#include "cfwarden/app/drift.h"
#include "cfwarden/app/summary.h"
#include "cfwarden/host/saved_file.h"
#include "cfwarden/output/all_formats.h"

#include <sstream>
#include <stdexcept>
#include <vector>

namespace cfwarden {
namespace {

// As a report of this run would be read later: a text means the same in both.
SavedReport saved(const Report& report) {
  std::ostringstream out;
  write_json(report, {}, out);
  Result<SavedReport> read = read_saved_report(out.str(), "this report");
  if (!read) throw std::runtime_error{read.error().what};
  return std::move(*read);
}

}  // namespace

void add_baseline_flags(const Declaration& command, BaselineFlags& flags) {
  command.text({.names = "--baseline",
                .value = "FILE",
                .description = "An earlier report as JSON: exit 1 only for what is new or worse",
                .accepts = Accepts::not_empty},
               flags.file);
  command.flag("--any-host", flags.any_host, "Of --baseline: may be of another host or root");
}

Result<std::optional<SavedReport>> read_baseline(const BaselineFlags& flags) {
  if (flags.file.empty()) {
    if (flags.any_host) return Error{"--any-host goes with --baseline only"};
    return std::optional<SavedReport>{};
  }
  const Result<std::string> bytes = read_saved_file(flags.file, max_report_bytes, SavedBy::trusted);
  if (!bytes) return Error{"--baseline: " + bytes.error().what};
  Result<SavedReport> report = read_saved_report(*bytes, flags.file);
  if (!report) return Error{"--baseline: " + report.error().what};
  return std::optional{std::move(*report)};
}

Result<Done> apply_baseline(const std::optional<SavedReport>& baseline, const BaselineFlags& flags,
                            Report& report) {
  if (!baseline) return Done{};
  const SavedReport newer = saved(report);
  const HostMatch match = flags.any_host ? HostMatch::any_host : HostMatch::one_host;
  if (const Result<Done> allowed = comparable(*baseline, newer, match); !allowed) {
    return Error{"--baseline: " + allowed.error().what};
  }
  const std::vector<Novelty> novelties = novelties_in(*baseline, newer);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    report.findings[i].novelty = novelties.at(i);
  }
  report.exit_code = exit_code_of(report);
  return Done{};
}

}  // namespace cfwarden
