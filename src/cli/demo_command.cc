#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/demo_host.h"
#include "cfwarden/host/process.h"

#include <iostream>
#include <memory>

namespace cfwarden {
namespace {

struct DemoFlags {
  std::string color = "auto";
  bool keep = false;
  bool verbose = false;
};

ExitCode audit_demo_host(const DemoHost& host, const DemoFlags& flags, std::ostream& out) {
  AuditRequest request;
  request.root = host.directory;
  const Result<Audit> audited = audit(request);
  if (!audited) return complain(audited.error(), ExitCode::internal);
  Terminal terminal = terminal_for(flags.color);
  terminal.verbose = flags.verbose;
  out << "A messy host with invented credentials lies in " << host.directory << "\n";
  for (const std::string& fault : host.left_out)
    out << "Left out, since it needs root: " << fault << "\n";
  out << "\n";
  find_format("text")->write(audited->report, terminal, out);
  return ExitCode::ok;
}

ExitCode run_demo(const DemoFlags& flags, std::ostream& out) {
  watch_interrupts();
  const Result<DemoHost> host = lay_out_demo_host();
  if (!host) return complain(host.error(), ExitCode::internal);
  const ExitCode code = audit_demo_host(*host, flags, out);
  if (flags.keep) {
    out << "\nKept. Look again: " << terminal_for("never").program << " audit --root "
        << host->directory << "\n";
    return code;
  }
  const Result<Done> removed = remove_demo_host(*host);
  if (!removed) return complain(removed.error(), ExitCode::internal);
  out << "\nThe demo host has been removed; `cfwarden demo --keep` leaves it for a closer look.\n";
  return code;
}

}  // namespace

void add_demo_command(const Declaration& program) {
  const auto flags = std::make_shared<DemoFlags>();
  const Declaration command =
      program.command("demo", "Lay out a messy host with invented credentials and audit it");
  command.flag("--keep", flags->keep, "Leave the demo host where it lies");
  command.flag("-v,--verbose", flags->verbose, "Every place and every account name");
  command.text(color_option(), flags->color);
  command.runs([flags](std::ostream& out) { return run_demo(*flags, out); });
}

}  // namespace cfwarden
