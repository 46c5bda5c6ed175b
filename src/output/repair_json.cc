#include <nlohmann/json.hpp>

#include "cfwarden/model/words.h"
#include "cfwarden/output/attributes_json.h"
#include "cfwarden/output/exception_json.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/repair.h"

#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_name = "cfwarden.fix/1";

ordered_json mended_of(const MendedFinding& finding) {
  return {{"rule", json_text(finding.rule)}, {"severity", name_of(finding.severity)}};
}

ordered_json keeper_of(const Keeper& keeper) {
  return {{"who", json_text(keeper.who)},
          {"user", json_text(keeper.user)},
          {"how", json_text(keeper.how)}};
}

// `applied` is null for a plan.
ordered_json change_of(const Change& change, const Applied* applied) {
  ordered_json object;
  put_path(object, change.path);
  object["type"] = name_of(change.type);
  object["before"] =
      json_of_attributes<ordered_json>(change.before, change.owner_before, change.group_before);
  object["after"] =
      json_of_attributes<ordered_json>(change.after, change.owner_after, change.group_after);
  object["mends"] = json_of_all<ordered_json>(change.mends, mended_of);
  object["loses"] = {{"everyone", change.everyone_loses},
                     {"accounts", json_of_texts<ordered_json>(change.losers)}};
  object["keeps"] = json_of_all<ordered_json>(change.keepers, keeper_of);
  object["not_tighter"] = json_or_null<ordered_json>(change.not_tighter);
  object["rotate"] = change.held_secret;
  put_outcome(object, applied);
  return object;
}

ordered_json changes_of(const Repair& repair) {
  ordered_json array = ordered_json::array();
  const Applied not_reached;
  for (std::size_t i = 0; i < repair.plan.changes.size(); ++i) {
    const Applied* applied = !repair.is_applied          ? nullptr
                             : i < repair.applied.size() ? &repair.applied[i]
                                                         : &not_reached;
    array.push_back(change_of(repair.plan.changes[i], applied));
  }
  return array;
}

ordered_json refusal_of(const Refusal& refusal) {
  ordered_json object;
  put_path(object, refusal.path);
  object["why"] = json_text(refusal.why);
  object["command"] = json_or_null<ordered_json>(refusal.command);
  object["leaves"] = json_of_all<ordered_json>(refusal.leaves, mended_of);
  return object;
}

ordered_json advice_of(const Advice& advice) {
  ordered_json object = mended_of(advice.finding);
  object["title"] = json_text(advice.title);
  put_path(object, advice.path);
  object["line"] = json_or_null<ordered_json>(advice.line);
  object["message"] = json_or_null<ordered_json>(advice.message);
  object["steps"] = json_of_texts<ordered_json>(advice.steps);
  return object;
}

ordered_json accepted_of(const Accepted& accepted) {
  ordered_json object = mended_of(accepted.finding);
  put_path(object, accepted.path);
  object["line"] = json_or_null<ordered_json>(accepted.line);
  object["exception"] = json_of_exception<ordered_json>(*accepted.exception);
  return object;
}

ordered_json summary_of(const Repair& repair) {
  const RepairTally tally = tally_of(repair);
  return {{"pending", tally.pending},         {"fixed", tally.fixed},
          {"refused", tally.refused},         {"failed", tally.failed},
          {"not_reached", tally.not_reached}, {"left", tally.left}};
}

}  // namespace

void write_repair_json(const Repair& repair, std::ostream& out) {
  ordered_json object;
  object["schema"] = schema_name;
  object["tool"] = {{"name", "cfwarden"}, {"version", json_text(repair.tool_version)}};
  object["host"] = {{"hostname", json_or_null<ordered_json>(repair.hostname)},
                    {"root", json_text(repair.root)}};
  object["run"] = {{"started", json_of_time<ordered_json>(repair.started)},
                   {"user", json_or_null<ordered_json>(repair.user)},
                   {"euid", repair.euid},
                   {"name", json_or_null<ordered_json>(repair.run)}};
  object["applied"] = repair.is_applied;
  object["interrupted"] = repair.interrupted;
  object["interrupted_runs"] = json_of_texts<ordered_json>(repair.interrupted_runs);
  object["changes"] = changes_of(repair);
  object["refusals"] = json_of_all<ordered_json>(repair.plan.refusals, refusal_of);
  object["advice"] = json_of_all<ordered_json>(repair.plan.advice, advice_of);
  object["accepted"] = json_of_all<ordered_json>(repair.plan.accepted, accepted_of);
  object["summary"] = summary_of(repair);
  object["exit"] = repair.exit_code;
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
