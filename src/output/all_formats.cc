#include "cfwarden/output/all_formats.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::array formats{
    Format{"text", "for people: worst first, at most 100 columns", write_text},
    Format{"plain", "for cut and awk: a line each, tabs between its cells", write_plain},
    Format{"json", "for programs: one object, schema cfwarden.report/1", write_json},
    Format{"ndjson", "for log pipelines: an object a line, schema cfwarden.record/1", write_ndjson},
    Format{.name = "sarif",
           .summary = "for code scanning: SARIF 2.1.0",
           .write = write_sarif,
           .tells_rules = true},
    Format{.name = "junit",
           .summary = "for CI systems: a test case for each rule and credential",
           .write = write_junit,
           .tells_rules = true},
    Format{"csv", "for spreadsheets: RFC 4180, with a header", write_csv},
    Format{"markdown", "for job summaries and tickets", write_markdown},
    Format{.name = "html",
           .summary = "for browsers and paper: one page that loads nothing",
           .write = write_html,
           .tells_rules = true},
    Format{"github", "for GitHub Actions: annotations", write_github},
    Format{.name = "prometheus",
           .summary = "for node_exporter's textfile collector: numbers only",
           .write = write_prometheus,
           .only_counts = true},
    Format{.name = "nagios",
           .summary = "for monitoring: one line, and its own exit codes",
           .write = write_nagios,
           .only_counts = true,
           .exit_code = nagios_exit_code,
           .failure = nagios_failure},
};

}  // namespace

std::span<const Format> all_formats() {
  return formats;
}

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(formats, name, &Format::name);
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace cfwarden
