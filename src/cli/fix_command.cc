#include "cfwarden/app/move_token.h"
#include "cfwarden/app/records.h"
#include "cfwarden/app/repair.h"
#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/standard_output.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/output/repair.h"
#include "cfwarden/output/token_move.h"

#include <cerrno>
#include <memory>
#include <sstream>

namespace cfwarden {
namespace {

struct FixFlags {
  AuditFlags audit;
  std::vector<std::string> only;
  std::string unit;  // --move-token.
  std::vector<std::string> words;
  bool apply = false;
  bool take_ownership = false;
  bool service_group = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

Result<Done> check_rules(const std::vector<std::string>& only, const PreparedAudit& prepared) {
  for (const std::string& id : only) {
    const Result<Done> known = check_rule(id, prepared.user_rules);
    if (!known) return Error{"--only: " + known.error().what, 0};
  }
  return Done{};
}

ExitCode complain_of(const Error& error) {
  return complain(error, error.code == ENOTRECOVERABLE ? ExitCode::not_all_done : ExitCode::usage);
}

Terminal terminal_of(const FixFlags& flags, const PreparedAudit& prepared) {
  Terminal terminal = terminal_for(color_wish(flags.audit, prepared));
  terminal.exceptions = flags.audit.exceptions;
  terminal.quiet = flags.quiet;
  terminal.verbose = flags.verbose;
  return terminal;
}

RepairRequest request_of(const FixFlags& flags, const PreparedAudit& prepared, Progress& progress) {
  RepairRequest request{.audit = prepared.request,
                        .only = flags.only,
                        .take_ownership = flags.take_ownership,
                        .service_group = flags.service_group,
                        .arguments = flags.words};
  request.audit.progress = [&](std::size_t names) { progress.show(names); };
  return request;
}

// `run` names what was recorded: that is told even where all else is lost.
ExitCode show(const std::string& text, int exit_code, const std::string& run) {
  const std::string if_lost =
      run.empty() ? "" : "changes were made, recorded as " + run + ": see cfwarden undo --list";
  return write_out(text, static_cast<ExitCode>(exit_code), if_lost);
}

// The lock comes before anything is read.
Result<Repair> repaired(const FixFlags& flags, const PreparedAudit& prepared) {
  const Result<RunRecords> records =
      open_records(flags.apply ? RecordsFor::changing : RecordsFor::looking);
  if (!records) return records.error();
  Progress progress;
  Result<PlannedRepair> plan = plan_repair(request_of(flags, prepared, progress), *records);
  if (!plan) return plan.error();
  if (!flags.apply) return std::move(plan->repair);
  Result<Repair> repair = carry_out(std::move(*plan), *records);
  if (!repair) return Error{repair.error().what, ENOTRECOVERABLE};
  return repair;
}

ExitCode run_repair(const FixFlags& flags, const PreparedAudit& prepared) {
  const Result<Repair> repair = repaired(flags, prepared);
  if (!repair) return complain_of(repair.error());
  std::ostringstream out;
  if (flags.json) {
    write_repair_json(*repair, out);
  } else {
    write_repair(*repair, terminal_of(flags, prepared), out);
  }
  return show(out.str(), repair->exit_code, repair->run);
}

ExitCode run_move(const FixFlags& flags, const PreparedAudit& prepared) {
  const Result<TokenMoveRun> run =
      move_token({.audit = prepared.request, .unit = flags.unit, .apply = flags.apply});
  if (!run) return complain_of(run.error());
  std::ostringstream out;
  if (flags.json) {
    write_token_move_json(*run, out);
  } else {
    write_token_move(*run, terminal_of(flags, prepared), out);
  }
  return show(out.str(), run->exit_code, run->run);
}

// It does that move and nothing else.
std::string clash_of(const FixFlags& flags) {
  if (flags.unit.empty()) return {};
  if (!flags.audit.paths.empty()) return "--move-token takes no PATH";
  if (!flags.only.empty()) return "--move-token goes without --only";
  if (flags.take_ownership || flags.service_group) {
    return "--move-token goes without --take-ownership and --service-group";
  }
  return {};
}

ExitCode run_fix(const FixFlags& flags) {
  if (const std::string clash = clash_of(flags); !clash.empty()) return complain(clash);
  PreparedAudit prepared;
  if (const Result<Done> ready = prepare(flags.audit, prepared); !ready) {
    return complain(ready.error());
  }
  if (const Result<Done> known = check_rules(flags.only, prepared); !known) {
    return complain(known.error());
  }
  watch_interrupts();
  return flags.unit.empty() ? run_repair(flags, prepared) : run_move(flags, prepared);
}

}  // namespace

void add_fix_command(const Declaration& program) {
  const auto flags = std::make_shared<FixFlags>();
  const Declaration command =
      program.command("fix", "Show how modes, owners and ACLs would be mended; --apply mends them");
  command.texts(
      {.names = "PATH", .description = "Files or directories, instead of the default places"},
      flags->audit.paths);
  command.flag("--apply", flags->apply, "Carry the plan out, and record how to take it back");
  command.texts({.names = "--only",
                 .value = "RULE",
                 .description = "Mend what this rule finds, nothing else; may be repeated"},
                flags->only);
  command.flag("--take-ownership", flags->take_ownership,
               "Give files of unexpected owners to root, in directories of the system");
  command.flag("--service-group", flags->service_group,
               "Let a service read through its own group, in directories of the system");
  command.text({.names = "--move-token",
                .value = "UNIT",
                .description = "Only move the token out of this unit, into /etc/cloudflared/token",
                .accepts = Accepts::not_empty},
               flags->unit);
  command.flag("--json", flags->json, "The plan, or what became of it, as one JSON object");
  command.flag("-q,--quiet", flags->quiet,
               "What changes, what is refused and what is left, without why");
  command.flag("-v,--verbose", flags->verbose,
               "Every account name, and the steps of what is left for you");
  add_look_flags(command, flags->audit);
  flags->words = command.words();
  command.runs([flags](std::ostream&) { return run_fix(*flags); });
}

}  // namespace cfwarden
