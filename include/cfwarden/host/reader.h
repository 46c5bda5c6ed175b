// Reads and parses files of users it does not trust, in a worker that has nothing to lose.
//
// Supplies  read_files(): one Examination, or a reason why there is none, for each request.
// Expects   requests whose Opened came from Opener; regular files only.
// Promises  each group of files of one Territory is read by a forked worker that dropped
// irrevocably to
//           that uid (or, without CAP_SETUID, shed its capabilities after opening only what that
//           uid could open), opened its files, and then gave up opening anything by a seccomp
//           allow-list before it parsed a byte. Address space, CPU and wall time are bounded. A
//           worker that dies or answers nonsense costs its own files a reason each, never the run.
//           No secret leaves the worker.
#pragma once

#include "cfwarden/host/examine.h"
#include "cfwarden/host/opener.h"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cfwarden {

struct ReadRequest {
  const Opened* file = nullptr;
};

// Why a file was not read: "permission denied to uid 1000", "changed while it was read", ...
struct Unread {
  std::string why;
};

using Reading = std::variant<Unread, Examination>;

std::vector<Reading> read_files(std::span<const ReadRequest> requests, std::string_view hmac_key);

// Runs `parse` on bytes that are already here (inspect), in the same sandbox.
Reading examine_in_worker(std::string_view file_name, std::string_view bytes,
                          std::string_view hmac_key);

}  // namespace cfwarden
