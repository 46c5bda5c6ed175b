#include <nlohmann/json.hpp>

#include "cfwarden/output/attributes_json.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/undoing.h"

#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

ordered_json run_of(const RecordedRun& run) {
  return {{"name", json_text(run.name)},
          {"started", json_of_time<ordered_json>(run.started)},
          {"user", json_or_null<ordered_json>(run.user)},
          {"root", json_text(run.root)},
          {"changes", run.changes},
          {"interrupted", run.was_interrupted},
          {"undone", run.is_undone},
          {"left_alone", run.left_alone},
          {"root_gone", run.is_root_gone}};
}

ordered_json restoration_of(const Restoration& one, bool is_applied) {
  // What is left alone may not even have been looked at, and a unit's bytes are no attributes.
  const bool has_states = one.left_because.empty() && one.token_file.empty();
  ordered_json object;
  put_path(object, one.path);
  object["type"] = name_of(one.type);
  object["now"] = nullptr;
  object["before"] = nullptr;
  if (has_states) {
    object["now"] = json_of_attributes<ordered_json>(one.now, one.owner_now, one.group_now);
    object["before"] =
        json_of_attributes<ordered_json>(one.before, one.owner_before, one.group_before);
  }
  object["opens_to"] = json_or_null<ordered_json>(one.opens_to);
  object["token_file"] = json_or_null<ordered_json>(one.token_file);
  object["commands"] = json_of_texts<ordered_json>(one.commands);
  object["left_because"] = json_or_null<ordered_json>(one.left_because);
  put_outcome(object, is_applied ? &one.applied : nullptr);
  return object;
}

ordered_json unsound_of(const RecordedRuns::Unsound& unsound) {
  ordered_json object;
  put_path(object, unsound.path);
  object["why"] = json_text(unsound.why);
  return object;
}

ordered_json summary_of(const Undoing& undoing) {
  return {{"pending", count(undoing, Comeback::pending)},
          {"restored", count(undoing, Comeback::restored)},
          {"left_alone", count(undoing, Comeback::left_alone)},
          {"as_before", undoing.as_before},
          {"failed", count(undoing, Comeback::failed)},
          {"not_reached", count(undoing, Comeback::not_reached)}};
}

void print(const ordered_json& object, std::ostream& out) {
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace

void write_undoing_json(const Undoing& undoing, std::ostream& out) {
  ordered_json object;
  object["schema"] = "cfwarden.undo/1";
  object["tool"] = {{"name", "cfwarden"}, {"version", json_text(undoing.tool_version)}};
  object["run"] = nullptr;
  if (!undoing.run.name.empty()) object["run"] = run_of(undoing.run);
  object["applied"] = undoing.is_applied;
  object["interrupted"] = undoing.interrupted;
  object["restorations"] = json_of_all<ordered_json>(
      undoing.restorations,
      [&](const Restoration& one) { return restoration_of(one, undoing.is_applied); });
  object["summary"] = summary_of(undoing);
  object["exit"] = undoing.exit_code;
  print(object, out);
}

void write_recorded_runs_json(const RecordedRuns& recorded, std::ostream& out) {
  ordered_json object;
  object["schema"] = "cfwarden.runs/1";
  object["runs"] = json_of_all<ordered_json>(recorded.runs, run_of);
  object["unsound"] = json_of_all<ordered_json>(recorded.unsound, unsound_of);
  print(object, out);
}

}  // namespace cfwarden
