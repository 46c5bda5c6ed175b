// The parts of a report in JSON, as cfwarden.report/1 has them; whatever library holds them.
#pragma once

#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/attributes_json.h"
#include "cfwarden/output/exception_json.h"
#include "cfwarden/output/json_values.h"
#include "cfwarden/output/summary_lines.h"

#include <string>

namespace cfwarden {

// A process is no file: what it was started with belongs to somebody, and has nothing else of one.
template <class Json>
Json json_of_file(const ReportedCredential& credential) {
  const bool is_file = !credential.in_memory;
  return {
      {"mode", is_file ? Json(mode_text(credential.permissions.mode)) : Json(nullptr)},
      {"owner", json_or_null<Json>(credential.owner)},
      {"group", json_or_null<Json>(credential.group)},
      {"uid", credential.permissions.uid},
      {"gid", credential.permissions.gid},
      {"links", is_file ? Json(credential.links) : Json(nullptr)},
      {"acl", json_of_acl<Json>(credential.permissions.acl)},
      {"modified", is_file ? json_of_time<Json>(credential.modified) : Json(nullptr)},
  };
}

template <class Json>
Json json_of_reach(const Reach& reach) {
  Json object{
      {"audience", name_of(reach.audience)},
      {"accounts", json_of_texts<Json>(reach.accounts)},
      {"because", json_of_texts<Json>(reach.because)},
  };
  if (reach.at_least) object["at_least"] = true;
  return object;
}

template <class Json>
Json json_of_need(const Need& need) {
  Json object;
  object["who"] = json_text(need.who);
  object["user"] = json_text(need.user);
  object["can_read"] = need.can_read ? Json(*need.can_read) : Json(nullptr);
  object["source"] = name_of(need.source);
  object["obstacle"] = json_or_null<Json>(need.obstacle);
  object["controlled_by"] = json_or_null<Json>(need.controller);
  return object;
}

template <class Json>
void put_tracking(Json& object, const Tracking& tracking) {
  const bool is_known = tracking.is_tracked != Answer::unknown;
  object["tracked"] = is_known ? Json(tracking.is_tracked == Answer::yes) : Json(nullptr);
  object["work_tree"] = json_or_null<Json>(tracking.work_tree);
}

template <class Json>
Json json_of_credential(const ReportedCredential& found) {
  const Credential& credential = found.credential;
  Json object;
  object["id"] = json_text(found.id);
  object["kind"] = json_text(credential.kind);
  object["status"] = name_of(credential.status);
  object["reason"] = json_or_null<Json>(credential.reason);
  put_path(object, found.path);
  object["line"] = json_or_null<Json>(found.line);
  object["carrier"] = json_or_null<Json>(found.carrier);
  object["authority"] = name_of(credential.authority);
  object["scope"] = {
      {"account", json_or_null<Json>(credential.scope.account)},
      {"zone", json_or_null<Json>(credential.scope.zone)},
      {"tunnel", json_or_null<Json>(credential.scope.tunnel)},
      {"endpoint", json_or_null<Json>(credential.scope.endpoint)},
  };
  object["fingerprint"] = json_or_null<Json>(credential.fingerprint);
  object["secret_bytes"] = json_or_null<Json>(credential.secret_bytes);
  object["not_after"] = json_of_time<Json>(credential.not_after);
  object["expires"] = json_of_time<Json>(credential.expires);
  object["issuer"] = json_or_null<Json>(credential.issuer);
  object["audience_claim"] = json_or_null<Json>(credential.audience_claim);
  object["file"] = json_of_file<Json>(found);
  if (found.in_memory) object["program"] = json_or_null<Json>(found.program);
  object["readers"] = json_of_reach<Json>(found.exposure.readers);
  object["writers"] = json_of_reach<Json>(found.exposure.writers);
  object["needed_by"] = json_of_all<Json>(found.needs, json_of_need<Json>);
  if (found.tracking) put_tracking(object, *found.tracking);
  return object;
}

template <class Json>
Json json_of_finding(const Finding& finding) {
  Json object;
  object["rule"] = json_text(finding.rule);
  object["severity"] = name_of(finding.severity);
  object["title"] = json_text(finding.title);
  object["message"] = json_or_null<Json>(finding.message);
  put_path(object, finding.path);
  object["line"] = json_or_null<Json>(finding.line);
  object["credential"] = json_or_null<Json>(finding.credential);
  object["expected"] = json_or_null<Json>(finding.expected);
  object["actual"] = json_or_null<Json>(finding.actual);
  object["fix"] = json_or_null<Json>(finding.fix);
  object["exception"] =
      finding.exception == nullptr ? Json(nullptr) : json_of_exception<Json>(*finding.exception);
  if (finding.service) object["service"] = json_text(finding.service->need.who);
  if (finding.novelty != Novelty::no_baseline) object["baseline"] = name_of(finding.novelty);
  return object;
}

template <class Json>
Json json_of_gap(const Gap& gap) {
  Json object;
  put_path(object, gap.path);
  object["why"] = json_text(gap.why);
  return object;
}

template <class Json>
Json json_of_summary(const Report& report) {
  Json object = Json::object();
  for (const Severity severity : severities_worst_first) {
    object[std::string{name_of(severity)}] = report.count(severity);
  }
  object["excepted"] = report.excepted();
  object["known"] = report.known();
  return object;
}

template <class Json>
Json json_of_tool(const Report& report) {
  return {{"name", "cfwarden"}, {"version", json_text(report.tool_version)}};
}

template <class Json>
Json json_of_host(const Report& report) {
  return {{"hostname", json_or_null<Json>(report.hostname)}, {"root", json_text(report.root)}};
}

template <class Json>
Json json_of_run(const Report& report) {
  Json object{{"started", json_of_time<Json>(report.started)},
              {"user", json_or_null<Json>(report.user)},
              {"euid", report.euid},
              {"profile", json_text(report.profile)}};
  if (report.interrupted) object["interrupted"] = true;
  return object;
}

}  // namespace cfwarden
