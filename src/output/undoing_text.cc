#include "cfwarden/output/change_rows.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"
#include "cfwarden/output/undoing.h"

#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t hang = 10;

ChangeVerdict verdict_of(Comeback fate) {
  switch (fate) {
    case Comeback::restored:
      return {"RESTORED", "32"};
    case Comeback::left_alone:
      return {"LEFT ALONE", "33"};
    case Comeback::failed:
      return {"FAILED", "31"};
    case Comeback::not_reached:
      return {"NOT REACHED", "33"};
    case Comeback::pending:
      break;
  }
  return {};
}

void print_sentence(std::string_view text, const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = {}, .lead_columns = 0, .hang = hang}, text, terminal, out);
}

std::string opening(const RecordedRun& run, const Terminal& terminal) {
  std::string text = "Run " + shown(run.name, terminal);
  if (const std::string when = utc_text(run.started); !when.empty()) text += " of " + when;
  if (!run.user.empty()) text += " by " + shown(run.user, terminal);
  if (run.root != "/" && !run.root.empty()) text += ", below " + shown(run.root, terminal);
  text += ": " + counted(run.changes, "change");
  return text + (run.was_interrupted ? "; it was interrupted" : "");
}

void print_states(const Restoration& one, const AclNames& names, const Terminal& terminal,
                  std::ostream& out) {
  print_exchange({.type = one.type,
                  .from = {one.now, one.owner_now, one.group_now},
                  .to = {one.before, one.owner_before, one.group_before},
                  .names = names},
                 terminal, out);
}

void print_restoration(const Restoration& one, const Undoing& undoing, const Terminal& terminal,
                       std::ostream& out) {
  const Comeback fate = comeback_of(one, undoing);
  print_change_head(verdict_of(fate), one.path, terminal, out);
  const std::string& why = one.left_because.empty() ? one.applied.why : one.left_because;
  if (!why.empty()) print_change_row("because", shown(why, terminal), terminal, out);
  const bool comes_back = fate == Comeback::pending || fate == Comeback::restored;
  const bool is_back = fate == Comeback::restored;
  if (!one.token_file.empty() && comes_back) {
    const std::string from = shown(one.token_file, terminal);
    print_change_row("token",
                     is_back ? "came back from " + from + ", which was removed"
                             : "comes back from " + from + ", which is removed",
                     terminal, out);
  } else if (comes_back || (fate == Comeback::failed && one.token_file.empty())) {
    print_states(one, undoing.acl_names, terminal, out);
  }
  if (comes_back) {
    print_change_row(is_back ? "opened to" : "opens to",
                     one.opens_to.empty() ? "nobody new" : shown(one.opens_to, terminal), terminal,
                     out);
  }
  out << '\n';
}

// systemd goes on with what it read before, until it is told.
void print_afterwards(const Undoing& undoing, const Terminal& terminal, std::ostream& out) {
  for (const Restoration& one : undoing.restorations) {
    if (one.commands.empty() || !one.left_because.empty()) continue;
    std::string step = "Let systemd forget the --token-file it has loaded, which ";
    step += undoing.is_applied ? "is gone:" : "will be gone:";
    for (const std::string& command : one.commands) step += "\n" + command;
    out << (undoing.is_applied ? "Now, for you" : "Afterwards, for you")
        << (undoing.run.root == "/" ? "\n" : ", on the host itself\n");
    print_steps({step}, 2, terminal, out);
    out << '\n';
  }
}

std::string tally(const Undoing& undoing) {
  std::string left = counted(count(undoing, Comeback::left_alone)) + " left alone";
  if (undoing.as_before != 0) left += ", " + counted(undoing.as_before) + " already as before";
  if (!undoing.is_applied) {
    return counted(count(undoing, Comeback::pending)) + " to restore, " + left;
  }
  std::string text = counted(count(undoing, Comeback::restored)) + " restored, " + left;
  const std::size_t failed = count(undoing, Comeback::failed);
  const std::size_t not_reached = count(undoing, Comeback::not_reached);
  if (failed != 0) text += ", " + counted(failed) + " failed";
  if (not_reached != 0) text += ", " + counted(not_reached) + " not reached";
  return text;
}

}  // namespace

void write_undoing(const Undoing& undoing, const Terminal& terminal, std::ostream& out) {
  if (undoing.run.name.empty()) {
    std::string text = "cfwarden: nothing to take back";
    if (undoing.passed_over != 0) {
      text += "; of " + counted(undoing.passed_over, "run") +
              " the root is gone, see cfwarden undo --list";
    }
    print_sentence(text, terminal, out);
    return;
  }
  print_sentence(opening(undoing.run, terminal), terminal, out);
  out << '\n';
  for (const Restoration& one : undoing.restorations) {
    print_restoration(one, undoing, terminal, out);
  }
  print_afterwards(undoing, terminal, out);
  if (undoing.interrupted) {
    print_sentence("Stopped before the end: what was not reached is as it was", terminal, out);
  }
  if (undoing.restorations.empty()) {
    out << "Nothing to take back: everything is as it was before.\n";
  } else {
    out << tally(undoing) << '\n';
  }
}

}  // namespace cfwarden
