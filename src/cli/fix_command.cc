#include "cfwarden/app/move_token.h"
#include "cfwarden/app/repair.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/output/repair.h"
#include "cfwarden/output/token_move.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <cerrno>
#include <memory>

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
  if (only.empty()) return Done{};
  const Result<std::vector<Rule>> rules = load_rules(prepared.user_rules, Extent::verdict);
  if (!rules) return rules.error();
  std::vector<std::string_view> known;
  for (const Rule& rule : *rules) known.push_back(rule.id);
  for (const std::string& id : only) {
    if (std::ranges::find(known, id) != known.end()) continue;
    const std::string close = did_you_mean(id, known);
    return Error{"--only: there is no rule " + echo_of(id) +
                     (close.empty() ? "" : "; did you mean '" + close + "'?") +
                     "\nsee cfwarden rules list",
                 0};
  }
  return Done{};
}

ExitCode complain_of_plan(const Error& error) {
  return complain(error, error.code == ENOTRECOVERABLE ? ExitCode::not_all_done : ExitCode::usage);
}

Terminal terminal_of(const FixFlags& flags, const PreparedAudit& prepared) {
  Terminal terminal = terminal_for(color_wish(flags.audit, prepared));
  terminal.quiet = flags.quiet;
  terminal.verbose = flags.verbose;
  return terminal;
}

ExitCode show(const Repair& repair, const FixFlags& flags, const PreparedAudit& prepared,
              std::ostream& out) {
  if (flags.json) {
    write_repair_json(repair, out);
  } else {
    write_repair(repair, terminal_of(flags, prepared), out);
  }
  return static_cast<ExitCode>(repair.exit_code);
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

Result<PlannedRepair> planned(const FixFlags& flags, const PreparedAudit& prepared) {
  Progress progress;
  return plan_repair(request_of(flags, prepared, progress));
}

ExitCode run_plan(const FixFlags& flags, const PreparedAudit& prepared, std::ostream& out) {
  const Result<std::optional<StateDirectory>> state = StateDirectory::existing();
  if (!state) return complain(state.error(), ExitCode::not_all_done);
  if (*state) {
    const auto journals = read_journals(**state);
    if (!journals) return complain(journals.error(), ExitCode::not_all_done);
  }
  const Result<PlannedRepair> plan = planned(flags, prepared);
  if (!plan) return complain_of_plan(plan.error());
  return show(plan->repair, flags, prepared, out);
}

// The lock comes before anything is read.
ExitCode run_apply(const FixFlags& flags, const PreparedAudit& prepared, std::ostream& out) {
  const Result<StateDirectory> state = StateDirectory::locked();
  if (!state) return complain(state.error(), ExitCode::not_all_done);
  const auto journals = read_journals(*state);
  if (!journals) return complain(journals.error(), ExitCode::not_all_done);
  Result<PlannedRepair> plan = planned(flags, prepared);
  if (!plan) return complain_of_plan(plan.error());
  const Result<Repair> repair = carry_out(std::move(*plan), *state, *journals);
  if (!repair) return complain(repair.error(), ExitCode::not_all_done);
  return show(*repair, flags, prepared, out);
}

ExitCode run_move(const FixFlags& flags, const PreparedAudit& prepared, std::ostream& out) {
  const Result<TokenMoveRun> run =
      move_token({.audit = prepared.request, .unit = flags.unit, .apply = flags.apply});
  if (!run) return complain(run.error());
  if (flags.json) {
    write_token_move_json(*run, out);
  } else {
    write_token_move(*run, terminal_of(flags, prepared), out);
  }
  return static_cast<ExitCode>(run->exit_code);
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

ExitCode run_fix(const FixFlags& flags, std::ostream& out) {
  if (const std::string clash = clash_of(flags); !clash.empty()) return complain(clash);
  PreparedAudit prepared;
  if (const Result<Done> ready = prepare(flags.audit, prepared); !ready) {
    return complain(ready.error());
  }
  if (const Result<Done> known = check_rules(flags.only, prepared); !known) {
    return complain(known.error());
  }
  watch_interrupts();
  if (!flags.unit.empty()) return run_move(flags, prepared, out);
  return flags.apply ? run_apply(flags, prepared, out) : run_plan(flags, prepared, out);
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
  command.runs([flags](std::ostream& out) { return run_fix(*flags, out); });
}

}  // namespace cfwarden
