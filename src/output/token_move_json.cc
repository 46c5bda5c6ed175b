#include <nlohmann/json.hpp>

#include "cfwarden/model/words.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/token_move.h"

#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_name = "cfwarden.move-token/1";

ordered_json path_or_null(const std::string& path) {
  if (path.empty()) return nullptr;
  ordered_json object;
  put_path(object, path);
  return object;
}

ordered_json need_of(const Need& need) {
  return {{"who", json_text(need.who)},
          {"user", json_text(need.user)},
          {"can_read", need.can_read ? ordered_json(*need.can_read) : ordered_json(nullptr)}};
}

ordered_json token_of(const std::optional<ReportedCredential>& token) {
  if (!token) return nullptr;
  const Credential& credential = token->credential;
  const Reach& readers = token->exposure.readers;
  ordered_json object;
  object["kind"] = json_text(credential.kind);
  object["status"] = name_of(credential.status);
  object["account"] = json_or_null<ordered_json>(credential.scope.account);
  object["tunnel"] = json_or_null<ordered_json>(credential.scope.tunnel);
  object["fingerprint"] = json_or_null<ordered_json>(credential.fingerprint);
  object["line"] = json_or_null<ordered_json>(token->line);
  object["readers"] = {{"audience", name_of(readers.audience)},
                       {"accounts", json_of_texts<ordered_json>(readers.accounts)},
                       {"because", json_of_texts<ordered_json>(readers.because)}};
  object["needed_by"] = json_of_all<ordered_json>(token->needs, need_of);
  return object;
}

}  // namespace

void write_token_move_json(const TokenMoveRun& run, std::ostream& out) {
  ordered_json object;
  object["schema"] = schema_name;
  object["tool"] = {{"name", "cfwarden"}, {"version", json_text(run.tool_version)}};
  object["host"] = {{"hostname", json_or_null<ordered_json>(run.hostname)},
                    {"root", json_text(run.root)}};
  object["run"] = {{"started", json_of_time<ordered_json>(run.started)},
                   {"user", json_or_null<ordered_json>(run.user)},
                   {"euid", run.euid},
                   {"name", json_or_null<ordered_json>(run.run)}};
  object["applied"] = run.is_applied;
  object["state"] = name_of(run.state);
  object["why"] = json_or_null<ordered_json>(run.why);
  object["unit"] = json_or_null<ordered_json>(run.unit);
  object["unit_file"] = path_or_null(run.unit_path);
  object["token_file"] = path_or_null(run.token_path);
  object["program"] = json_or_null<ordered_json>(run.program);
  object["token"] = token_of(run.token);
  object["makes_directory"] = run.makes_directory;
  object["continues"] = run.continues;
  object["removed"] = json_of_texts<ordered_json>(run.removed);
  object["commands"] = json_of_texts<ordered_json>(run.commands);
  object["rotate"] = !run.commands.empty();
  object["exit"] = run.exit_code;
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
