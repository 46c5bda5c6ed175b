#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/baseline.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/report_outputs.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_log.h"

#include <memory>

namespace cfwarden {
namespace {

struct AuditCommandFlags {
  AuditFlags audit;
  BaselineFlags baseline;
  OutputFlags output;
};

ExitCode run_audit(const AuditCommandFlags& flags, std::ostream& out) {
  const Result<std::vector<Output>> outputs = outputs_of(flags.output);
  if (!outputs) return complain(outputs.error());
  const Descriptor log = system_log_of_stderr();
  PreparedAudit prepared;
  const Result<Done> ready = prepare(flags.audit, prepared);
  if (!ready) return write_failure(*outputs, ready.error(), out);
  const Result<std::optional<SavedReport>> baseline = read_baseline(flags.baseline);
  if (!baseline) return write_failure(*outputs, baseline.error(), out);

  watch_interrupts();
  Progress progress;
  prepared.request.progress = [&](std::size_t names) { progress.show(names); };
  Result<Audit> audited = audit(prepared.request);
  if (!audited) return write_failure(*outputs, audited.error(), out);
  const Result<Done> marked = apply_baseline(*baseline, flags.baseline, audited->report);
  if (!marked) return write_failure(*outputs, marked.error(), out);

  return write_outputs({.outputs = *outputs,
                        .flags = flags.output,
                        .color = color_wish(flags.audit, prepared),
                        .user_rules = prepared.user_rules,
                        .profile = prepared.request.profile,
                        .exceptions = flags.audit.exceptions,
                        .log = log},
                       audited->report, out);
}

}  // namespace

void add_audit_command(const Declaration& program) {
  const auto flags = std::make_shared<AuditCommandFlags>();
  const Declaration command =
      program.command("audit", "Report every Cloudflare Tunnel credential and who can read it");
  command.texts(
      {.names = "PATH", .description = "Files or directories, instead of the default places"},
      flags->audit.paths);
  add_audit_flags(command, flags->audit);
  add_baseline_flags(command, flags->baseline);
  add_output_flags(command, flags->output);
  command.runs([flags](std::ostream& out) { return run_audit(*flags, out); });
}

}  // namespace cfwarden
