#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/host/process.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

ExitCode explain(const Misuse& misuse, const std::vector<std::string>& arguments) {
  const std::string& word = arguments.front();
  if (!is_command(word) && !word.starts_with('-')) {
    std::string what = "there is no command " + echo_of(word);
    const std::string close = closest_command(word);
    if (!close.empty()) what += "; did you mean '" + close + "'?";
    if (word.find('/') != std::string::npos) what += "\nto audit a path: cfwarden audit PATH";
    return complain(what + "\nsee cfwarden --help");
  }
  return complain(without_long_words(misuse.why, arguments) + "\nsee cfwarden " +
                  (is_command(word) ? word + " --help" : "--help"));
}

ExitCode run(const std::vector<std::string>& arguments) {
  if (std::ranges::any_of(arguments, looks_like_credential)) {
    return complain("this argument looks like a credential; put it in a file or use inspect -");
  }
  const std::vector<std::string> completed = with_default_command(arguments);
  const Request request = read_command_line(completed);
  if (const auto* help = std::get_if<HelpText>(&request)) {
    return write_all(help->text, ExitCode::ok);
  }
  if (const auto* misuse = std::get_if<Misuse>(&request)) return explain(*misuse, completed);
  std::ostringstream out;
  const ExitCode code = std::get<Action>(request)(out);
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
