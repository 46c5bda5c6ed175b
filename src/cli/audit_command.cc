#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/report_outputs.h"
#include "cfwarden/host/process.h"

#include <memory>

namespace cfwarden {
namespace {

struct AuditCommandFlags {
  AuditFlags audit;
  OutputFlags output;
};

ExitCode run_audit(const AuditCommandFlags& flags, std::ostream& out) {
  const Result<std::vector<Output>> outputs = outputs_of(flags.output);
  if (!outputs) return complain(outputs.error());
  PreparedAudit prepared;
  const Result<Done> ready = prepare(flags.audit, prepared);
  if (!ready) return complain(ready.error());

  watch_interrupts();
  Progress progress;
  prepared.request.progress = [&](std::size_t names) { progress.show(names); };
  const Result<Audit> audited = audit(prepared.request);
  if (!audited) return complain(audited.error());

  return write_outputs(*outputs, audited->report, flags.output, color_wish(flags.audit, prepared),
                       out);
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
  add_output_flags(command, flags->output);
  command.runs([flags](std::ostream& out) { return run_audit(*flags, out); });
}

}  // namespace cfwarden
