// Who can reach a file that has several names: whoever can by any of them. Pure.
//
// Promises  what its first name gives is told as ever; of the others only what they add, the widest
//           first, each clause with the name that it is about.
#pragma once

#include "cfwarden/model/exposure.h"

#include <string>
#include <vector>

namespace cfwarden {

struct ExposureByName {
  std::string name;  // Hostile bytes.
  Exposure exposure;
};

// Of a file of which not every name was looked at.
void make_least(Exposure& exposure);

Exposure exposure_by_names(Exposure first, const std::vector<ExposureByName>& others);

}  // namespace cfwarden
