#include "cfwarden/app/host_sweep.h"

#include "cfwarden/app/audited_host.h"
#include "cfwarden/app/exceptions.h"
#include "cfwarden/app/exclusion.h"
#include "cfwarden/app/left_out.h"
#include "cfwarden/app/look.h"
#include "cfwarden/app/needs.h"
#include "cfwarden/app/staged_files.h"
#include "cfwarden/app/starts.h"
#include "cfwarden/app/summary.h"
#include "cfwarden/app/swept_definitions.h"
#include "cfwarden/app/swept_links.h"
#include "cfwarden/app/swept_processes.h"
#include "cfwarden/app/swept_subjects.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/host/git_tracking.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::string_view whole_machine = "/";

bool is_whole_machine(const HostSweepRequest& request) {
  return request.host.paths.empty();
}

bool sweeps_processes(const HostSweepRequest& request) {
  return is_whole_machine(request) && is_running_host(request.host.root) &&
         request.part == SweptPart::contents;
}

// Where each PATH really lies: a sweep follows no link. Every PATH exists, or nothing is looked at.
Result<std::vector<std::string>> start_paths(const AuditRequest& host, const Opener& opener) {
  std::vector<std::string> paths;
  for (const std::string& path : host.paths) {
    const Result<Opened> opened = opener.open(path, Named::yes, Detail::status);
    if (!opened && is_absent(opened.error())) {
      return Error{path + ": there is no such file or directory", opened.error().code};
    }
    const std::string& location = opened ? opened->location : path;
    paths.push_back(location == whole_machine && !host.root.empty() ? host.root
                                                                    : host.root + location);
  }
  if (host.paths.empty()) paths.push_back(host.root + std::string{whole_machine});
  return paths;
}

void add_places(Report& report, const HostSweepRequest& request) {
  for (const std::string& path : request.host.paths) {
    const bool is_left_out = is_excluded(path, request.host.excludes);
    report.places.push_back(
        {.path = path,
         .kind = PlaceKind::argument,
         .why = request.only_staged ? "what git has staged there" : "named on the command line",
         .state = is_left_out ? PlaceState::excluded : PlaceState::looked_at});
  }
  if (!is_whole_machine(request)) return;
  report.places.push_back({.path = std::string{whole_machine},
                           .kind = PlaceKind::argument,
                           .why = "the whole machine: its local file systems"});
  if (!sweeps_processes(request)) return;
  report.places.push_back(
      {.path = "/proc", .kind = PlaceKind::service, .why = "arguments and variables of processes"});
}

// What the sweep says of paths becomes what the report says: without the directory of --root.
void take_gaps(Report& report, std::vector<Gap> gaps, const std::string& root) {
  for (Gap& gap : gaps) {
    // Of an archive's member the path is the archive's: both begin with the same directory.
    gap.path = reported_path(gap.path, root);
    report.gaps.push_back(std::move(gap));
  }
}

// Who starts cloudflared here, in the making.
struct NeedsSearch {
  NeedsSearch(const AuditRequest& request, const Opener& opener, const Accounts& accounts,
              const SubjectFrame& frame)
      : look{request, opener, accounts, frame},
        search{.request = request,
               .opener = opener,
               .accounts = accounts,
               .caller = caller_of(request, accounts)} {}

  Look look;
  StartSearch search;
  StartFinder starts{look, search};
};

class HostSweep {
 public:
  HostSweep(const HostSweepRequest& request, Opener opener, const Accounts& accounts)
      : request_{request},
        opener_{std::move(opener)},
        accounts_{accounts},
        frame_{.accounts = &accounts,
               .caller = caller_uid(),
               .now = current_time(),
               .root = request.host.root} {
    // With paths of its own an audit tells of no file elsewhere: what is told is what was found.
    named_ = request.host;
    if (named_.paths.empty()) named_.paths.emplace_back(whole_machine);
  }

