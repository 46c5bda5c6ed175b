// Puts other bytes in the place of a unit, and leaves all else of it as it is.
//
// Promises  the temporary file is 0600 and root's until it is whole; then it gets the permissions
//           and the old one's label. The unit is compared once more with what was looked at, and
//           then replaced by one rename. After an Error the unit is as it was, and the temporary
//           name the caller's to remove; otherwise the directory is the caller's to sync.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/mend/after_step.h"
#include "cfwarden/mend/token_move_site.h"
#include "cfwarden/model/file_facts.h"

#include <string>

namespace cfwarden {

struct UnitReplacement {
  const HeldPlace& place;  // With its file.
  std::string temporary;
  const Secret& bytes;
  Permissions permissions;  // Without ACL.
};
Result<Done> replace_unit(const UnitReplacement& replacement, const AfterStep& after_step);

}  // namespace cfwarden
