#include "cfwarden/host/territory.h"

namespace cfwarden {

Standing standing_in(const Permissions& directory, const Standing& above) {
  if (!above.territory.trusted && !above.sticky) return above;
  const bool of_root = directory.uid == 0;
  const bool open_to_others = (directory.mode & 022) != 0;
  if (of_root && !open_to_others) return {};
  return {.territory = {.trusted = false, .uid = of_root ? nobody_uid : directory.uid},
          .gid = directory.gid,
          .sticky = of_root && (directory.mode & 01000) != 0 && above.territory.trusted};
}

}  // namespace cfwarden
