// The containers of a pod, as starts.
#pragma once

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/text_variables.h"
#include "cfwarden/needs/tree.h"

#include <string>

namespace cfwarden {

struct PodDefinition {
  const ServiceText* file = nullptr;
  std::string name;  // Of the pod, or of the workload whose template it is.
  Branch spec;
  bool is_static = false;             // The kubelet starts it by itself.
  ExpansionBudget* budget = nullptr;  // Of the file's.
};

// Appends a start for each container that runs cloudflared, and gaps where that could not be read.
void read_pod(const PodDefinition& pod, Starts& starts);

}  // namespace cfwarden
