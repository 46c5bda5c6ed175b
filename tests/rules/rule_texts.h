// A sound rule file, and ways to spoil it.
#pragma once

#include "cfwarden/rules/rule.h"

#include <string>
#include <string_view>

namespace cfwarden {

inline const std::string sound_rule = R"({
  "id": "loose-token",
  "severity": "high",
  "title": "A loose token",
  "when": {
    "kind": {"any_of": ["tunnel-token"]},
    "mode": {"at_least": "0601"},
    "path": {"glob": "/srv/**", "not": {"glob": "/srv/safe/**"}}
  },
  "fix": "owner-only",
  "message": "is {mode}, may be at most {allowed_mode}",
  "expected": "{allowed_mode}",
  "actual": "{mode}",
  "rationale": "Invented for the tests.",
  "remediation": ["Look at it.", ["Close it:", "chmod {mended_mode} {path:quoted}"], "procedure:replace-secret"],
  "references": ["CWE-732"],
  "flags": [{"kind": "tunnel-token", "mode": "0644", "path": "/srv/token"}],
  "passes": [{"kind": "tunnel-token", "mode": "0600", "path": "/srv/token"}]
}
)";

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return "the tests look for what is not there";
  return text.replace(at, from.size(), to);
}

// The complaint about a file named rule.json, or "accepted".
inline std::string complaint_about(std::string_view bytes) {
  const Result<Rule> rule = parse_rule("rule.json", bytes);
  return rule ? "accepted" : rule.error().what;
}

}  // namespace cfwarden
