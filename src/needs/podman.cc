#include "cfwarden/needs/all_sources.h"

namespace cfwarden {

void read_podman(const ServiceHost& /*host*/, Starts& /*starts*/) {}

}  // namespace cfwarden
