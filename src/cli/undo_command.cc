#include "cfwarden/app/undo.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/process.h"
#include "cfwarden/output/undoing.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <sstream>

namespace cfwarden {
namespace {

struct UndoFlags {
  std::string run;
  std::string color = "auto";
  bool yes = false;
  bool list = false;
  bool json = false;
};

void show(const Undoing& undoing, const UndoFlags& flags, std::ostream& out) {
  if (flags.json) {
    write_undoing_json(undoing, out);
  } else {
    write_undoing(undoing, terminal_for(flags.color), out);
  }
}

bool is_asked_at_a_terminal() {
  return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

// An interrupt may come just before it waits, and then wakes nothing.
bool waited_for_answer() {
  constexpr int milliseconds = 100;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (!interrupted()) {
    if (poll(&input, 1, milliseconds) > 0) return true;
  }
  return false;
}

// The question goes where a person sees it, whatever standard output leads to.
bool is_wanted(const Undoing& undoing, const UndoFlags& flags) {
  std::ostringstream question;
  write_undoing(undoing, terminal_for(flags.color), question);
  question << "Take this back? [y/N] ";
  std::cerr << question.str() << std::flush;
  std::array<char, 64> answer{};
  if (!waited_for_answer()) return false;
  const ssize_t count = read(STDIN_FILENO, answer.data(), answer.size());
  return count > 0 && !interrupted() && (answer[0] == 'y' || answer[0] == 'Y');
}

ExitCode run_list(const UndoFlags& flags, std::ostream& out) {
  const Result<std::optional<StateDirectory>> state = StateDirectory::existing();
  if (!state) return complain(state.error(), ExitCode::not_all_done);
  std::vector<RecordedRun> runs;
  if (*state) {
    const auto journals = read_journals(**state);
    if (!journals) return complain(journals.error(), ExitCode::not_all_done);
    runs = recorded_runs(*journals);
  }
  if (flags.json) {
    write_recorded_runs_json(runs, out);
  } else {
    write_recorded_runs(runs, terminal_for(flags.color), out);
  }
  return ExitCode::ok;
}

ExitCode take_back(const ReadJournal& journal, const StateDirectory& state, const UndoFlags& flags,
                   std::ostream& out) {
  const Result<UndoHost> host = host_of(journal);
  if (!host) return complain(host.error(), ExitCode::not_all_done);
  if (!flags.yes) {
    const Undoing plan = plan_undo(journal, *host);
    if (!is_asked_at_a_terminal()) {
      show(plan, flags, out);
      return complain("nothing was taken back: without a terminal to ask at, say --yes");
    }
    if (!is_wanted(plan, flags)) {
      return complain("nothing was taken back", ExitCode::findings);
    }
  }
  const Result<Undoing> undoing = carry_out_undo(journal, *host, state);
  if (!undoing) return complain(undoing.error(), ExitCode::not_all_done);
  show(*undoing, flags, out);
  return static_cast<ExitCode>(undoing->exit_code);
}

ExitCode run_undo(const UndoFlags& flags, std::ostream& out) {
  if (flags.list) return run_list(flags, out);
  watch_interrupts();
  if (!proc_is_genuine()) {
    return complain("/proc is not procfs: nothing can be changed safely without it",
                    ExitCode::not_all_done);
  }
  const Result<StateDirectory> state = StateDirectory::locked();
  if (!state) return complain(state.error(), ExitCode::not_all_done);
  const auto journals = read_journals(*state);
  if (!journals) return complain(journals.error(), ExitCode::not_all_done);
  const ReadJournal* journal = run_to_undo(*journals, flags.run);
  if (journal != nullptr) return take_back(*journal, *state, flags, out);
  if (!flags.run.empty()) {
    return complain("there is no recorded run " + echo_of(flags.run) +
                    "\nsee cfwarden undo --list");
  }
  show(Undoing{}, flags, out);
  return ExitCode::ok;
}

}  // namespace

void add_undo_command(const Declaration& program) {
  const auto flags = std::make_shared<UndoFlags>();
  const Declaration command =
      program.command("undo", "Take back what a run of fix did, after asking");
  command.text({.names = "RUN", .description = "As --list names it; the newest one by default"},
               flags->run);
  command.flag("--list", flags->list, "Every recorded run");
  command.flag("--yes", flags->yes, "Do not ask");
  command.flag("--json", flags->json, "One JSON object");
  command.text(color_option(), flags->color);
  command.runs([flags](std::ostream& out) { return run_undo(*flags, out); });
}

}  // namespace cfwarden
