#include "cfwarden/base/shell_word.h"
#include "cfwarden/output/change_rows.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/steps.h"
#include "cfwarden/output/token_move.h"

#include <ostream>

namespace cfwarden {
namespace {

constexpr std::size_t sentence_hang = 10;
constexpr std::size_t sign_columns = 5;
constexpr std::string_view rule = "token-in-unit";
constexpr std::string_view first_to_know = "2025.4.0";  // The version that brought --token-file.

void print_sentence(std::string_view text, const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = {}, .lead_columns = 0, .hang = sentence_hang}, text, terminal, out);
}

void print_signed(char sign, std::string_view sgr, const std::string& text,
                  const Terminal& terminal, std::ostream& out) {
  print_hanging({.lead = "  " + painted(std::string(1, sign), sign_columns - 2, sgr, terminal),
                 .lead_columns = sign_columns,
                 .hang = sentence_hang},
                text, terminal, out);
}

ChangeVerdict verdict_of(TokenMoveState state) {
  switch (state) {
    case TokenMoveState::moved:
      return {"DONE", "32"};
    case TokenMoveState::refused:
      return {"REFUSED", "33"};
    case TokenMoveState::failed:
      return {"FAILED", "31"};
    case TokenMoveState::pending:
    case TokenMoveState::already_moved:
      break;
  }
  return {};
}

std::string located_unit(const TokenMoveRun& run) {
  const bool has_line = run.token && run.token->line;
  return has_line ? run.unit_path + ":" + std::to_string(*run.token->line) : run.unit_path;
}

void print_reasons(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  if (terminal.quiet || !run.token) return;
  const ReportedCredential& token = *run.token;
  print_change_row("can do", can_do(token.credential, terminal), terminal, out);
  const bool is_pending = run.state == TokenMoveState::pending;
  print_change_row(is_pending ? "read by" : "was read by",
                   reached_by(token.exposure.readers, token, terminal), terminal, out);
  std::string_view label = "needed";
  for (const std::string& need : needed_by(token, terminal)) {
    print_change_row(label, need, terminal, out);
    label = "";
  }
}

void print_move(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  const bool is_done = run.state == TokenMoveState::moved;
  const std::string program = shown(run.program, terminal);
  print_change_head(verdict_of(run.state), located_unit(run), terminal, out);
  print_signed('-', "31", program + " ... --token (the token itself)", terminal, out);
  print_signed('+', "32", program + " ... --token-file " + shown(run.token_path, terminal),
               terminal, out);
  print_reasons(run, terminal, out);
  if (!terminal.quiet) {
    print_change_row("keeps", "every other byte, its mode and its owner", terminal, out);
  }
  out << '\n';
  print_change_head(verdict_of(run.state), run.token_path, terminal, out);
  print_signed('+', "32", "-rw-------   0600  root  root", terminal, out);
  print_change_row("holds", "the token, and nothing else", terminal, out);
  if (run.makes_directory) {
    print_change_row("in", "a new directory, 0755 and root's", terminal, out);
  }
  if (is_done) {
    print_change_row("checked",
                     "by another audit: the unit holds no secret, the file is root's alone",
                     terminal, out);
  }
  out << '\n';
}

// What an interrupted move had left, and what became of it.
void print_continued(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  for (const std::string& path : run.removed) {
    print_sentence("Removed what an interrupted run had left: " + shown(path, terminal), terminal,
                   out);
  }
  if (!run.continues) return;
  if (run.state == TokenMoveState::moved) {
    print_sentence("An earlier run was interrupted: this one brought it to its end", terminal, out);
  } else if (run.state == TokenMoveState::pending) {
    print_sentence("An earlier run was interrupted: this one would bring it to its end", terminal,
                   out);
  }
}

std::string explain_command(const TokenMoveRun& run, const Terminal& terminal) {
  const std::string option = root_option(run.root, terminal);
  return terminal.program + " explain " + std::string{rule} + (option.empty() ? "" : " " + option);
}

// The check of what the unit starts; "" where it cannot be copied.
std::string version_command(const TokenMoveRun& run) {
  const auto program = run.program.empty() ? std::nullopt : shell_word(run.program);
  return program ? *program + " --version" : "";
}

std::string undo_command(const TokenMoveRun& run, const Terminal& terminal) {
  return terminal.program + " undo " + shown(run.run, terminal);
}

void print_for_you(std::string_view when, const std::vector<std::string>& steps,
                   const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  out << when << ", for you" << (run.root == "/" ? "\n" : ", on the host itself\n");
  print_steps(steps, 2, terminal, out);
  out << '\n';
}

