#include "cfwarden/app/records.h"
#include "cfwarden/app/undo.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/standard_output.h"
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

ExitCode show(const Undoing& undoing, const UndoFlags& flags) {
  std::ostringstream out;
  if (flags.json) {
    write_undoing_json(undoing, out);
  } else {
    write_undoing(undoing, terminal_for(flags.color), out);
  }
  const bool has_changed =
      count(undoing, Comeback::restored) + count(undoing, Comeback::failed) > 0;
  const std::string if_lost = has_changed ? "changes of run " + undoing.run.name +
                                                " were taken back: see cfwarden undo --list"
                                          : "";
  return write_out(out.str(), static_cast<ExitCode>(undoing.exit_code), if_lost);
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

// The sound ones are listed, whatever lies beside them.
ExitCode run_list(const UndoFlags& flags) {
  if (!flags.run.empty()) return complain("--list takes no RUN");
  const Result<FoundJournals> listed = list_records();
  if (!listed) return complain(listed.error(), ExitCode::not_all_done);
  RecordedRuns runs{.runs = recorded_runs(listed->sound), .unsound = {}};
  for (const UnsoundJournal& one : listed->unsound) {
    runs.unsound.push_back({.path = one.path, .why = one.error.what});
    complain(complaint_about(one), ExitCode::not_all_done);
  }
  std::ostringstream out;
  if (flags.json) {
    write_recorded_runs_json(runs, out);
  } else {
    write_recorded_runs(runs, terminal_for(flags.color), out);
  }
  return write_out(out.str(), runs.unsound.empty() ? ExitCode::ok : ExitCode::not_all_done);
}

enum class Answer { yes, no, nobody_there };

Answer answer_to(const Undoing& plan, const UndoFlags& flags) {
  if (!is_asked_at_a_terminal()) return Answer::nobody_there;
  return is_wanted(plan, flags) ? Answer::yes : Answer::no;
}

// Whoever said no has seen the plan above the question.
ExitCode decline(Undoing plan, Answer answer, const UndoFlags& flags) {
  if (answer == Answer::no) {
    plan.exit_code = static_cast<int>(ExitCode::findings);
    const ExitCode code = flags.json ? show(plan, flags) : ExitCode::findings;
    return complain("nothing was taken back", code);
  }
  plan.exit_code = static_cast<int>(ExitCode::usage);
  return complain("nothing was taken back: without a terminal to ask at, say --yes",
                  show(plan, flags));
}

ExitCode take_back(const ReadJournal& journal, const StateDirectory& state,
                   const UndoFlags& flags) {
  const Result<UndoHost> host = host_of(journal);
  if (!host) return complain(host.error(), ExitCode::not_all_done);
  if (!flags.yes) {
    const Undoing plan = plan_undo(journal, *host);
    if (count(plan, Comeback::pending) == 0) {
      const Result<Done> settled = settle_undo(journal, *host, state);
      return settled ? show(plan, flags) : complain(settled.error(), ExitCode::not_all_done);
    }
    const Answer answer = answer_to(plan, flags);
    if (answer != Answer::yes) return decline(plan, answer, flags);
  }
  const Result<Undoing> undoing = carry_out_undo(journal, *host, state);
  if (!undoing) return complain(undoing.error(), ExitCode::not_all_done);
  return show(*undoing, flags);
}

ExitCode nothing_to_undo(const std::vector<ReadJournal>& journals, const UndoFlags& flags) {
  if (!flags.run.empty()) {
    return complain("there is no recorded run " + echo_of(flags.run) +
                    "\nsee cfwarden undo --list");
  }
  const std::vector<RecordedRun> runs = recorded_runs(journals);
  const auto gone = std::ranges::count(runs, true, &RecordedRun::is_root_gone);
  return show({.passed_over = static_cast<std::size_t>(gone)}, flags);
}

ExitCode run_undo(const UndoFlags& flags) {
  if (flags.list) return run_list(flags);
  watch_interrupts();
  if (!proc_is_genuine()) {
    return complain("/proc is not procfs: nothing can be changed safely without it",
                    ExitCode::not_all_done);
  }
  // Where nothing was ever recorded, no place for records is made.
  const Result<bool> is_there = has_records();
  if (!is_there) return complain(is_there.error(), ExitCode::not_all_done);
  if (!*is_there) return nothing_to_undo({}, flags);
  const Result<RunRecords> records = open_records(RecordsFor::changing);
  if (!records) return complain(records.error(), ExitCode::not_all_done);
  const ReadJournal* journal = run_to_undo(records->journals, flags.run);
  if (journal == nullptr) return nothing_to_undo(records->journals, flags);
  return take_back(*journal, *records->state, flags);
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
  command.runs([flags](std::ostream&) { return run_undo(*flags); });
}

}  // namespace cfwarden
