// What SARIF and GitHub's code scanning want to know of a rule, as text.
#pragma once

#include "cfwarden/model/report.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

// "error", "warning" or "note".
std::string_view sarif_level(Severity severity);

// The score that GitHub makes a severity of; "" for info, which is none.
std::string_view security_severity(Severity severity);

// "ReadableByEveryone" of "readable-by-everyone".
std::string pascal_case(std::string_view id);

// At most so many code points, the last one "…" where there were more.
std::string first_characters(const std::string& utf8, std::size_t most);

// Why it matters, what to do, where to read on.
std::string help_text(const RuleText& rule);
std::string help_markdown(const RuleText& rule);

// "external/cwe/cwe-732" of a reference to CWE-732, "" of others.
std::string weakness_tag(std::string_view reference);

// The https URI in a reference, "" where there is none.
std::string uri_in(std::string_view reference);

}  // namespace cfwarden
