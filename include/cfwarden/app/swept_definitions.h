// What a sweep found may be used by a service that is defined beside it.
//
// Promises  the definitions among what was found, and the Compose files in the directories of what
//           was found and in those above, are read as audit reads the ones below its PATHs.
#pragma once

#include "cfwarden/app/look.h"
#include "cfwarden/host/opener.h"

#include <string>
#include <vector>

namespace cfwarden {

// `look` has the swept subjects; `excludes` are the globs of --exclude.
void take_swept_definitions(Look& look, const Opener& opener,
                            const std::vector<std::string>& excludes);

// Pure: the paths that are worth a look, sorted: those that are certainly there, and Compose files
// that may be.
std::vector<std::string> paths_of_definitions(const std::vector<Subject>& subjects);

}  // namespace cfwarden
