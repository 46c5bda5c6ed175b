#include "cfwarden/needs/all_sources.h"

namespace cfwarden {

void read_systemd(const ServiceHost& /*host*/, Starts& /*starts*/) {}

}  // namespace cfwarden
