#include "cfwarden/cli/standard_output.h"

#include "cfwarden/cli/complaint.h"

#include <cerrno>
#include <string>

#include <unistd.h>

namespace cfwarden {

ExitCode write_out(std::string_view text, ExitCode code, std::string_view if_lost) {
  while (!text.empty()) {
    const ssize_t count = write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) return code;
    if (count <= 0) {
      std::string what = "cannot write to standard output; the report is not complete";
      if (!if_lost.empty()) what += "\n" + std::string{if_lost};
      return complain(what, ExitCode::internal);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return code;
}

}  // namespace cfwarden
