#include "cfwarden/model/report.h"

#include <algorithm>

namespace cfwarden {

std::size_t Report::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [&](const Finding& finding) {
    return finding.severity == severity && finding.exception == nullptr;
  }));
}

std::size_t Report::excepted() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [](const Finding& finding) { return finding.exception != nullptr; }));
}

std::size_t Report::known(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [&](const Finding& finding) {
    return finding.severity == severity && finding.novelty == Novelty::known &&
           finding.exception == nullptr;
  }));
}

std::size_t Report::known() const {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [](const Finding& finding) {
    return finding.novelty == Novelty::known && finding.exception == nullptr;
  }));
}

bool Report::fails(const Finding& finding) const {
  const bool is_accepted = finding.exception != nullptr || finding.novelty == Novelty::known;
  return !is_accepted && finding.severity >= std::max(fail_on, Severity::low);
}

bool Report::has_only_names() const {
  return sweep && sweep->names_only;
}

bool is_mended_by_attributes(const Finding& finding) {
  return finding.fix == "owner-only" || finding.fix == "remove-acl" || finding.fix == "set-owner";
}

}  // namespace cfwarden
