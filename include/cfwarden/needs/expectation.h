// What mode and owner a credential should have, by what needs it. Pure.
//
// Promises  never wider than 0640, and that only for what runs one tunnel and is read through a
//           group in which nobody is but those who need it. Root is always among the owners: it
//           reads everything anyway. A need that an ordinary user controls changes nothing, since
//           anybody can invent one.
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/model/need.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

struct Expectation {
  unsigned allowed_mode = 0600;  // No other permission bit may be set.
  std::vector<std::uint32_t> owners;
  std::string owner_text;  // Who should own it: "root", "cloudflared or 65532".
  std::string because;     // "cloudflared.service runs as root". Hostile bytes.
};

// The file as it is now.
struct Holding {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  // Of its group, besides root and its owner: exposure's members_of().
  std::vector<std::string> group_members;
  // In whose home it lies: nothing there is given away, whoever else reads it.
  std::optional<std::uint32_t> home_owner;
  std::string home_owner_name;
};

// nullopt where no need says anything: what was expected without needs stays so.
std::optional<Expectation> expected_for(Authority authority, const Holding& held,
                                        std::span<const Need> needs);

}  // namespace cfwarden
