// Makes this process safe before it looks at anything. See each function for the attack.
#pragma once

#include "cfwarden/base/result.h"

#include <span>

namespace cfwarden {

// First thing in main: fds 0-2 open, all others closed, as many more as the hard limit allows;
// umask 077; no core; not dumpable; SIGPIPE
// ignored; as root HOME, XDG_*, TMPDIR, LOCPATH, CFWARDEN_*, OPENSSL_CONF and their kin forgotten
// and supplementary groups given up. NSS still works afterwards.
void harden_process();

// After the last NSS look-up: no_new_privs and a filter without network, exec, ptrace, mount, bpf,
// keyctl; those calls then fail with EPERM. An old kernel without seccomp is no reason not to
// audit: the Error is for -v.
Result<Done> confine_supervisor();

// True when /proc is procfs: without it ACLs and contents cannot be read through descriptors.
bool proc_is_genuine();
bool is_root_of_proc(int directory);  // The same, of a directory that is open.

// Effective capabilities that matter here.
bool has_capability(int capability);

// Closes every descriptor of this process but `kept`, which is sorted.
void close_all_but(std::span<const int> kept);

// SIGINT and SIGTERM set a flag; the audit then stops with what it has.
void watch_interrupts();
bool interrupted();
// What was finished all the same is still to be checked.
void forget_interrupt();

}  // namespace cfwarden
