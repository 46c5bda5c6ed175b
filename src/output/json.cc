#include <nlohmann/json.hpp>

#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/report_json.h"

#include <ostream>
#include <utility>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_name = "cfwarden.report/1";

ordered_json place_of(const Place& place) {
  ordered_json object;
  put_path(object, place.path);
  object["why"] = json_text(place.why);
  object["state"] = name_of(place.state);
  return object;
}

ordered_json account_of(const AccountSummary& account) {
  return {
      {"account", json_or_null<ordered_json>(account.account)},
      {"credentials", account.credentials},
      {"authority", name_of(account.authority)},
      {"audience", name_of(account.audience)},
  };
}

ordered_json skipped_of(const SkippedFileSystem& mount) {
  ordered_json object;
  put_path(object, mount.path);
  object["type"] = json_or_null<ordered_json>(mount.type);
  object["why"] = json_text(mount.why);
  return object;
}

// What is the same from sweep to sweep of an unchanged tree, and nothing else.
void put_sweep(ordered_json& object, const Report& report) {
  const SweptReport& sweep = *report.sweep;
  object["names"] = json_of_texts<ordered_json>(sweep.names);
  ordered_json bytes = ordered_json::object();
  for (const std::string& name : sweep.names) {
    if (auto untold = untold_bytes(name)) bytes[json_text(name)] = std::move(*untold);
  }
  if (!bytes.empty()) object["names_b64"] = std::move(bytes);
  object["skipped"] = json_of_all<ordered_json>(sweep.skipped, skipped_of);
  object["swept"] = {{"names_only", sweep.names_only},
                     {"names", report.names_seen},
                     {"files", sweep.files},
                     {"bytes", sweep.bytes}};
  if (sweep.staged) {
    object["swept"]["staged"] = {{"looked_at", sweep.staged->looked_at},
                                 {"older", sweep.staged->older}};
  }
  if (sweep.asked_git) object["git"] = {{"history_searched", false}};
}

ordered_json left_out_of(const LeftOut& left_out) {
  return {{"excludes", json_of_texts<ordered_json>(left_out.excludes)},
          {"rules_off", json_of_texts<ordered_json>(left_out.rules_off)},
          {"rules_added", json_of_texts<ordered_json>(left_out.rules_added)}};
}

}  // namespace

void write_json(const Report& report, const Terminal&, std::ostream& out) {
  ordered_json object;
  object["schema"] = schema_name;
  object["tool"] = json_of_tool<ordered_json>(report);
  object["host"] = json_of_host<ordered_json>(report);
  object["run"] = json_of_run<ordered_json>(report);
  object["complete"] = report.complete();
  object["places"] = json_of_all<ordered_json>(report.places, place_of);
  object["credentials"] =
      json_of_all<ordered_json>(report.credentials, json_of_credential<ordered_json>);
  object["findings"] = json_of_all<ordered_json>(report.findings, json_of_finding<ordered_json>);
  object["gaps"] = json_of_all<ordered_json>(report.gaps, json_of_gap<ordered_json>);
  object["accounts"] = json_of_all<ordered_json>(report.accounts, account_of);
  if (report.sweep) put_sweep(object, report);
  if (!report.left_out.empty()) object["left_out"] = left_out_of(report.left_out);
  object["summary"] = json_of_summary<ordered_json>(report);
  object["exit"] = report.exit_code;
  // All beyond ASCII is written as \u: no bidi or C1 character survives, whatever reads the file.
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
