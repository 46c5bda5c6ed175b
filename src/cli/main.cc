#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/standard_output.h"
#include "cfwarden/host/process.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

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
    return write_out(help->text, ExitCode::ok);
  }
  if (const auto* misuse = std::get_if<Misuse>(&request)) return explain(*misuse, completed);
  std::ostringstream out;
  const ExitCode code = std::get<Action>(request)(out);
  return write_out(out.str(), code);
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
