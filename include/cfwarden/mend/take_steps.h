// Takes steps, in this process and with its rights, on one opened object.
//
// Promises  the very descriptor that is changed is compared with what is expected just before the
//           first step; a step that fails is the last one. Nothing is opened: fchmodat2 and
//           fchownat act on the descriptor, and an ACL, as well as the mode where fchmodat2 is
//           missing (before Linux 6.6) or refused by a container's filter, is reached as
//           /proc/self/fd/N: that leads to the descriptor's inode, whatever lies at its path, and
//           is open to a process that became another user, too, because it asks for itself.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/mend/expected.h"
#include "cfwarden/mend/steps.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace cfwarden {

struct Taken {
  std::optional<std::size_t> count;  // How many were taken; nullopt: it is not known.
  std::string why;                   // Why not all of them; "" when they were.
};

Taken take_steps(const Descriptor& object, const Expected& expected, std::span<const Step> steps);

// One step without a comparison. For take_steps() and tests.
Result<Done> take(const Step& step, const Descriptor& object);

}  // namespace cfwarden
