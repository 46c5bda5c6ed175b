// What stands around an object, from the host: for remedy/refusal.h.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/territory.h"
#include "cfwarden/remedy/circumstances.h"

#include <string_view>

namespace cfwarden {

// Looked at afresh through its descriptor; the directories above as its Opener saw them. An
// Error: it could not be asked.
Result<Circumstances> circumstances_of(const Opened& object);

// Of the directory that holds it: who could have put it there. Opened::territory is, of a
// directory, that of what it holds.
Territory holders_territory(const Opened& object, const FileFacts& complete);

// Of the text of /proc/PID/uid_map or gid_map: whether every id of the kernel's has one here. Where
// not, 65534 stands for all that have none. Pure; for tests.
bool maps_every_id(std::string_view map);

}  // namespace cfwarden
