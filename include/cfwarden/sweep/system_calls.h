// The system calls that sweep() makes, threads and memory included, for a filter that allows no
// others. What its events call of the system comes on top.
//
//   openat, openat2      directories and files, never for writing; /proc/self/mountinfo
//   getdents64, lseek    listing; finding holes
//   fstat, newfstatat, statx, fstatfs      what was opened, and on what file system
//   pread64, read        contents; mountinfo
//   fcntl, prlimit64     how many descriptors there are room for
//   nanosleep            where there are none for a moment
// The rest is the C library's: memory, threads, locks.
#pragma once

#include <span>

namespace cfwarden {

std::span<const int> sweep_calls();

}  // namespace cfwarden
