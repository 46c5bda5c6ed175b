#include "cfwarden/mend/after_step.h"

namespace cfwarden {

Result<Done> told(const AfterStep& after_step, Result<Done> done, std::string_view step) {
  if (done && after_step) after_step(step);
  return done;
}

}  // namespace cfwarden
