#include "cfwarden/model/report.h"

#include <algorithm>

namespace cfwarden {

std::size_t Report::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

bool Report::fails(const Finding& finding) const {
  if (finding.novelty == Novelty::known) return false;
  return finding.severity >= std::max(fail_on, Severity::low);
}

bool Report::has_only_names() const {
  return sweep && sweep->names_only;
}

bool is_mended_by_attributes(const Finding& finding) {
  return finding.fix == "owner-only" || finding.fix == "remove-acl" || finding.fix == "set-owner";
}

}  // namespace cfwarden
