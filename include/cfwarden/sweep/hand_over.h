// How an open file gets from whoever found it to a decoder: a message on a SOCK_SEQPACKET socket
// that all decoders receive from, each message by one of them.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace cfwarden {

inline constexpr std::size_t longest_handed_path = 64 * 1024;

struct HandOver {
  std::string path;         // Hostile bytes.
  std::uint64_t size = 0;   // Holes hardly count; for how long it may take.
  bool is_process = false;  // The arguments or variables of a process: each ends in a zero byte.
};

// Waits while the decoders are behind; safe from several threads. The descriptor stays the
// caller's, and may be closed at once. EMSGSIZE: the path is too long.
// System calls: sendmsg, clock_nanosleep.
Result<Done> hand_over(int queue, int descriptor, const HandOver& file);

// The same without waiting: EAGAIN.
Result<Done> try_hand_over(int queue, int descriptor, const HandOver& file);

struct HandedOver {
  HandOver file;
  Descriptor descriptor;
};

enum class Receive { waiting, at_once };

// nullopt: nobody has the sending end any more. EAGAIN: nothing is there at once. Any other Error
// is of one message, which is lost.
Result<std::optional<HandedOver>> receive_file(int queue, Receive how = Receive::waiting);

}  // namespace cfwarden
