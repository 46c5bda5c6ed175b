// What the enabled rules say of themselves, for formats that carry their rules along.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/report.h"
#include "cfwarden/rules/rule.h"

#include <span>
#include <vector>

namespace cfwarden {

// By id. Steps are the general ones: what they name stands in capitals.
Result<std::vector<RuleText>> rule_texts(std::span<const RuleSource> user_rules,
                                         const Profile* profile = nullptr);

}  // namespace cfwarden
