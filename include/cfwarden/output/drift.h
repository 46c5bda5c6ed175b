// What changed between two reports: the screen of `cfwarden diff`, and a JSON object as
// packaging/schema/cfwarden.diff-1.schema.json describes it.
//
// Expects   texts as a report had them: what was concealed in it stays as it is, and whatever else
//           looks like a secret is concealed.
#pragma once

#include "cfwarden/model/drift.h"
#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string>
#include <string_view>

namespace cfwarden {

void write_drift(const Drift& drift, const Terminal& terminal, std::ostream& out);
void write_drift_json(const Drift& drift, std::ostream& out);

// concealed(), but for the marks that it left when it was written before.
std::string concealed_again(std::string_view text);

}  // namespace cfwarden
