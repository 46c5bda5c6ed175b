#include <nlohmann/json.hpp>

#include "cfwarden/base/base64.h"
#include "cfwarden/base/printable.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/json_text.h"
#include "cfwarden/output/phrases.h"

#include <array>
#include <ostream>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view schema_name = "cfwarden.report/1";

ordered_json json_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(json_text(text));
}

// `path`, and beside one that is not UTF-8 its bytes.
void put_path(ordered_json& object, const std::string& path) {
  object["path"] = json_text(path);
  if (!is_valid_utf8(path)) object["path_b64"] = base64_of(path);
}

ordered_json line_of(const std::optional<std::size_t>& line) {
  return line ? ordered_json(*line) : ordered_json(nullptr);
}

ordered_json time_of(const std::optional<std::int64_t>& seconds) {
  return json_or_null(seconds ? utc_text(*seconds) : std::string{});
}

ordered_json texts(const std::vector<std::string>& lines) {
  ordered_json array = ordered_json::array();
  for (const std::string& line : lines) array.push_back(json_text(line));
  return array;
}

// As `getfacl --numeric` writes it: "user:1001:r--".
std::string acl_text(const AclEntry& entry) {
  std::string text;
  switch (entry.tag) {
    case AclTag::owner:
      text = "user::";
      break;
    case AclTag::user:
      text = "user:" + std::to_string(entry.id) + ":";
      break;
    case AclTag::group:
      text = "group::";
      break;
    case AclTag::named_group:
      text = "group:" + std::to_string(entry.id) + ":";
      break;
    case AclTag::mask:
      text = "mask::";
      break;
    case AclTag::others:
      text = "other::";
      break;
  }
  text += (entry.permissions & 4U) != 0 ? 'r' : '-';
  text += (entry.permissions & 2U) != 0 ? 'w' : '-';
  text += (entry.permissions & 1U) != 0 ? 'x' : '-';
  return text;
}

ordered_json acl_of(const Permissions& permissions) {
  ordered_json array = ordered_json::array();
  for (const AclEntry& entry : permissions.acl) array.push_back(acl_text(entry));
  return array;
}

ordered_json file_of(const ReportedCredential& credential) {
  return {
      {"mode", mode_text(credential.permissions.mode)},
      {"owner", json_or_null(credential.owner)},
      {"group", json_or_null(credential.group)},
      {"uid", credential.permissions.uid},
      {"gid", credential.permissions.gid},
      {"links", credential.links},
      {"acl", acl_of(credential.permissions)},
      {"modified", time_of(credential.modified)},
  };
}

ordered_json reach_of(const Reach& reach) {
  return {
      {"audience", name_of(reach.audience)},
      {"accounts", texts(reach.accounts)},
      {"because", texts(reach.because)},
  };
}

ordered_json place_of(const Place& place) {
  ordered_json object;
  put_path(object, place.path);
  object["why"] = json_text(place.why);
  object["state"] = name_of(place.state);
  return object;
}

template <class T>
ordered_json array_of(const std::vector<T>& values, ordered_json (*object_of)(const T&)) {
  ordered_json array = ordered_json::array();
  for (const T& value : values) array.push_back(object_of(value));
  return array;
}

ordered_json need_of(const Need& need) {
  ordered_json object;
  object["who"] = json_text(need.who);
  object["user"] = json_text(need.user);
  object["can_read"] = need.can_read ? ordered_json(*need.can_read) : ordered_json(nullptr);
  object["source"] = name_of(need.source);
  object["obstacle"] = json_or_null(need.obstacle);
  object["controlled_by"] = json_or_null(need.controller);
  return object;
}

ordered_json credential_of(const ReportedCredential& found) {
  const Credential& credential = found.credential;
  ordered_json object;
  object["id"] = json_text(found.id);
  object["kind"] = json_text(credential.kind);
  object["status"] = name_of(credential.status);
  object["reason"] = json_or_null(credential.reason);
  put_path(object, found.path);
  object["line"] = line_of(found.line);
  object["carrier"] = json_or_null(found.carrier);
  object["authority"] = name_of(credential.authority);
  object["scope"] = {
      {"account", json_or_null(credential.scope.account)},
      {"zone", json_or_null(credential.scope.zone)},
      {"tunnel", json_or_null(credential.scope.tunnel)},
      {"endpoint", json_or_null(credential.scope.endpoint)},
  };
  object["fingerprint"] = json_or_null(credential.fingerprint);
  object["secret_bytes"] = line_of(credential.secret_bytes);
  object["not_after"] = time_of(credential.not_after);
  object["expires"] = time_of(credential.expires);
  object["issuer"] = json_or_null(credential.issuer);
  object["audience_claim"] = json_or_null(credential.audience_claim);
  object["file"] = file_of(found);
  object["readers"] = reach_of(found.exposure.readers);
  object["writers"] = reach_of(found.exposure.writers);
  object["needed_by"] = array_of(found.needs, need_of);
  return object;
}

ordered_json finding_of(const Finding& finding) {
  ordered_json object;
  object["rule"] = json_text(finding.rule);
  object["severity"] = name_of(finding.severity);
  object["title"] = json_text(finding.title);
  object["message"] = json_or_null(finding.message);
  put_path(object, finding.path);
  object["line"] = line_of(finding.line);
  object["credential"] = json_or_null(finding.credential);
  object["expected"] = json_or_null(finding.expected);
  object["actual"] = json_or_null(finding.actual);
  object["fix"] = json_or_null(finding.fix);
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
      {"account", json_or_null(account.account)},
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

}  // namespace

void write_json(const Report& report, const Terminal&, std::ostream& out) {
  ordered_json object;
  object["schema"] = schema_name;
  object["tool"] = {{"name", "cfwarden"}, {"version", json_text(report.tool_version)}};
  object["host"] = {{"hostname", json_or_null(report.hostname)}, {"root", json_text(report.root)}};
  object["run"] = {{"started", time_of(report.started)},
                   {"user", json_or_null(report.user)},
                   {"euid", report.euid}};
  object["complete"] = report.complete();
  object["places"] = array_of(report.places, place_of);
  object["credentials"] = array_of(report.credentials, credential_of);
  object["findings"] = array_of(report.findings, finding_of);
  object["gaps"] = array_of(report.gaps, gap_of);
  object["accounts"] = array_of(report.accounts, account_of);
  object["summary"] = summary_of(report);
  object["exit"] = report.exit_code;
  // All beyond ASCII is written as \u: no bidi or C1 character survives, whatever reads the file.
  out << without_delete(object.dump(2, ' ', true)) << '\n';
}

}  // namespace cfwarden
