// The system's log, systemd-journald, where it already takes what this process says.
//
// Supplies  a socket to it, connected before confine_supervisor() refuses new ones.
// Promises  none is opened but where stderr is the journal's stream, as $JOURNAL_STREAM tells and
//           the descriptor itself proves; and nobody is waited for longer than two seconds.
#pragma once

#include "cfwarden/host/descriptor.h"

#include <cstddef>
#include <span>
#include <string>

namespace cfwarden {

// Not open where stderr leads elsewhere, or where nobody listens.
Descriptor system_log_of_stderr();

// One entry a datagram. Answers how many were taken: after the first that was not, none is sent.
std::size_t send_to_log(const Descriptor& log, std::span<const std::string> entries);

}  // namespace cfwarden
