#include "cfwarden/cli/report_outputs.h"

#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/report_file.h"

#include <ostream>
#include <sstream>
#include <stdexcept>

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

void write_all(const std::vector<Output>& outputs, const Report& report, const Terminal& terminal,
               std::ostream& out) {
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

}  // namespace

void add_output_flags(const Declaration& command, OutputFlags& flags) {
  command.texts({.names = "-o,--output",
                 .value = "FORMAT[=FILE]",
                 .description = "text or json, to a file with =FILE; may be repeated"},
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
  return outputs;
}

ExitCode write_outputs(const std::vector<Output>& outputs, const Report& report,
                       const OutputFlags& flags, const std::string& color, std::ostream& out) {
  Terminal terminal = terminal_for(color);
  terminal.quiet = flags.quiet;
  terminal.verbose = flags.verbose;
  write_all(outputs, report, terminal, out);
  return flags.exit_zero ? ExitCode::ok : static_cast<ExitCode>(report.exit_code);
}

}  // namespace cfwarden
