// An inode's attributes, and what became of a change to them, in JSON; whatever library holds it.
#pragma once

#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/attributes_text.h"
#include "cfwarden/output/json_values.h"

#include <string>

namespace cfwarden {

template <class Json>
Json json_of_acl(const std::vector<AclEntry>& acl) {
  return json_of_all<Json>(acl, [](const AclEntry& entry) { return acl_text(entry); });
}

template <class Json>
Json json_of_attributes(const Attributes& attributes, const std::string& owner,
                        const std::string& group) {
  const Permissions& permissions = attributes.permissions;
  return {{"mode", mode_text(permissions.mode)},
          {"owner", json_or_null<Json>(owner)},
          {"group", json_or_null<Json>(group)},
          {"uid", permissions.uid},
          {"gid", permissions.gid},
          {"acl", json_of_acl<Json>(permissions.acl)},
          {"default_acl", json_of_acl<Json>(attributes.default_acl)}};
}

// Null while nothing was applied.
template <class Json>
void put_outcome(Json& object, const Applied* applied) {
  object["outcome"] = applied != nullptr ? Json(name_of(applied->outcome)) : Json(nullptr);
  object["why"] = applied != nullptr ? json_or_null<Json>(applied->why) : Json(nullptr);
}

}  // namespace cfwarden
