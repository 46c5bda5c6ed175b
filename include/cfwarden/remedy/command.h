// Commands for a person to copy, about an object whose name somebody else chose. Pure.
//
// Promises  every word is quoted for a shell; "" where a name must not be copied from a screen, or
//           where behind --root a symbolic link would lead to the running host. A command runs as
//           the owner, so that it cannot be led to somebody else's file.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/remedy/circumstances.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cfwarden {

// The object's path as a word behind a command.
std::optional<std::string> path_word(const Circumstances& object);

// "sudo -u alice chmod 0600 /home/alice/.cloudflared/cert.pem".
std::string chmod_command(const Circumstances& object, unsigned mode, const Accounts& accounts);

// Of a directory above an object, all above which is closed: "sudo chmod go-w /srv/app".
std::string close_to_writers_command(const DirectoryFacts& directory, const Circumstances& object,
                                     const Accounts& accounts);

// "sudo chgrp --no-dereference 900 /etc/cloudflared/x.json && sudo chmod 0640 ...". "" in a user's
// directory, where nothing is given away.
std::string share_command(const Circumstances& object, std::uint32_t gid, unsigned mode);

// "sudo chown --no-dereference root /etc/cloudflared/x.json"; "" in a user's directory.
std::string chown_command(const Circumstances& object);

// "sudo cfwarden fix /etc/cloudflared", with `options` behind fix.
std::string fix_command(const std::string& path, const Circumstances& object,
                        const std::string& options = {});

}  // namespace cfwarden