void print_afterwards(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  if (run.commands.empty()) return;
  const bool is_pending = run.state == TokenMoveState::pending;
  std::vector<std::string> steps;
  if (const std::string check = version_command(run); !is_pending && !check.empty()) {
    steps.push_back("See which version the service starts:\n" + check);
    steps.push_back("Older than " + std::string{first_to_know} +
                    ": before any restart, this instead of the rest:\n" +
                    undo_command(run, terminal));
  }
  std::string restart = "Let systemd read the unit, and start the service with it:";
  for (const std::string& command : run.commands) restart += "\n" + command;
  steps.push_back(restart);
  steps.push_back("Rotate the token: it was readable, and whoever read it has it still. How:\n" +
                  explain_command(run, terminal));
  print_for_you(is_pending ? "Afterwards" : "Now", steps, run, terminal, out);
}

// An older program would not start with what the unit says then.
void print_beforehand(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  const std::string check = version_command(run);
  if (check.empty()) return;
  print_for_you("First",
                {"See that the program knows --token-file: it must be " +
                 std::string{first_to_know} + " or newer\n" + check},
                run, terminal, out);
}

// The path of this host for one of the root that was looked at, as a word; "" where it cannot be
// copied.
std::string word_for(const std::string& path, const TokenMoveRun& run) {
  return shell_word(run.root == "/" ? path : run.root + path).value_or("");
}

void print_comparison(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  const std::string token = word_for(run.token_path, run);
  const std::string unit = word_for(run.unit_path, run);
  if (token.empty() || unit.empty()) return;
  const std::string option = root_option(run.root, terminal);
  const auto inside = shell_word(run.token_path);
  out << "Next, for you\n";
  print_steps({"See whether it holds the token of this unit: 1 where it does, else 0\nsudo grep "
               "-cFf " +
                   token + " " + unit,
               "See what needs it\n" + terminal.program + " audit " +
                   (option.empty() ? "" : option + " ") + inside.value_or(""),
               "Remove it where nothing does, and run this again\nsudo rm -i " + token},
              2, terminal, out);
  out << '\n';
}

void print_remedy(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  if (run.remedy == TokenMoveRemedy::none) return;
  if (run.remedy == TokenMoveRemedy::compare_token_file) print_comparison(run, terminal, out);
  print_command("By hand: ", explain_command(run, terminal), terminal, out);
}

void print_obstacle(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  const std::string path = run.unit_path.empty() ? "the unit" : run.unit_path;
  print_change_head(verdict_of(run.state), path, terminal, out);
  print_change_row("because", shown(run.why, terminal), terminal, out);
  out << '\n';
}

// The same run again, to carry it out; "" where a word of it cannot be copied.
std::string apply_command(const TokenMoveRun& run, const Terminal& terminal) {
  const auto unit = shell_word(run.unit);
  if (!unit) return {};
  const std::string option = root_option(run.root, terminal);
  return terminal.program + " fix --move-token " + *unit + (option.empty() ? "" : " " + option) +
         " --apply";
}

void print_end(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  switch (run.state) {
    case TokenMoveState::pending:
      print_sentence("Nothing has been changed.", terminal, out);
      if (const std::string apply = apply_command(run, terminal); !apply.empty()) {
        print_command("  Apply       ", apply, terminal, out);
      }
      print_command("  Undo later  ", terminal.program + " undo", terminal, out);
      break;
    case TokenMoveState::moved:
    case TokenMoveState::failed:
      if (run.run.empty()) break;
      print_sentence("Recorded as " + shown(run.run, terminal) + ".", terminal, out);
      print_command("  Take it back  ", undo_command(run, terminal), terminal, out);
      break;
    case TokenMoveState::refused:
      print_remedy(run, terminal, out);
      print_sentence("Nothing was changed.", terminal, out);
      break;
    case TokenMoveState::already_moved:
      break;
  }
}

}  // namespace

void write_token_move(const TokenMoveRun& run, const Terminal& terminal, std::ostream& out) {
  print_continued(run, terminal, out);
  switch (run.state) {
    case TokenMoveState::pending:
      print_beforehand(run, terminal, out);
      print_move(run, terminal, out);
      print_afterwards(run, terminal, out);
      break;
    case TokenMoveState::moved:
      if (!run.program.empty()) print_move(run, terminal, out);
      print_afterwards(run, terminal, out);
      break;
    case TokenMoveState::already_moved:
      print_sentence("cfwarden: " + shown(run.unit, terminal) + " reads its token from " +
                         shown(run.token_path, terminal) + ": nothing to move",
                     terminal, out);
      break;
    case TokenMoveState::failed:
      print_obstacle(run, terminal, out);
      print_afterwards(run, terminal, out);
      break;
    case TokenMoveState::refused:
      print_obstacle(run, terminal, out);
      break;
  }
  print_end(run, terminal, out);
}

}  // namespace cfwarden
