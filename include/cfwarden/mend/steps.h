// The changes, each one system call, that lead from one set of attributes to another. Pure.
//
// Promises  at no moment has anybody a right that neither `before` nor `after` gives, whoever they
//           are and wherever it stops: first the mode loses every bit that one of the two lacks,
//           and more where an ACL or another owner would change what the bits mean; then ACLs go,
//           the owner changes, ACLs come (which set the group bits themselves), and last the mode
//           becomes `after`. A step that would change nothing is left out.
#pragma once

#include "cfwarden/model/plan.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace cfwarden {

struct ModeStep {
  unsigned mode = 0;
  friend bool operator==(const ModeStep&, const ModeStep&) = default;
};
enum class AclKind { access, by_default };
struct AclStep {
  AclKind kind = AclKind::access;
  std::vector<AclEntry> entries;  // Empty: the ACL is removed.
  friend bool operator==(const AclStep&, const AclStep&) = default;
};
struct OwnerStep {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  friend bool operator==(const OwnerStep&, const OwnerStep&) = default;
};
using Step = std::variant<ModeStep, AclStep, OwnerStep>;

std::vector<Step> steps_between(const Attributes& before, const Attributes& after, FileType type);

// What the kernel makes of a step: a mode moves the ACL's entries of owner, mask and others, an ACL
// the mode's bits, and a new owner costs a file its special bits. For tests.
Attributes after_step(Attributes now, const Step& step, FileType type);

// Every state between `before` and `after` that a crash can leave behind, both included.
std::vector<Attributes> states_between(const Attributes& before, const Attributes& after,
                                       FileType type);

}  // namespace cfwarden
