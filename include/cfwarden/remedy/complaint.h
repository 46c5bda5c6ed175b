// What the built-in rules complain of, as far as a plan has to know it. Pure.
//
// To add a rule that is about who can write, everyone reading, a default ACL or the file's names:
// add its row in src/remedy/complaint.cc. All others are about something else.
#pragma once

#include <span>
#include <string_view>

namespace cfwarden {

enum class Complaint {
  other,        // Mostly that somebody can read it: gone once the object is as it is wanted.
  everyone,     // Everyone can read it: gone as soon as only some can.
  writers,      // Others can write or replace it: gone as soon as nobody else can.
  default_acl,  // Of a directory: gone with that ACL.
  names,        // It has more than one name: in the way of every change.
};

Complaint complaint_of(std::string_view rule);

struct RuleComplaint {
  std::string_view rule;
  Complaint complaint;
};
std::span<const RuleComplaint> all_complaints();

}  // namespace cfwarden