  Result<Audit> run(const std::vector<std::string>& paths, std::vector<Gap> gaps) {
    if (request_.only_staged) {
      if (const Result<Done> known = take_index(); !known) return known.error();
    }
    const ContentSweepRequest wanted = contents(paths);
    Result<ContentSweep> swept = sweep_contents(wanted);
    if (!swept) return swept.error();
    if (!swept->stopped && !request_.only_staged) {
      Result<KnownNames> names = take_names(
          *swept, wanted, {.opener = opener_, .root = request_.host.root, .named = named()});
      if (!names) gaps.push_back({"", "second names were not looked for: " + names.error().what});
      if (names) names_ = std::move(*names);
    }
    limit(swept->found, gaps);
    look_afresh();
    if (request_.host.confine == Confine::yes)
      (void)confine_supervisor();  // An old kernel lacks it.

    Audit audit{
        .report = blank_report(request_.host, opener_, frame_), .subjects = {}, .rules = {}};
    take_gaps(audit.report, std::move(gaps), "");
    take_sweep(audit.report, *swept);
    if (request_.part == SweptPart::contents) {
      judge(audit, swept->found);
      add_exceptions(audit.subjects, request_.host.exceptions, audit.report);
      Result<std::vector<Rule>> rules =
          load_verdicts(request_.host.user_rules, audit.subjects, request_.host.profile);
      if (!rules) return rules.error();
      audit.rules = std::move(*rules);
    }
    audit.report.left_out = left_out_of(request_.host, audit.rules);
    audit.report.interrupted = swept->stopped || interrupted();
    summarise(audit, request_.host.fail_on);
    finish(audit.report);
    set_mendable(audit);
    return audit;
  }

 private:
  // Before a process is started: a repository that cannot be looked at is no sweep.
  Result<Done> take_index() {
    staged_request_ = {.directory = request_.host.paths.front(),
                       .git = request_.git,
                       .max_size = request_.max_size,
                       .excluded = {},
                       .reading_group = [this](std::uint32_t uid) {
                         return reading_group_of(uid, request_.host, accounts_);
                       }};
    if (!request_.host.excludes.empty()) {
      staged_request_.excluded = [this](std::string_view path) {
        return is_excluded(path, request_.host.excludes);
      };
    }
    Result<StagedFiles> staged = staged_files(staged_request_, opener_);
    if (!staged) return staged.error();
    staged_ = std::move(*staged);
    return Done{};
  }

  ContentSweepRequest contents(const std::vector<std::string>& paths) {
    ContentSweepRequest wanted{
        .options = {.paths = paths,
                    .threads = request_.threads,
                    .crossing = request_.crossing,
                    .max_size = request_.max_size},
        .part = request_.part,
        .hmac_key = std::string{request_.host.hmac_key},
        .progress = request_.progress,
    };
    if (!request_.host.excludes.empty()) {
      wanted.excluded = [this](std::string_view path) {
        return is_excluded(reported_path(std::string{path}, request_.host.root),
                           request_.host.excludes);
      };
    }
    if (request_.part == SweptPart::contents && !request_.only_staged) {
      wanted.on_first_found = [this] { begin_needs(); };
    }
    if (request_.only_staged) {
      wanted.options.paths.clear();
      wanted.more = [this](const HandOverMore& hand_over) {
        hand_over_staged(hand_over, staged_request_, opener_, staged_);
      };
    } else if (sweeps_processes(request_)) {
      wanted.more = [this](const HandOverMore& hand_over) {
        hand_over_processes(hand_over, processes_);
      };
    }
    return wanted;
  }

