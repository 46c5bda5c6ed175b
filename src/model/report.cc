#include "cfwarden/model/report.h"

#include <algorithm>

namespace cfwarden {

std::size_t Report::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

}  // namespace cfwarden
