#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/host/process.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

// A reader that has gone (EPIPE) wanted no more; any other failure lost a report.
ExitCode write_all(const std::string& text, ExitCode code) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(STDOUT_FILENO, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) return code;
    if (count <= 0) {
      return complain("cannot write to standard output; the report is not complete",
                      ExitCode::internal);
    }
    written += static_cast<std::size_t>(count);
  }
  return code;
}

bool is_command(std::string_view word) {
  return std::ranges::find(all_commands(), word, &Command::name) != all_commands().end();
}

ExitCode explain_parse_error(const CLI::ParseError& error,
                             const std::vector<std::string>& arguments) {
  const std::string& word = arguments.front();
  if (!is_command(word) && !word.starts_with('-')) {
    std::string what = "there is no command " + echo_of(word);
    const std::string close = closest_command(word);
    if (!close.empty()) what += "; did you mean '" + close + "'?";
    if (word.find('/') != std::string::npos) what += "\nto audit a path: cfwarden audit PATH";
    return complain(what + "\nsee cfwarden --help");
  }
  return complain(without_long_words(error.what(), arguments) + "\nsee cfwarden " +
                  (is_command(word) ? word + " --help" : "--help"));
}

ExitCode run(const std::vector<std::string>& arguments) {
  if (std::ranges::any_of(arguments, looks_like_credential)) {
    return complain("this argument looks like a credential; put it in a file or use inspect -");
  }
  CLI::App app{
      "Audits Cloudflare Tunnel credentials: what each can do, who can read it, what to do.",
      "cfwarden"};
  app.set_version_flag("--version", "cfwarden " CFWARDEN_VERSION);
  app.require_subcommand(1);
  Invocation chosen;
  const std::vector<std::string> completed = with_default_command(arguments);
  // Declaring all options of all commands costs as much as a look at ten homes.
  const bool names_command = is_command(completed.front());
  for (const Command& command : all_commands()) {
    if (!names_command || command.name == completed.front()) command.add(app, chosen);
  }
  std::ostringstream out;
  try {
    app.parse(std::vector<std::string>{completed.rbegin(), completed.rend()});
  } catch (const CLI::Success& success) {  // --help and --version.
    app.exit(success, out, out);
    return write_all(out.str(), ExitCode::ok);
  } catch (const CLI::ParseError& error) {
    return explain_parse_error(error, completed);
  }
  const ExitCode code = chosen(out);
  return write_all(out.str(), code);
}

}  // namespace
}  // namespace cfwarden

int main(int argc, char** argv) {
  using namespace cfwarden;
  harden_process();
  try {
    return static_cast<int>(run({argv + std::min(argc, 1), argv + argc}));
  } catch (const std::exception& error) {
    return static_cast<int>(complain(error.what(), ExitCode::internal));
  } catch (...) {
    return static_cast<int>(complain("an unknown error", ExitCode::internal));
  }
}
