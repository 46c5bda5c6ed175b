#include "cfwarden/app/audited_host.h"

#include "cfwarden/app/source_root.h"
#include "cfwarden/host/accounts.h"
#include "cfwarden/host/identity.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

bool looks_at_all_homes(const AuditRequest& request) {
  return !is_running_host(request.root) || sees_all_homes();
}

}  // namespace

Accounts accounts_for(const AuditRequest& request, const Opener& opener, std::vector<Gap>& gaps) {
  KnownAccounts known =
      is_running_host(request.root) ? running_accounts(opener) : accounts_of_root(opener);
  gaps = std::move(known.gaps);
  return std::move(known.accounts);
}

Caller caller_of(const AuditRequest& request, const Accounts& accounts) {
  return {.sees_all_homes = looks_at_all_homes(request),
          .uid = caller_uid(),
          .home = home_of_caller(accounts),
          .only_user = request.only_user};
}

std::uint32_t reading_group_of(std::uint32_t uid, const AuditRequest& request,
                               const Accounts& accounts) {
  const Account* reader = is_running_host(request.root) ? accounts.find_uid(uid) : nullptr;
  return reader != nullptr ? reader->gid : nobody_uid;
}

std::optional<Gap> missing_accounts(const std::vector<Subject>& subjects,
                                    const Accounts& accounts) {
  if (accounts.incomplete_because.empty()) return std::nullopt;
  const bool matters = std::ranges::any_of(subjects, [&](const Subject& subject) {
    const std::uint32_t gid = subject.facts.permissions.gid;
    return subject.type == SubjectType::credential && gid != 0 &&
           std::ranges::find(accounts.groups, gid, &Group::gid) == accounts.groups.end();
  });
  if (!matters) return std::nullopt;
  return Gap{"/etc/nsswitch.conf", accounts.incomplete_because};
}

Report blank_report(const AuditRequest& request, const Opener& opener, const SubjectFrame& frame) {
  Report report;
  report.tool_version = CFWARDEN_VERSION;
  report.started = frame.now;
  report.euid = frame.caller;
  if (request.profile != nullptr) report.profile = request.profile->id;
  const bool running = is_running_host(request.root);
  report.root = running ? "/" : request.root;
  report.hostname = running ? running_hostname() : hostname_of_root(opener);
  report.sees_all_homes = !request.paths.empty() || looks_at_all_homes(request);
  report.source_root = source_root_of(request.paths, opener);
  report.user = running ? frame.accounts->user_name(frame.caller) : "";
  return report;
}

}  // namespace cfwarden
