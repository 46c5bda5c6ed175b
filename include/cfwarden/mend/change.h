// The one code that changes mode, owner and ACLs of the audited host, one object at a time.
//
// Expects   an Opened of a fresh Opener whose refusals (remedy/refusal.h) were asked; a journal
//           that already holds the intent.
// Promises  what is not as expected stays as it is. The steps (steps.h) are taken in a user's
//           territory as that user (owner_worker.h), where owner and group never change; without
//           CAP_SETUID only on what the caller owns. Afterwards the object is opened again by its
//           path and compared with `after`.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/mend/expected.h"
#include "cfwarden/mend/steps.h"
#include "cfwarden/model/plan.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

namespace cfwarden {

// tighten: an order that would give anybody a right is refused.
enum class Direction { tighten, restore };

struct Changed {
  std::int64_t changed_nanoseconds = 0;  // ctime afterwards.
};
// Nothing was changed.
struct Untouched {
  std::string why;  // "changed since it was looked at: its mode is 0640, not 0644".
};
// A step failed, or the result is not what was wanted.
struct HalfChanged {
  std::string why;
  Attributes now;  // As far as it could be looked at again.
};
using ChangeResult = std::variant<Changed, Untouched, HalfChanged>;

struct ChangeOrder {
  const Opener& opener;
  const Opened& object;
  Expected expected;
  Attributes after;
  Direction direction = Direction::tighten;
  Named named = Named::no;                     // As the object was opened.
  std::chrono::milliseconds patience{10'000};  // With the worker.
};
ChangeResult change(const ChangeOrder& order);

}  // namespace cfwarden
