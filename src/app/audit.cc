#include "cfwarden/app/audit.h"

#include "cfwarden/app/audited_host.h"
#include "cfwarden/app/exceptions.h"
#include "cfwarden/app/left_out.h"
#include "cfwarden/app/look.h"
#include "cfwarden/app/needs.h"
#include "cfwarden/app/starts.h"
#include "cfwarden/app/subjects.h"
#include "cfwarden/app/summary.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/places.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace cfwarden {
namespace {

Candidate named_candidate(const std::string& path, PlaceKind kind, std::string why) {
  return {.place = {.path = path, .kind = kind, .why = std::move(why)}, .shape = PlaceShape::file};
}

void add_default_places(Look& look, const AuditRequest& request, const Opener& opener,
                        const Accounts& accounts, const Caller& caller) {
  const bool running = is_running_host(request.root);
  for (Candidate& candidate : default_candidates(accounts, caller)) look.add(std::move(candidate));
  if (caller.sees_all_homes && caller.only_user.empty()) {
    StrayHomes stray = stray_homes(opener, accounts);
    for (Candidate& candidate : stray.candidates) look.add(std::move(candidate));
    std::ranges::move(stray.gaps, std::back_inserter(look.gaps));
  }
  for (const std::string& path : request.more_places) {
    look.add(named_candidate(path, PlaceKind::configured, "named by the settings"));
  }
  // Root's environment is not the service's: sudo and cron change it.
  if (running && caller.uid != 0) look.take_environment(tunnel_variables());
}

// Every PATH exists, or nothing is looked at. Files first: a file that was named is worth a word
// where it would be passed over as a part of a named directory.
Result<std::vector<std::string>> named_paths(const AuditRequest& request, const Opener& opener) {
  std::vector<std::string> files;
  std::vector<std::string> directories;
  for (const std::string& path : request.paths) {
    const Result<Opened> opened = opener.open(path, Named::yes);
    if (!opened && is_absent(opened.error())) {
      return Error{path + ": there is no such file or directory", opened.error().code};
    }
    const bool is_directory = opened && opened->facts.type == FileType::directory;
    (is_directory ? directories : files).push_back(path);
  }
  std::ranges::move(directories, std::back_inserter(files));
  return files;
}

}  // namespace

Result<Audit> audit(const AuditRequest& request) {
  const Result<Opener> opener = Opener::at(request.root);
  if (!opener) return Error{request.root + ": " + opener.error().what, opener.error().code};
  std::vector<Gap> gaps;
  Accounts accounts = accounts_for(request, *opener, gaps);
  if (!request.only_user.empty() && accounts.find_name(request.only_user) == nullptr) {
    return Error{"--user: there is no account of that name here", 0};
  }
  const Result<std::vector<std::string>> paths = named_paths(request, *opener);
  if (!paths) return paths.error();
  if (request.confine == Confine::yes) (void)confine_supervisor();  // An old kernel lacks it.

  const SubjectFrame frame{
      .accounts = &accounts, .caller = caller_uid(), .now = current_time(), .root = request.root};
  Look look{request, *opener, accounts, frame};
  look.gaps = std::move(gaps);
  for (const std::string& path : *paths) {
    look.add(named_candidate(path, PlaceKind::argument, "named on the command line"));
  }
  const StartSearch search{.request = request,
                           .opener = *opener,
                           .accounts = accounts,
                           .caller = caller_of(request, accounts)};
  if (request.paths.empty()) add_default_places(look, request, *opener, accounts, search.caller);
  if (!proc_is_genuine()) {
    look.gaps.push_back(
        {"/proc", "is not procfs: neither contents nor ACLs can be read without it"});
  }
  look.run();
  StartFinder starts{look, search};
  starts.collect();
  add_needs(look, starts.found(), search, frame);
  if (auto gap = missing_accounts(look.subjects, accounts)) look.gaps.push_back(std::move(*gap));

  Report report = blank_report(request, *opener, frame);
  add_exceptions(look.subjects, request.exceptions, report);
  Result<std::vector<Rule>> rules =
      load_verdicts(request.user_rules, look.subjects, request.profile);
  if (!rules) return rules.error();
  Audit audit{.report = std::move(report),
              .subjects = std::move(look.subjects),
              .rules = std::move(*rules)};
  audit.of_one_account = !request.only_user.empty();
  audit.report.left_out = left_out_of(request, audit.rules);
  audit.report.interrupted = interrupted();
  audit.report.names_seen = look.names_seen;
  audit.report.places = std::move(look.places);
  audit.report.gaps = std::move(look.gaps);
  summarise(audit, request.fail_on);
  audit.accounts = std::move(accounts);
  return audit;
}

}  // namespace cfwarden
