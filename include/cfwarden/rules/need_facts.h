// What rules may ask of those who need a file: the answers behind rows of src/rules/facts.cc.
//
// Promises  a need that an ordinary user controls says nothing of groups and owners: it can be made
//           up. What is said of several needs names each once, in their order.
#pragma once

#include "cfwarden/model/subject.h"

#include <string>
#include <vector>

namespace cfwarden {

// The service that a finding is about: a service subject's own; else of those who need the file one
// that cannot read it, else one that does not run as root, else the first. nullptr for none.
const Need* service_of(const Subject& subject);

std::vector<std::string> names_of_needs(const Subject& subject);
std::vector<std::string> users_of_needs(const Subject& subject);
std::vector<std::string> controllers_of_needs(const Subject& subject);

// Over all needs: no where one cannot read it, unknown where that is not known of one, or of none.
Answer can_be_read(const Subject& subject);

// "cloudflared.service (User=cloudflared) cannot search /root (mode 0700, owner root)"; "" for
// none.
std::string first_obstacle(const Subject& subject);

// A service that is not root reads it as a member of the group that owns the file.
bool is_read_through_service_group(const Subject& subject);

// Then: the accounts that read it too, though nothing needs it as them.
std::vector<std::string> group_outsiders(const Subject& subject);

bool is_owned_by_service_user(const Subject& subject);

// A container that does not run as root, as another uid than the file's owner, and not as a member
// of the file's group.
bool has_mismatched_container(const Subject& subject);

// Those who read it now and could not with `mended_mode`.
std::vector<std::string> locked_out_by(unsigned mended_mode, const Subject& subject);

}  // namespace cfwarden
