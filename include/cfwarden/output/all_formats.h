// The writers behind the rows of all_formats().
#pragma once

#include "cfwarden/output/format.h"

#include <iosfwd>
#include <string>
#include <string_view>

namespace cfwarden {

// For people: worst first, then what could not be looked at, then what to do next.
void write_text(const Report& report, const Terminal& terminal, std::ostream& out);

// For programs: one object a run, as packaging/schema/cfwarden.report-1.schema.json describes it.
void write_json(const Report& report, const Terminal& terminal, std::ostream& out);

// For cut and awk: one row of output/rows.h a line, tabs between its cells, no header.
void write_plain(const Report& report, const Terminal& terminal, std::ostream& out);

// For log pipelines: one object a line, as packaging/schema/cfwarden.record-1.schema.json
// describes it.
void write_ndjson(const Report& report, const Terminal& terminal, std::ostream& out);

// SARIF 2.1.0 with all that GitHub's code scanning requires.
void write_sarif(const Report& report, const Terminal& terminal, std::ostream& out);

// For CI systems: a test case for each rule and credential, failed or passed; gaps are errors.
void write_junit(const Report& report, const Terminal& terminal, std::ostream& out);

// For spreadsheets: the rows of output/rows.h under a header, as RFC 4180 has them.
void write_csv(const Report& report, const Terminal& terminal, std::ostream& out);

// For the summary of a CI job or a ticket.
void write_markdown(const Report& report, const Terminal& terminal, std::ostream& out);

// For people who do not have the terminal: one page that loads nothing.
void write_html(const Report& report, const Terminal& terminal, std::ostream& out);

// Workflow commands of GitHub Actions: an annotation for each finding and gap.
void write_github(const Report& report, const Terminal& terminal, std::ostream& out);

// For node_exporter's textfile collector: numbers, and no name of anything.
void write_prometheus(const Report& report, const Terminal& terminal, std::ostream& out);

// A monitoring plugin's one line.
void write_nagios(const Report& report, const Terminal& terminal, std::ostream& out);
// 0 ok, 1 warning, 2 critical, 3 unknown.
int nagios_exit_code(const Report& report);
std::string nagios_failure(std::string_view why);

}  // namespace cfwarden
