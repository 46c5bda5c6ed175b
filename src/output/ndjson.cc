#include <nlohmann/json.hpp>

#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/report_json.h"

#include <ostream>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

// Each line can be understood without the others: they part ways in a log.
class RecordWriter {
 public:
  RecordWriter(const Report& report, std::ostream& out)
      : out_{out},
        host_(json_of_host<ordered_json>(report)),
        run_(json_of_run<ordered_json>(report)) {}

  void write(const std::string& record, ordered_json value) {
    ordered_json object;
    object["schema"] = "cfwarden.record/1";
    object["record"] = record;
    object["host"] = host_;
    object["run"] = run_;
    object[record] = std::move(value);
    out_ << without_delete(object.dump(-1, ' ', true)) << '\n';
  }

 private:
  std::ostream& out_;
  ordered_json host_;
  ordered_json run_;
};

ordered_json end_of(const Report& report) {
  ordered_json object;
  object["tool"] = json_of_tool<ordered_json>(report);
  object["complete"] = report.complete();
  object["summary"] = json_of_summary<ordered_json>(report);
  object["exit"] = report.exit_code;
  return object;
}

}  // namespace

void write_ndjson(const Report& report, const Terminal&, std::ostream& out) {
  RecordWriter records{report, out};
  for (const Finding& finding : report.findings) {
    records.write("finding", json_of_finding<ordered_json>(finding));
  }
  for (const ReportedCredential& credential : report.credentials) {
    records.write("credential", json_of_credential<ordered_json>(credential));
  }
  for (const Gap& gap : report.gaps) records.write("gap", json_of_gap<ordered_json>(gap));
  if (report.sweep) {
    for (const std::string& path : report.sweep->names) {
      ordered_json name;
      put_path(name, path);
      records.write("name", std::move(name));
    }
  }
  records.write("end", end_of(report));
}

}  // namespace cfwarden
