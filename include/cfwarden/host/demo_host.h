// A messy host with invented credentials, laid out in a temporary directory for `cfwarden demo`.
#pragma once

#include "cfwarden/base/result.h"

#include <string>
#include <vector>

namespace cfwarden {

struct DemoHost {
  std::string directory;              // Absolute; a root for --root.
  std::vector<std::string> left_out;  // Faults that need root, when this is not root.
};

Result<DemoHost> lay_out_demo_host();
Result<Done> remove_demo_host(const DemoHost& host);

}  // namespace cfwarden
