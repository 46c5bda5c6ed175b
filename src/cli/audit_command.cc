#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/report_file.h"
#include "cfwarden/output/format.h"

#include <memory>
#include <sstream>
#include <stdexcept>

namespace cfwarden {
namespace {

struct AuditCommandFlags {
  AuditFlags audit;
  std::vector<std::string> outputs;  // FORMAT or FORMAT=FILE.
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool exit_zero = false;
};

struct Output {
  const Format* format = nullptr;
  std::string file;  // "" for standard output.
};

std::string format_names() {
  std::string names;
  for (const Format& format : all_formats()) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

Result<std::vector<Output>> outputs_of(const AuditCommandFlags& flags) {
  std::vector<std::string> wishes = flags.outputs;
  if (flags.json) wishes.emplace_back("json");
  if (wishes.empty()) wishes.emplace_back("text");
  std::vector<Output> outputs;
  std::size_t on_standard_output = 0;
  for (const std::string& wish : wishes) {
    const std::size_t equals = wish.find('=');
    Output output;
    output.format = find_format(wish.substr(0, equals));
    if (output.format == nullptr) {
      return Error{"-o: there is no such format; allowed are " + format_names(), 0};
    }
    if (equals != std::string::npos) output.file = wish.substr(equals + 1);
    if (equals != std::string::npos && output.file.empty()) {
      return Error{"-o: the file name after = is missing", 0};
    }
    if (output.file.empty()) ++on_standard_output;
    outputs.push_back(output);
  }
  if (on_standard_output > 1) {
    return Error{"-o: only one format can go to standard output; give the others a file", 0};
  }
  return outputs;
}

void write_outputs(const std::vector<Output>& outputs, const Report& report,
                   const Terminal& terminal, std::ostream& out) {
  for (const Output& output : outputs) {
    if (output.file.empty()) {
      output.format->write(report, terminal, out);
      continue;
    }
    Terminal plain = terminal;
    plain.color = Color::off;
    plain.columns = 100;
    std::ostringstream text;
    output.format->write(report, plain, text);
    const Result<Done> written = write_report_file(output.file, text.str());
    if (!written) throw std::runtime_error{written.error().what};
  }
}

ExitCode run_audit(const AuditCommandFlags& flags, std::ostream& out) {
  const Result<std::vector<Output>> outputs = outputs_of(flags);
  if (!outputs) return complain(outputs.error());
  PreparedAudit prepared;
  const Result<Done> ready = prepare(flags.audit, prepared);
  if (!ready) return complain(ready.error());

  watch_interrupts();
  Progress progress;
  prepared.request.progress = [&](std::size_t names) { progress.show(names); };
  const Result<Audit> audited = audit(prepared.request);
  if (!audited) return complain(audited.error());

  Terminal terminal = terminal_for(color_wish(flags.audit, prepared));
  terminal.quiet = flags.quiet;
  terminal.verbose = flags.verbose;
  write_outputs(*outputs, audited->report, terminal, out);
  if (flags.exit_zero) return ExitCode::ok;
  return static_cast<ExitCode>(audited->report.exit_code);
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
  command.texts({.names = "-o,--output",
                 .value = "FORMAT[=FILE]",
                 .description = "text or json, to a file with =FILE; may be repeated"},
                flags->outputs);
  command.flag("--json", flags->json, "Short for -o json");
  command.flag("-q,--quiet", flags->quiet, "Findings and what was not read, nothing else");
  command.flag("-v,--verbose", flags->verbose, "Every place and every account name");
  command.flag("--exit-zero", flags->exit_zero, "Exit 0 whatever was found");
  command.runs([flags](std::ostream& out) { return run_audit(*flags, out); });
}

}  // namespace cfwarden
