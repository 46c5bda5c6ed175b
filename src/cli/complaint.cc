#include "cfwarden/cli/complaint.h"

#include "cfwarden/base/concealed.h"
#include "cfwarden/base/printable.h"

#include <iostream>

namespace cfwarden {

ExitCode complain(std::string_view what, ExitCode code) {
  // Line by line: an error may list several, and only a newline of ours may end a line.
  std::size_t start = 0;
  bool first = true;
  while (start <= what.size()) {
    const std::size_t end = std::min(what.find('\n', start), what.size());
    std::cerr << (first ? "cfwarden: " : "  ")
              << printable(concealed(what.substr(start, end - start))) << '\n';
    start = end + 1;
    first = false;
  }
  return code;
}

ExitCode complain(const Error& error, ExitCode code) {
  return complain(error.what, code);
}

}  // namespace cfwarden