  void take_sweep(Report& report, ContentSweep& swept) {
    const std::string& root = request_.host.root;
    add_places(report, request_);
    take_gaps(report, std::move(swept.gaps), root);
    take_gaps(report, std::move(processes_.gaps), "");
    if (swept.more_gaps != 0) {
      report.gaps.push_back(
          {"", std::to_string(swept.more_gaps) + " more could not be looked at than are listed"});
    }
    report.names_seen = swept.pace.names;
    SweptReport& sweep = report.sweep.emplace();
    sweep.more_gaps = swept.more_gaps;
    sweep.names_only = request_.part == SweptPart::names;
    sweep.asked_git = request_.asks_git && !sweep.names_only;
    for (const std::string& name : swept.names) sweep.names.push_back(reported_path(name, root));
    for (const SkippedMount& mount : swept.skipped) {
      sweep.skipped.push_back({reported_path(mount.path, root), mount.type, mount.why});
    }
    sweep.files = swept.pace.files;
    sweep.bytes = swept.pace.bytes;
    sweep.processes = processes_.seen;
    sweep.took = swept.pace.elapsed;
    if (!request_.only_staged) return;
    take_gaps(report, std::move(staged_.gaps), "");
    sweep.staged = {.looked_at = staged_.handed, .older = staged_.older};
    sweep.bytes = staged_.bytes;
  }

  void judge(Audit& audit, const std::vector<FoundFile>& found) {
    SweptSubjects swept = swept_subjects(found, {.request = named_,
                                                 .opener = opener_,
                                                 .accounts = accounts_,
                                                 .frame = frame_,
                                                 .processes = processes_.by_path,
                                                 .names = names_,
                                                 .named = named(),
                                                 .staged_in = staged_.top});
    take_gaps(audit.report, std::move(swept.gaps), "");
    audit.subjects = std::move(swept.subjects);
    if (request_.asks_git) ask_git(audit);
    if (!audit.subjects.empty() && !request_.only_staged) find_needs(audit);
    if (auto gap = missing_accounts(audit.subjects, accounts_)) {
      audit.report.gaps.push_back(std::move(*gap));
    }
  }

  // A user can mount over what was read a file system that never answers: only where somebody named
  // a path may it lie on a remote one.
  Named named() const { return is_whole_machine(request_) ? Named::no : Named::yes; }

  // Only a host that was made for it has more. Each has its directories and readers kept, and what
  // has to be read for its needs is read by processes that are forked from this one.
  static void limit(std::vector<FoundFile>& found, std::vector<Gap>& gaps) {
    constexpr std::size_t most_credentials = 20'000;
    std::ranges::sort(found, {}, &FoundFile::path);
    std::size_t credentials = 0;
    const auto end = std::ranges::find_if(found, [&credentials](const FoundFile& file) {
      return (credentials += file.found.size()) > most_credentials;
    });
    if (end == found.end()) return;
    gaps.push_back({end->path, "holds a credential, as " + std::to_string(found.end() - end - 1) +
                                   " more files do: these are more than a report can hold"});
    found.erase(end, found.end());
  }

  // Directories as they are now, and not as they were when they were passed before.
  void look_afresh() {
    if (Result<Opener> afresh = Opener::at(request_.host.root)) opener_ = std::move(*afresh);
  }

  // How this host starts cloudflared is looked at as an audit does, and while others sweep.
  void begin_needs() {
    look_afresh();
    needs_.emplace(named_, opener_, accounts_, frame_);
    needs_->starts.collect();
  }

  // Who needs what was found.
  void find_needs(Audit& audit) {
    if (!needs_) begin_needs();
    Look& look = needs_->look;
    look.subjects = std::move(audit.subjects);
    take_swept_definitions(look, opener_, request_.host.excludes);
    add_needs(look, needs_->starts.found(), needs_->search, frame_);
    audit.subjects = std::move(look.subjects);
    take_gaps(audit.report, std::move(look.gaps), "");
  }

