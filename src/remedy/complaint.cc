#include "cfwarden/remedy/complaint.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::array complaints{
    RuleComplaint{"account-certificate-readable-by-everyone", Complaint::everyone},
    RuleComplaint{"config-writable-by-others", Complaint::writers},
    RuleComplaint{"default-acl", Complaint::default_acl},
    RuleComplaint{"group-writable-decimal-mode", Complaint::writers},
    RuleComplaint{"hard-linked", Complaint::names},
    RuleComplaint{"readable-by-everyone", Complaint::everyone},
    RuleComplaint{"replaceable-by-others", Complaint::writers},
};

}  // namespace

Complaint complaint_of(std::string_view rule) {
  const auto* const found = std::ranges::find(complaints, rule, &RuleComplaint::rule);
  return found == complaints.end() ? Complaint::other : found->complaint;
}

std::span<const RuleComplaint> all_complaints() {
  return complaints;
}

}  // namespace cfwarden
