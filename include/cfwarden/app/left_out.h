// What a look left out, or asked besides, because its caller or its host wanted it so.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/model/report.h"
#include "cfwarden/rules/rule.h"

#include <span>

namespace cfwarden {

// `asked`: what the findings were drawn with; of those that are off nothing is said where the host
// has no rules of its own and no profile changes any.
LeftOut left_out_of(const AuditRequest& request, std::span<const Rule> asked);

}  // namespace cfwarden
