#include "cfwarden/needs/all_sources.h"

namespace cfwarden {

void read_sysv(const ServiceHost& /*host*/, Starts& /*starts*/) {}

}  // namespace cfwarden
