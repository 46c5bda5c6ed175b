// Reads and parses files of users it does not trust, in a worker that has nothing to lose.
//
// Supplies  read_files(): one Examination, or a reason why there is none, for each request.
// Expects   requests whose Opened came from Opener; regular files only; one thread. A call may take
//           any number of files.
// Promises  each group of files of one Territory is read by a forked worker that dropped
//           irrevocably to that uid (or, without CAP_SETUID, shed its capabilities after opening
//           only what that uid could open), opened its files, and then gave up opening anything by
//           a seccomp allow-list before it parsed a byte. Address space, CPU and wall time are
//           bounded. A worker that dies or answers nonsense costs the file it was at a reason,
//           never the run; the failures of one Territory together waste at most one patience for
//           each Losses. No secret leaves the worker.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/needs/definitions.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cfwarden {

// Whether a file may say how a service is started: then its text comes back, without its secrets.
enum class ServiceRole {
  none,
  possible,  // If it may concern cloudflared: any unit, any crontab.
  named,     // Possible, and below a PATH of the command line: what else it holds is told anyway.
  part,      // In any case: a drop-in, an environment file.
};

inline constexpr std::size_t max_service_text_bytes = 128 * 1024;

struct ReadRequest {
  const Opened* file = nullptr;
  // The primary group, in the running host's accounts, of territory.uid. Never the file's or a
  // directory's group: its owner chooses that one, and could so borrow root's. Without an account,
  // and under --root, it stays nobody's.
  std::uint32_t gid = 65534;
  ServiceRole role = ServiceRole::none;
  std::string_view name = {};  // What it is to be taken for; "" for its own name.
};

// Why a file was not read: "permission denied to uid 1000", "changed while it was read", ...
struct Unread {
  std::string why;
};

using Reading = std::variant<Unread, Examination>;

// What a worker runs and how long it may; tests put parsers in that misbehave.
struct WorkerTerms {
  Examination (*parse)(std::string_view file_name, std::string_view bytes,
                       std::string_view hmac_key) = examine;
  std::chrono::milliseconds patience{10'000};
};

// What failed workers have cost so far. One for a whole run: else a user could let each call wait.
struct Losses {
  struct Loss {
    Territory territory;
    std::chrono::milliseconds time{0};
  };
  std::vector<Loss> all;
};

std::vector<Reading> read_files(std::span<const ReadRequest> requests, std::string_view hmac_key,
                                Losses& losses, const WorkerTerms& terms = {});

// Parses bytes that are already here (inspect), in the same sandbox.
Reading examine_in_worker(std::string_view file_name, std::string_view bytes,
                          std::string_view hmac_key, const WorkerTerms& terms = {},
                          ServiceRole role = ServiceRole::none);

// What the definitions say, worked out in the same sandbox. An Error: why it is not known.
Result<Starts> starts_in_worker(const ServiceHost& services);

}  // namespace cfwarden
