// Who must not lose an object: its needs, as the kernel judges those that read for them. Pure.
//
// Promises  only needs that root alone could have invented, and that are not known to fail already.
//           Of whom nothing but the name is known it is believed that it reads by whatever lets
//           anybody in.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/model/subject.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct Dependent {
  const Need* need = nullptr;    // Borrowed from a subject.
  bool is_kept_anyway = false;   // Root, its manager or a capability: no mode shuts it out.
  std::optional<Principal> who;  // nullopt where its user is not known here.
  bool runs_it = false;          // A script: it is executed, too.
};

// Of a file: `subjects` are all that stands at it.
std::vector<Dependent> dependents_of_file(std::span<const Subject* const> subjects);

// Of a directory: whoever needs a file that is reached through it.
std::vector<Dependent> dependents_of_directory(std::span<const Subject> subjects,
                                               const std::string& path, FileId id);

// Whatever the dependent may do now that it needs (read a file, search a directory) it still may.
bool keeps_access(const Dependent& dependent, FileType type, const Permissions& before,
                  const Permissions& after);

// By which class or entry it is let in: one for each right; of unknown users every one that does.
std::vector<Ruling> ways_in(const Dependent& dependent, FileType type,
                            const Permissions& permissions);

// "as its owner", "through its group", "as root", "read as root for it".
std::string how_it_is_let_in(const Dependent& dependent, FileType type,
                             const Permissions& permissions, const Accounts& accounts);

// "cloudflared.service (User=cloudflared)". Hostile bytes.
std::string described(const Dependent& dependent);

}  // namespace cfwarden