  void ask_git(Audit& audit) const {
    std::set<std::string> paths;
    std::vector<AskedFile> asked;
    for (const Subject& subject : audit.subjects) {
      if (!is_file(subject) || !paths.insert(subject.path).second) continue;
      asked.push_back({.path = subject.path, .uid = who_put_it_there(subject.facts)});
    }
    TrackedFiles tracked = tracked_files(opener_, asked, [this](std::uint32_t uid) {
      return reading_group_of(uid, request_.host, accounts_);
    });
    for (Subject& subject : audit.subjects) {
      if (is_file(subject)) subject.tracking = tracked.by_path[subject.path];
    }
    take_gaps(audit.report, std::move(tracked.gaps), "");
  }

  // Below the first directory of an ordinary user that user makes them as deep as they are.
  static std::uint32_t who_put_it_there(const FileFacts& file) {
    const auto first = std::ranges::find_if(file.ancestors, [](const DirectoryFacts& directory) {
      return directory.permissions.uid != 0;
    });
    return first == file.ancestors.end() ? file.permissions.uid : first->permissions.uid;
  }

  static bool is_file(const Subject& subject) {
    return subject.type == SubjectType::credential && subject.place != PlaceKind::service &&
           !subject.is_staged;
  }

  // What needs and the sweep both could not look at is said once.
  static void finish(Report& report) {
    const auto is_same = [](const Gap& a, const Gap& b) {
      return a.path == b.path && a.why == b.why;
    };
    const auto last = std::unique(report.gaps.begin(), report.gaps.end(), is_same);
    report.gaps.erase(last, report.gaps.end());
    for (Place& place : report.places) {
      const bool is_missed =
          std::ranges::find(report.gaps, place.path, &Gap::path) != report.gaps.end();
      if (is_missed) place.state = PlaceState::unreadable;
    }
    if (report.sweep->names_only) report.exit_code = report.interrupted ? 3 : 0;
  }

  // What `fix PATH` would look into, and can close.
  static void set_mendable(Audit& audit) {
    std::set<std::string> files;
    for (const Subject& subject : audit.subjects) {
      const bool is_plain = is_file(subject) && subject.member.empty() && subject.facts.links == 1;
      if (is_plain && subject.facts.size <= size_cap(file_name_of(subject.path))) {
        files.insert(subject.path);
      }
    }
    std::set<std::string> paths;
    for (const Finding& finding : audit.report.findings) {
      const bool is_of_file = !finding.credential.empty() && files.count(finding.path) != 0;
      if (is_of_file && is_mended_by_attributes(finding)) paths.insert(finding.path);
    }
    // What an exception accepts, fix leaves as it is.
    for (const Finding& finding : audit.report.findings) {
      if (finding.exception != nullptr && is_mended_by_attributes(finding))
        paths.erase(finding.path);
    }
    audit.report.sweep->mendable.assign(paths.begin(), paths.end());
  }

  const HostSweepRequest& request_;
  Opener opener_;
  const Accounts& accounts_;
  SubjectFrame frame_;
  AuditRequest named_;
  SweptProcesses processes_;
  StagedRequest staged_request_;
  StagedFiles staged_;
  KnownNames names_;
  std::optional<NeedsSearch> needs_;
};

}  // namespace

Result<Audit> sweep_host(const HostSweepRequest& request) {
  const AuditRequest& host = request.host;
  Result<Opener> opener = Opener::at(host.root);
  if (!opener) return Error{host.root + ": " + opener.error().what, opener.error().code};
  std::vector<Gap> gaps;
  Accounts accounts = accounts_for(host, *opener, gaps);
  const Result<std::vector<std::string>> paths = start_paths(host, *opener);
  if (!paths) return paths.error();
  if (!proc_is_genuine()) {
    gaps.push_back({"/proc", "is not procfs: neither contents nor ACLs can be read without it"});
  }
  Result<Audit> audit =
      HostSweep{request, std::move(*opener), accounts}.run(*paths, std::move(gaps));
  if (audit) audit->accounts = std::move(accounts);
  return audit;
}

}  // namespace cfwarden
