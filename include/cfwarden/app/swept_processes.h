// What processes were started with, handed over to be looked into with the files of a sweep: the
// arguments of every process, and its variables where they may be read.
#pragma once

#include "cfwarden/app/swept_subjects.h"
#include "cfwarden/model/report.h"
#include "cfwarden/sweep/content_sweep.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cfwarden {

struct SweptProcesses {
  std::map<std::string, SweptProcess> by_path;
  std::size_t seen = 0;
  std::vector<Gap> gaps;
};

// For ContentSweepRequest::more.
void hand_over_processes(const HandOverMore& hand_over, SweptProcesses& processes);

}  // namespace cfwarden
