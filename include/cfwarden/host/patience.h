// Work that may never come back, done where it can be given up.
//
// Reading another process's memory waits while that process keeps it locked: a dead network disk
// makes it do so, and a user can for ever. Only the death of whoever waits ends it.
//
// Expects   work that calls nothing but the kernel and pure functions, no allocation, no lock, no
//           exception: it is done in a child that shares all memory with the caller, who waits
//           meanwhile, and may be killed at any point. Descriptors that it opens are the child's.
// Costs     a child's start and end, but no copy of anything.
#pragma once

#include <atomic>
#include <cstddef>

namespace cfwarden {

struct PatientWork {
  void (*run)(void* with) = nullptr;
  void* with = nullptr;
  const std::atomic<std::size_t>* progress = nullptr;  // Patience starts anew when it changes.
};

// False when it was given up: there was no progress for `patience_ms`. Where no child is to be had,
// and under sanitizers, the work is done here and waits as long as it takes.
bool run_with_patience(const PatientWork& work, int patience_ms = 1000);

}  // namespace cfwarden
