// A repair, planned or carried out: the screen of `cfwarden fix`, and one JSON object as
// packaging/schema/cfwarden.fix-1.schema.json describes it.
//
// Promises  as of output/format.h: no hostile byte reaches the stream. Every command on the screen
//           can be copied as it stands.
#pragma once

#include "cfwarden/model/plan.h"
#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// With -q neither why nor how: what changes, what is refused, what is left, what to rotate. With -v
// also the steps of what is left.
void write_repair(const Repair& repair, const Terminal& terminal, std::ostream& out);

void write_repair_json(const Repair& repair, std::ostream& out);

}  // namespace cfwarden
