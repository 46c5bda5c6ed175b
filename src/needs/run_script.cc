#include "cfwarden/needs/all_sources.h"

namespace cfwarden {

void read_run_scripts(const ServiceHost& /*host*/, Starts& /*starts*/) {}

}  // namespace cfwarden
