// What the program answers its caller with: grep's meaning, as the README lists it.
#pragma once

namespace cfwarden {

enum class ExitCode {
  ok = 0,
  findings = 1,
  usage = 2,
  incomplete = 3,
  not_all_done = 4,
  internal = 70,
};

}  // namespace cfwarden
