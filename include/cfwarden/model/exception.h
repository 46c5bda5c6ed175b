// What somebody accepts, until when and why: a finding that is known, and to be left alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace cfwarden {

// Everything that is given has to match; "" is not given. A rule and one more thing are.
struct Exception {
  std::string rule;
  std::string path;         // A glob, on the path as reported.
  std::string host;         // A glob.
  std::string fingerprint;  // "sha256:..." or "hmac:...", as reported.
  std::string tunnel;
  std::string account;
  std::string reason;
  std::string owner;
  std::string expires;        // "2026-12-31", the last day on which it holds, in UTC.
  std::int64_t last_day = 0;  // The same in days since the epoch.
  std::string file;           // That it stands in.
};

using ExceptionPtr = std::shared_ptr<const Exception>;

}  // namespace cfwarden
