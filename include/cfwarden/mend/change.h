// The one code that changes mode, owner and ACLs of the audited host, one object at a time.
//
// Supplies  change(): from one set of attributes to another, through one O_PATH descriptor.
// Expects   an Opened of a fresh Opener whose refusals (remedy/refusal.h) were asked; a journal
//           that already holds the intent.
// Promises  the object is first compared with what was planned: another inode, type, number of
//           names, ctime or attributes change nothing. In a user's territory the steps are taken by
//           a forked worker that irrevocably became that user (with the file's gid, so that a chmod
//           keeps setgid), holds this one descriptor and opens nothing; owner and group are never
//           changed there. Without CAP_SETUID the steps are the caller's own, and only on what the
//           caller owns.
//           The order of the steps (mend/steps.h) is chmod (before & after), ACLs removed, chown,
//           ACLs set, chmod (after): at no moment has anybody a right that neither `before` nor
//           `after` gives. fchmodat2 and fchownat on the descriptor; where the kernel or a
//           container's filter lacks fchmodat2 (ENOSYS, EPERM), chmod of /proc/self/fd/N.
//           Afterwards the object is opened again by its path and compared with `after`.
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
