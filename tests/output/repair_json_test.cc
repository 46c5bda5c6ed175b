#include "cfwarden/base/base64.h"
#include "cfwarden/output/repair.h"
#include "cfwarden/output/undoing.h"

#include "golden.h"
#include "repair_samples.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace cfwarden;
using nlohmann::ordered_json;

namespace {

std::string json_of(const Repair& repair) {
  std::ostringstream out;
  write_repair_json(repair, out);
  return out.str();
}

std::string json_of(const Undoing& undoing) {
  std::ostringstream out;
  write_undoing_json(undoing, out);
  return out.str();
}

std::string json_of(const RecordedRuns& runs) {
  std::ostringstream out;
  write_recorded_runs_json(runs, out);
  return out.str();
}

std::vector<std::string> keys_of(const ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

bool is_ascii_line_by_line(const std::string& text) {
  return std::ranges::all_of(
      text, [](unsigned char byte) { return byte == '\n' || (byte >= 0x20 && byte < 0x7f); });
}

// A name in every place that the screens show.
Repair hostile_repair() {
  Repair repair = samples::sound_plan();
  for (const std::string& name : samples::hostile_names()) {
    Change change = samples::stray_owner();
    change.path = "/home/eve/" + name;
    change.owner_before = name;
    change.losers = {name};
    change.keepers = {{name, name, name}};
    change.not_tighter = name;
    repair.plan.changes.push_back(change);
    repair.plan.refusals.push_back(
        {.path = "/home/eve/" + name, .leaves = {}, .why = name, .command = name});
    Advice advice = samples::certificate_on_connector("/home/eve/" + name);
    advice.steps = {name};
    repair.plan.advice.push_back(advice);
  }
  repair.user = samples::hostile_names()[3];
  repair.exit_code = 1;
  return repair;
}

Undoing hostile_undoing() {
  Undoing undoing = samples::planned_undoing();
  undoing.restorations.clear();
  for (const std::string& name : samples::hostile_names()) {
    Restoration one = samples::back(samples::stray_owner(), name);
    one.path = "/home/eve/" + name;
    undoing.restorations.push_back(one);
  }
  return undoing;
}

}  // namespace

TEST_CASE("repairs, undoings and runs are as their schemas describe them") {
  check_golden("fix-plan.json", json_of(samples::messy_plan()));
  check_golden("fix-applied.json", json_of(samples::applied_run()));
  check_golden("fix-interrupted.json", json_of(samples::interrupted_run()));
  check_golden("fix-clean.json", json_of(samples::sound_plan()));
  check_golden("fix-refused.json", json_of(samples::refused_plan()));
  check_golden("fix-hostile.json", json_of(hostile_repair()));
  check_golden("undo-plan.json", json_of(samples::planned_undoing()));
  check_golden("undo-applied.json", json_of(samples::applied_undoing()));
  check_golden("undo-nothing.json", json_of(Undoing{.run = {}, .tool_version = "0.1.0"}));
  check_golden("undo-hostile.json", json_of(hostile_undoing()));
  check_golden("runs.json", json_of(samples::recorded_runs()));
  check_golden("runs-none.json", json_of(RecordedRuns{}));
}

TEST_CASE("a repair's keys stand in the published order") {
  const auto fix = ordered_json::parse(json_of(samples::applied_run()));
  using Keys = std::vector<std::string>;
  CHECK(keys_of(fix) == Keys{"schema", "tool", "host", "run", "applied", "interrupted",
                             "interrupted_runs", "changes", "refusals", "advice", "accepted",
                             "summary", "exit"});
  CHECK(keys_of(fix["changes"][0]) == Keys{"path", "type", "before", "after", "mends", "loses",
                                           "keeps", "not_tighter", "rotate", "outcome", "why"});
  CHECK(keys_of(fix["changes"][0]["before"]) ==
        Keys{"mode", "owner", "group", "uid", "gid", "acl", "default_acl"});
  CHECK(keys_of(fix["summary"]) ==
        Keys{"pending", "fixed", "refused", "failed", "not_reached", "left"});
}

TEST_CASE("a plan has outcomes of null, a run tells them, and the summaries add up") {
  const auto plan = ordered_json::parse(json_of(samples::messy_plan()));
  CHECK(plan["applied"] == false);
  CHECK(plan["run"]["name"] == nullptr);
  CHECK(plan["changes"][0]["outcome"] == nullptr);
  CHECK(plan["summary"]["pending"] == 4);
  CHECK(plan["changes"][3]["before"]["acl"][1] == "user:1000:r--");
  CHECK(plan["changes"][1]["before"]["default_acl"][1] == "user:1000:r-x");
  const auto run = ordered_json::parse(json_of(samples::interrupted_run()));
  CHECK(run["run"]["name"] == samples::run_name);
  CHECK(run["interrupted"] == true);
  CHECK(run["changes"][0]["outcome"] == "done");
  CHECK(run["changes"][0]["why"] == nullptr);
  CHECK(run["changes"][1]["outcome"] == "refused");
  CHECK(run["changes"][2]["why"] == "fchownat: operation not permitted");
  CHECK(run["changes"][3]["outcome"] == "not-reached");
  CHECK(run["summary"] == ordered_json{{"pending", 0},
                                       {"fixed", 1},
                                       {"refused", 3},
                                       {"failed", 1},
                                       {"not_reached", 1},
                                       {"left", 4}});
}

TEST_CASE("no state is told of what is left alone or of a unit") {
  const auto undo = ordered_json::parse(json_of(samples::applied_undoing()));
  CHECK(undo["restorations"][0]["now"]["mode"] == "0600");
  CHECK(undo["restorations"][1]["now"] == nullptr);
  CHECK(undo["restorations"][2]["before"] == nullptr);
  CHECK(undo["restorations"][2]["token_file"] == "/etc/cloudflared/token");
  CHECK(undo["summary"] == ordered_json{{"pending", 0},
                                        {"restored", 2},
                                        {"left_alone", 1},
                                        {"as_before", 2},
                                        {"failed", 1},
                                        {"not_reached", 1}});
  CHECK(undo["restorations"][2]["commands"].size() == 2);
  CHECK(undo["restorations"][0]["commands"].empty());
}

TEST_CASE("what fix and undo write as JSON is ASCII, whatever the names") {
  samples::RandomRepairs random{6};
  for (int i = 0; i < 200; ++i) {
    for (const std::string& text :
         {json_of(random.next()), json_of(random.next_undoing()),
          json_of(RecordedRuns{.runs = {random.run(), random.run()}, .unsound = {}})}) {
      CHECK(is_ascii_line_by_line(text));
      CHECK(ordered_json::accept(text));
    }
  }
}

TEST_CASE("beside each path of a repair that is not UTF-8 stand its bytes") {
  const auto fix = ordered_json::parse(json_of(hostile_repair()));
  const auto undo = ordered_json::parse(json_of(hostile_undoing()));
  for (std::size_t i = 0; i < samples::hostile_names().size(); ++i) {
    const std::string path = "/home/eve/" + samples::hostile_names()[i];
    for (const auto* list :
         {&fix["changes"], &fix["refusals"], &fix["advice"], &undo["restorations"]}) {
      const auto& object = (*list)[i];
      CAPTURE(i);
      CHECK(object["path"] == (is_valid_utf8(path) ? path : printable(path)));
      CHECK(object.contains("path_b64") != is_valid_utf8(path));
      if (object.contains("path_b64")) CHECK(object["path_b64"] == base64_of(path));
    }
  }
}
