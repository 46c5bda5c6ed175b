// What changed between two reports.
//
// Expects   both to be of one host, root, command and profile: refuses any others.
// Promises  a finding is the same where its rule, its path and its secret are, and, of what is
//           about none, its line or its words; so lines may move, and a process may get
//           another number. What the newer report did not look at again is unknown, not gone. An
//           exception that is no more makes what it accepted worse. Of what is about no credential
//           other words are worse, but for a mode that only lost bits: that is the same, since its
//           group is not told. Linear in the reports.
#pragma once

#include "cfwarden/app/saved_report.h"
#include "cfwarden/base/result.h"
#include "cfwarden/model/drift.h"
#include "cfwarden/model/report.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class HostMatch { one_host, any_host };

// Done where the two can be compared; else why not.
Result<Done> comparable(const SavedReport& older, const SavedReport& newer, HostMatch match);

// Expects comparable(). `own_rules`: the ids of the rules that the program carries.
Drift drift_between(const SavedReport& older, const SavedReport& newer,
                    std::span<const std::string_view> own_rules);

// 1 with something new or worse at or above `fail_on` (neither info nor what is excepted counts),
// else 3 where something was not looked at that was before, else 0.
int exit_code_of(const Drift& drift, Severity fail_on);

// Of each of the newer report's findings, in its order.
std::vector<Novelty> novelties_in(const SavedReport& older, const SavedReport& newer);

// Rules whose findings hang on more than the file that they are about.
std::span<const std::string_view> rules_of_the_whole_host();

// The ids of built_in_rules().
std::vector<std::string_view> own_rule_ids();

}  // namespace cfwarden
