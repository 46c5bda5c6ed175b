// The writers behind the rows of all_formats().
#pragma once

#include "cfwarden/output/format.h"

#include <iosfwd>

namespace cfwarden {

// For people: worst first, then what could not be looked at, then what to do next.
void write_text(const Report& report, const Terminal& terminal, std::ostream& out);

// For programs: one object a run, as packaging/schema/cfwarden.report-1.schema.json describes it.
void write_json(const Report& report, const Terminal& terminal, std::ostream& out);

}  // namespace cfwarden
