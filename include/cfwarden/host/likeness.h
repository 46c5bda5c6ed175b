// Whether a command line has to do with cloudflared at all: the test by which processes are chosen.
//
// It is made on bytes that may hold secrets, so that it only compares words, and on those of every
// process there is, so that it allocates nothing. It errs on the side of taking too many: what a
// command line really runs is decided where that can do no harm (needs/command_line.h).
#pragma once

#include <string_view>

namespace cfwarden {

enum class Likeness {
  none,
  mention,      // A shell, sudo, an editor: some word names it, or is a script that may run it.
  unnamed,      // It is about a tunnel: cloudflared if the kernel calls it that.
  cloudflared,  // By its name, or by words and flags that are cloudflared's own.
};

// Words with a NUL behind each, as in /proc/PID/cmdline; the last may lack it.
Likeness likeness_of(std::string_view command_line);

// Whether the arguments say what it runs with: a token, a file of one, a certificate. True also for
// what runs no tunnel and needs nothing.
bool tells_what_it_needs(std::string_view command_line);

}  // namespace cfwarden
