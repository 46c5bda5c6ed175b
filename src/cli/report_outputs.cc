#include "cfwarden/cli/report_outputs.h"

#include "cfwarden/app/rule_texts.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/report_file.h"
#include "cfwarden/host/system_log.h"
#include "cfwarden/output/log_entries.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

std::string format_names() {
  std::string names;
  for (const Format& format : all_formats()) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

// The one format of a run that has an exit code or a line for failures of its own.
const Format* only_format(const std::vector<Output>& outputs) {
  return outputs.size() == 1 ? outputs.front().format : nullptr;
}

// All that can be written; then the first failure.
Result<Done> write_all(const std::vector<Output>& outputs, const Report& report,
                       const Terminal& terminal, std::ostream& out) {
  Result<Done> all = Done{};
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
    Result<Done> written = write_report_file(
        output.file, text.str(),
        output.format->only_counts ? ReportReaders::everyone : ReportReaders::owner);
    if (all && !written) all = std::move(written);
  }
  return all;
}

void write_log(const Descriptor& log, const Report& report) {
  if (!log.is_open()) return;
  const std::vector<std::string> entries = log_entries(report);
  const std::size_t taken = send_to_log(log, entries);
  if (taken == entries.size()) return;
  (void)complain("the journal took only " + std::to_string(taken) + " of " +
                 std::to_string(entries.size()) + " entries");
}

bool is_file_named_twice(const std::vector<Output>& outputs) {
  std::set<std::string> files;
  return std::ranges::any_of(outputs, [&](const Output& output) {
    if (output.file.empty()) return false;
    return !files.insert(absolute_path(output.file, PathBase::working_directory)).second;
  });
}

}  // namespace

void add_output_flags(const Declaration& command, OutputFlags& flags) {
  command.texts(
      {.names = "-o,--output",
       .value = "FORMAT[=FILE]",
       .description = "text, plain, json, ndjson, sarif, junit, csv, markdown, html, "
                      "github, prometheus or nagios; to a file with =FILE; may be repeated"},
      flags.outputs);
  command.flag("--json", flags.json, "Short for -o json");
  command.flag("-q,--quiet", flags.quiet, "Findings and what was not read, nothing else");
  command.flag("-v,--verbose", flags.verbose, "Every place and every account name");
  command.flag("--exit-zero", flags.exit_zero, "Exit 0 whatever was found");
}

Result<std::vector<Output>> outputs_of(const OutputFlags& flags) {
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
    if (output.file.empty()) {
      ++on_standard_output;
    } else if (const Result<Done> writable = can_write_report_file(output.file); !writable) {
      return Error{"-o: " + writable.error().what, 0};  // Before a long look, not after it.
    }
    outputs.push_back(output);
  }
  if (on_standard_output > 1) {
    return Error{"-o: only one format can go to standard output; give the others a file", 0};
  }
  if (is_file_named_twice(outputs)) return Error{"-o: two formats have the same file", 0};
  return outputs;
}

ExitCode write_outputs(const OutputFrame& frame, Report& report, std::ostream& out) {
  const std::vector<Output>& outputs = frame.outputs;
  if (std::ranges::any_of(outputs, [](const Output& one) { return one.format->tells_rules; })) {
    Result<std::vector<RuleText>> rules = rule_texts(frame.user_rules, frame.profile);
    if (!rules) throw std::runtime_error{rules.error().what};
    report.rules = std::move(*rules);
  }
  Terminal terminal = terminal_for(frame.color);
  terminal.exceptions = frame.exceptions;
  terminal.quiet = frame.flags.quiet;
  terminal.verbose = frame.flags.verbose;
  const Result<Done> written = write_all(outputs, report, terminal, out);
  write_log(frame.log, report);
  if (!written) throw std::runtime_error{written.error().what};
  if (frame.flags.exit_zero) return ExitCode::ok;
  const Format* format = only_format(outputs);
  const bool has_own_codes = format != nullptr && format->exit_code != nullptr;
  return static_cast<ExitCode>(has_own_codes ? format->exit_code(report) : report.exit_code);
}

ExitCode write_failure(const std::vector<Output>& outputs, const Error& error, std::ostream& out) {
  const Format* format = only_format(outputs);
  if (format == nullptr || format->failure == nullptr) return complain(error);
  const std::string line = format->failure(error.what);
  if (outputs.front().file.empty()) {
    out << line;
  } else {
    (void)complain(error);
    const Result<Done> written =
        write_report_file(outputs.front().file, line, ReportReaders::everyone);
    if (!written) throw std::runtime_error{written.error().what};
  }
  return ExitCode::incomplete;
}

}  // namespace cfwarden
