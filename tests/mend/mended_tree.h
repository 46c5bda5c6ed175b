// A tree as the audited host, and orders to change what lies in it.
#pragma once

#include "../host/tree.h"
#include "cfwarden/mend/change.h"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

inline Attributes plain(unsigned mode, std::uint32_t uid, std::uint32_t gid) {
  return {.permissions = {.mode = mode, .uid = uid, .gid = gid, .acl = {}}, .default_acl = {}};
}

// Owner and others as in the mode, whose group bits are the mask.
inline std::vector<AclEntry> acl_for(unsigned mode, unsigned group, std::uint32_t user,
                                     unsigned rights) {
  return {{AclTag::owner, 0, mode >> 6 & 7},
          {AclTag::user, user, rights},
          {AclTag::group, 0, group},
          {AclTag::mask, 0, mode >> 3 & 7},
          {AclTag::others, 0, mode & 7}};
}

// An object, and what it is when it is looked at.
struct Looked {
  Opener opener;
  Opened object;
  Expected expected;

  // As it is now.
  Attributes present() const {
    const auto facts = present_facts(*object.descriptor);
    REQUIRE(facts.has_value());
    return attributes_in(*facts);
  }
  ChangeResult change_to(const Attributes& after, Direction direction = Direction::tighten,
                         std::chrono::milliseconds patience = std::chrono::seconds{10}) const {
    return change({.opener = opener,
                   .object = object,
                   .expected = expected,
                   .after = after,
                   .direction = direction,
                   .patience = patience});
  }
};

inline Looked looked(const std::string& root, const std::string& path) {
  auto opener = Opener::at(root);
  REQUIRE(opener.has_value());
  auto object = opener->open(path);
  REQUIRE_MESSAGE(object.has_value(), (object ? "" : object.error().what));
  const FileFacts& facts = own_facts(*object);
  Expected expected{.id = facts.id,
                    .type = facts.type,
                    .changed_nanoseconds = facts.changed_nanoseconds,
                    .attributes = attributes_in(facts)};
  return {std::move(*opener), std::move(*object), std::move(expected)};
}

// "changed", or why not.
inline std::string told(const ChangeResult& result) {
  if (const auto* untouched = std::get_if<Untouched>(&result)) {
    return "untouched: " + untouched->why;
  }
  const auto* half = std::get_if<HalfChanged>(&result);
  return half != nullptr ? "half-changed: " + half->why : "changed";
}

}  // namespace cfwarden
