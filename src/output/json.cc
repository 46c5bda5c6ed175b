#include <nlohmann/json.hpp>

#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/attributes_json.h"
#include "cfwarden/output/json_values.h"

#include <ostream>
#include <utility>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_name = "cfwarden.report/1";

// A process is no file: what it was started with belongs to somebody, and has nothing else of one.
ordered_json file_of(const ReportedCredential& credential) {
  const bool is_file = !credential.in_memory;
  return {
      {"mode", is_file ? ordered_json(mode_text(credential.permissions.mode)) : nullptr},
      {"owner", json_or_null<ordered_json>(credential.owner)},
      {"group", json_or_null<ordered_json>(credential.group)},
      {"uid", credential.permissions.uid},
      {"gid", credential.permissions.gid},
      {"links", is_file ? ordered_json(credential.links) : nullptr},
      {"acl", json_of_acl<ordered_json>(credential.permissions.acl)},
      {"modified", is_file ? json_of_time<ordered_json>(credential.modified) : nullptr},
  };
}

ordered_json reach_of(const Reach& reach) {
  ordered_json object{
      {"audience", name_of(reach.audience)},
      {"accounts", json_of_texts<ordered_json>(reach.accounts)},
      {"because", json_of_texts<ordered_json>(reach.because)},
  };
  if (reach.at_least) object["at_least"] = true;
  return object;
}

ordered_json place_of(const Place& place) {
  ordered_json object;
  put_path(object, place.path);
  object["why"] = json_text(place.why);
  object["state"] = name_of(place.state);
  return object;
}

ordered_json need_of(const Need& need) {
  ordered_json object;
  object["who"] = json_text(need.who);
  object["user"] = json_text(need.user);
  object["can_read"] = need.can_read ? ordered_json(*need.can_read) : ordered_json(nullptr);
  object["source"] = name_of(need.source);
  object["obstacle"] = json_or_null<ordered_json>(need.obstacle);
  object["controlled_by"] = json_or_null<ordered_json>(need.controller);
  return object;
}

void put_tracking(ordered_json& object, const Tracking& tracking) {
  const bool is_known = tracking.is_tracked != Answer::unknown;
  object["tracked"] =
      is_known ? ordered_json(tracking.is_tracked == Answer::yes) : ordered_json(nullptr);
  object["work_tree"] = json_or_null<ordered_json>(tracking.work_tree);
}

ordered_json credential_of(const ReportedCredential& found) {
  const Credential& credential = found.credential;
  ordered_json object;
  object["id"] = json_text(found.id);
  object["kind"] = json_text(credential.kind);
  object["status"] = name_of(credential.status);
  object["reason"] = json_or_null<ordered_json>(credential.reason);
  put_path(object, found.path);
  object["line"] = json_or_null<ordered_json>(found.line);
  object["carrier"] = json_or_null<ordered_json>(found.carrier);
  object["authority"] = name_of(credential.authority);
  object["scope"] = {
      {"account", json_or_null<ordered_json>(credential.scope.account)},
      {"zone", json_or_null<ordered_json>(credential.scope.zone)},
      {"tunnel", json_or_null<ordered_json>(credential.scope.tunnel)},
      {"endpoint", json_or_null<ordered_json>(credential.scope.endpoint)},
  };
  object["fingerprint"] = json_or_null<ordered_json>(credential.fingerprint);
  object["secret_bytes"] = json_or_null<ordered_json>(credential.secret_bytes);
  object["not_after"] = json_of_time<ordered_json>(credential.not_after);
  object["expires"] = json_of_time<ordered_json>(credential.expires);
  object["issuer"] = json_or_null<ordered_json>(credential.issuer);
  object["audience_claim"] = json_or_null<ordered_json>(credential.audience_claim);
  object["file"] = file_of(found);
  if (found.in_memory) object["program"] = json_or_null<ordered_json>(found.program);
  object["readers"] = reach_of(found.exposure.readers);
  object["writers"] = reach_of(found.exposure.writers);
  object["needed_by"] = json_of_all<ordered_json>(found.needs, need_of);
  if (found.tracking) put_tracking(object, *found.tracking);
  return object;
}

ordered_json finding_of(const Finding& finding) {
  ordered_json object;
  object["rule"] = json_text(finding.rule);
  object["severity"] = name_of(finding.severity);
  object["title"] = json_text(finding.title);
  object["message"] = json_or_null<ordered_json>(finding.message);
  put_path(object, finding.path);
  object["line"] = json_or_null<ordered_json>(finding.line);
  object["credential"] = json_or_null<ordered_json>(finding.credential);
  object["expected"] = json_or_null<ordered_json>(finding.expected);
  object["actual"] = json_or_null<ordered_json>(finding.actual);
  object["fix"] = json_or_null<ordered_json>(finding.fix);
  return object;
}

ordered_json gap_of(const Gap& gap) {
  ordered_json object;
  put_path(object, gap.path);
  object["why"] = json_text(gap.why);
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

ordered_json summary_of(const Report& report) {
  ordered_json object = ordered_json::object();
  for (const Severity severity :
       {Severity::critical, Severity::high, Severity::medium, Severity::low, Severity::info}) {
    object[std::string{name_of(severity)}] = report.count(severity);
  }
  return object;
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
  if (sweep.asked_git) object["git"] = {{"history_searched", false}};
}

}  // namespace

void write_json(const Report& report, const Terminal&, std::ostream& out) {
  ordered_json object;
  object["schema"] = schema_name;
  object["tool"] = {{"name", "cfwarden"}, {"version", json_text(report.tool_version)}};
  object["host"] = {{"hostname", json_or_null<ordered_json>(report.hostname)},
                    {"root", json_text(report.root)}};
  object["run"] = {{"started", json_of_time<ordered_json>(report.started)},
                   {"user", json_or_null<ordered_json>(report.user)},
                   {"euid", report.euid}};
  object["complete"] = report.complete();
  object["places"] = json_of_all<ordered_json>(report.places, place_of);
  object["credentials"] = json_of_all<ordered_json>(report.credentials, credential_of);
  object["findings"] = json_of_all<ordered_json>(report.findings, finding_of);
  object["gaps"] = json_of_all<ordered_json>(report.gaps, gap_of);
  object["accounts"] = json_of_all<ordered_json>(report.accounts, account_of);
  if (report.sweep) put_sweep(object, report);
  object["summary"] = summary_of(report);
  object["exit"] = report.exit_code;
  // All beyond ASCII is written as \u: no bidi or C1 character survives, whatever reads the file.
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
