#include "cfwarden/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace cfwarden {
namespace {

constexpr std::size_t widest = 100;
constexpr std::size_t narrowest = 40;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The names alone decide: setlocale would open a dozen files for the same answer.
Charset charset_of_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value{variable(name)};
    if (value.empty()) continue;
    std::ranges::transform(value, value.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool utf8 =
        value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    return utf8 ? Charset::utf8 : Charset::ascii;
  }
  return Charset::ascii;
}

std::size_t columns_of_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return widest;
  return std::clamp<std::size_t>(size.ws_col, narrowest, widest);
}

}  // namespace

Option color_option() {
  return {.names = "--color",
          .value = "WHEN",
          .description = "auto, always or never",
          .one_of = {"auto", "always", "never"}};
}

Terminal terminal_for(const std::string& wish) {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  const bool plain = !is_terminal || !variable("NO_COLOR").empty() || variable("TERM") == "dumb";
  Terminal terminal;
  terminal.color = wish == "always" || (wish != "never" && !plain) ? Color::on : Color::off;
  terminal.charset = charset_of_locale();
  terminal.columns = columns_of_terminal();
  terminal.program = variable("SUDO_USER").empty() ? "cfwarden" : "sudo cfwarden";
  return terminal;
}

bool progress_wanted() {
  return isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb";
}

}  // namespace cfwarden
