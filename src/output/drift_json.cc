#include <nlohmann/json.hpp>

#include "cfwarden/base/base64.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/drift.h"
#include "cfwarden/output/json_text.h"
#include "cfwarden/output/json_values.h"

#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

std::string text_of(std::string_view bytes) {
  const std::string text = concealed_again(bytes);
  return is_valid_utf8(text) ? text : printable(text);
}

ordered_json text_or_null(std::string_view bytes) {
  return bytes.empty() ? ordered_json(nullptr) : ordered_json(text_of(bytes));
}

void put_saved_path(ordered_json& object, const std::string& path) {
  object["path"] = text_of(path);
  const bool is_untold = !is_valid_utf8(path) && concealed_again(path) == path;
  if (is_untold) object["path_b64"] = base64_of(path);
}

ordered_json stamp_of(const ReportStamp& stamp) {
  return {{"hostname", text_or_null(stamp.hostname)},
          {"root", text_of(stamp.root)},
          {"started", text_or_null(stamp.started)},
          {"version", text_of(stamp.tool_version)},
          {"complete", stamp.complete}};
}

ordered_json change_of(const Drifted& one) {
  ordered_json object;
  object["change"] = name_of(one.turn);
  object["rule"] = text_of(one.rule);
  object["severity"] = name_of(one.severity);
  object["severity_before"] =
      one.severity_before ? ordered_json(name_of(*one.severity_before)) : ordered_json(nullptr);
  object["title"] = text_of(one.title);
  object["message"] = text_or_null(one.message);
  put_saved_path(object, one.path);
  object["line"] = json_or_null<ordered_json>(one.line);
  object["why"] = text_or_null(one.why);
  object["excepted"] = one.excepted;
  return object;
}

ordered_json gap_of(const Gap& gap) {
  ordered_json object;
  put_saved_path(object, gap.path);
  object["why"] = text_of(gap.why);
  return object;
}

}  // namespace

void write_drift_json(const Drift& drift, std::ostream& out) {
  ordered_json object;
  object["schema"] = "cfwarden.diff/1";
  object["older"] = stamp_of(drift.older);
  object["newer"] = stamp_of(drift.newer);
  object["changes"] = json_of_all<ordered_json>(drift.changes, change_of);
  object["new_gaps"] = json_of_all<ordered_json>(drift.new_gaps, gap_of);
  ordered_json summary = ordered_json::object();
  for (const auto& turn : words_of<Turn>()) {
    summary[std::string{turn.name}] = drift.count(turn.value);
  }
  summary["unchanged"] = drift.unchanged;
  summary["excepted"] = drift.excepted;
  object["summary"] = std::move(summary);
  object["exit"] = drift.exit_code;
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
