#include "cfwarden/app/repair.h"

#include "cfwarden/app/move_token_history.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/process.h"
#include "cfwarden/mend/change.h"
#include "cfwarden/mend/circumstances.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/token_return.h"
#include "cfwarden/remedy/refusal.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

Named named_for(const std::string& path, const PlanWishes& wishes) {
  return wishes.names(path) ? Named::yes : Named::no;
}

// The steps of a finding, for the subject that it is about.
class Remediation {
 public:
  Remediation(const Audit& audit, const AuditRequest& request) : audit_{audit}, request_{request} {}

  std::vector<std::string> of(const Finding& finding) {
    if (!is_loaded_) load();
    const auto rule = std::ranges::find(rules_, finding.rule, &Rule::id);
    const auto subject =
        subjects_.find({finding.about, finding.path, finding.line, finding.credential});
    if (rule == rules_.end() || subject == subjects_.end()) return {};
    return remediation_steps(*rule, facts_of(*subject->second));
  }

 private:
  // What a finding and its subject have in common.
  using Key =
      std::tuple<SubjectType, std::string_view, std::optional<std::size_t>, std::string_view>;

  // An audit needs no steps, and has read none.
  void load() {
    is_loaded_ = true;
    for (const Subject& subject : audit_.subjects) {
      subjects_.try_emplace({subject.type, subject.path, subject.line, subject.credential_id},
                            &subject);  // Of several the first.
    }
    Result<std::vector<Rule>> rules =
        load_rules(request_.user_rules, Extent::whole, request_.profile);
    if (rules) rules_ = std::move(*rules);  // They have been read once: what they say is known.
  }

  const Audit& audit_;
  const AuditRequest& request_;
  std::vector<Rule> rules_;
  std::map<Key, const Subject*> subjects_;  // Of the audit, as the keys are.
  bool is_loaded_ = false;
};

Repair blank_repair(const Report& report) {
  return {.tool_version = report.tool_version,
          .hostname = report.hostname,
          .root = report.root,
          .started = report.started,
          .user = report.user,
          .euid = report.euid,
          .interrupted = report.interrupted};
}

int exit_code_of(const Repair& repair) {
  const bool is_refused = !repair.plan.refusals.empty() || repair.interrupted;
  if (!repair.is_applied && !repair.plan.changes.empty()) return 1;
  const bool all_done = repair.count(Outcome::done) == repair.applied.size();
  return is_refused || !all_done ? 4 : 0;
}

bool has_mended(const ReadJournal& journal) {
  return journal.has_end && std::ranges::any_of(journal.records, [](const Recorded& recorded) {
           return std::holds_alternative<Intent>(recorded.what);
         });
}

// What a later run brought to its end needs no word any more.
std::vector<std::string> interrupted_runs(const std::vector<ReadJournal>& journals,
                                          FileId root_id) {
  std::vector<std::string> names;
  for (const ReadJournal& journal : journals) {
    if (journal.run.root_id != root_id || journal.is_undone()) continue;
    if (journal.is_interrupted()) {
      names.push_back(journal.name);
    } else if (has_mended(journal)) {
      names.clear();
    }
  }
  return names;
}

// One run over the changes of a plan.
class Run {
 public:
  Run(const PlannedRepair& planned, const RunRecords& records, JournalRun description)
      : planned_{planned},
        journals_{records.journals},
        journal_{*records.state, std::move(description)} {}

  Applied apply(const Change& change) {
    if (interrupted() || !stopped_because_.empty()) return {.why = stopped_because_};
    // Directories are remembered by an Opener, and may just have been changed.
    const Result<Opener> opener = Opener::at(planned_.root);
    if (!opener) return refused(opener.error().what);
    const Named named = named_for(change.path, planned_.wishes);
    const Result<Opened> opened = opener->open(change.path, named);
    if (!opened) return refused(opened.error().what);
    const Result<Circumstances> now = circumstances_of(*opened);
    if (!now) return refused(now.error().what);
    const auto why_not = forbidden(*now, planned_.accounts, {}, named == Named::yes);
    if (why_not) return refused(why_not->why);
    const Expected expected = expected_of(change);
    const std::string otherwise = difference(expected, now->facts);
    if (!otherwise.empty()) return refused("changed since it was looked at: " + otherwise);
    return change_recorded({.opener = *opener,
                            .object = *opened,
                            .expected = expected,
                            .after = change.after,
                            .named = named},
                           change);
  }

  // "" where nothing was recorded.
  std::string end() {
    if (!journal_.name().empty())
      (void)journal_.end();  // Without it the run counts as interrupted.
    return journal_.name();
  }

 private:
  static Applied refused(std::string why) {
    return {.outcome = Outcome::refused, .why = std::move(why)};
  }

  static Expected expected_of(const Change& change) {
    return {.id = change.id,
            .type = change.type,
            .changed_nanoseconds = change.changed_nanoseconds,
            .attributes = change.before};
  }

  Applied change_recorded(const ChangeOrder& order, const Change& change) {
    const Result<InodeIdentity> identity = identity_of(*order.object.descriptor);
    if (!identity) return refused(identity.error().what);
    const Attributes* first = first_touch(journals_, *identity, change.before);
    const Intent intent{.number = ++number_,
                        .path = change.path,
                        .type = change.type,
                        .identity = *identity,
                        .changed_nanoseconds = change.changed_nanoseconds,
                        .modified = order.object.facts.modified,
                        .size = order.object.facts.size,
                        .before = change.before,
                        .after = change.after,
                        .first = first != nullptr ? *first : change.before};
    if (const Result<Done> recorded = journal_.intend(intent); !recorded) {
      stopped_because_ = "the journal cannot be written: " + recorded.error().what;
      return refused(stopped_because_);
    }
    return recorded(cfwarden::change(order));
  }

  Applied recorded(const ChangeResult& result) {
    Applied applied{.outcome = Outcome::done, .why = {}};
    Result<Done> noted = Done{};
    if (const auto* changed = std::get_if<Changed>(&result)) {
      noted = journal_.done(number_, changed->changed_nanoseconds);
    } else if (const auto* untouched = std::get_if<Untouched>(&result)) {
      applied = refused(untouched->why);
      noted = journal_.failed(number_, untouched->why);
    } else {
      applied = {.outcome = Outcome::failed, .why = std::get<HalfChanged>(result).why};
      noted = journal_.failed(number_, applied.why);
    }
    if (!noted) stopped_because_ = "the journal cannot be written: " + noted.error().what;
    return applied;
  }

  const PlannedRepair& planned_;
  const std::vector<ReadJournal>& journals_;
  Journal journal_;
  std::size_t number_ = 0;
  std::string stopped_because_;
};

}  // namespace

Result<PlannedRepair> plan_repair(const RepairRequest& request, const RunRecords& records) {
  if (!proc_is_genuine()) {
    return Error{"/proc is not procfs: nothing can be changed safely without it", ENOTRECOVERABLE};
  }
  Result<Audit> audited = audit(request.audit);
  if (!audited) return audited.error();
  const Result<Opener> opener = Opener::at(request.audit.root);
  if (!opener) return opener.error();
  const Result<Opened> root = opener->open("/");
  if (!root) return root.error();

  PlannedRepair planned{
      .repair = blank_repair(audited->report),
      .accounts = std::move(audited->accounts),
      .root = request.audit.root,
      .root_id = root->facts.id,
      .wishes = {.only = {request.only.begin(), request.only.end()},
                 .take_ownership = request.take_ownership,
                 .service_group = request.service_group,
                 .named = {request.audit.paths.begin(), request.audit.paths.end()},
                 .is_root = caller_uid() == 0,
                 .caller = caller_uid()}};
  Remediation remediation{*audited, request.audit};
  const PlanInput input{
      .subjects = audited->subjects,
      .report = audited->report,
      .accounts = planned.accounts,
      .wishes = planned.wishes,
      .inspect = [&](const std::string& path) -> std::variant<Circumstances, std::string> {
        const Result<Opened> opened = opener->open(path, named_for(path, planned.wishes));
        if (!opened) return opened.error().what;
        Result<Circumstances> found = circumstances_of(*opened);
        if (!found) return found.error().what;
        return std::move(*found);
      },
      .steps = [&](const Finding& finding) { return remediation.of(finding); }};
  planned.repair.plan = plan_of(input);
  planned.repair.arguments = request.arguments;
  planned.repair.interrupted_runs = interrupted_runs(records.journals, planned.root_id);
  for (const Change& change : planned.repair.plan.changes) {
    planned.repair.acl_names.add(change.before, planned.accounts);
    planned.repair.acl_names.add(change.after, planned.accounts);
  }
  planned.repair.exit_code = exit_code_of(planned.repair);
  return planned;
}

Result<Repair> carry_out(PlannedRepair planned, const RunRecords& records) {
  const Result<Opener> opener = Opener::at(planned.root);
  if (!opener) return opener.error();
  Repair repair = planned.repair;
  JournalRun description{.tool_version = repair.tool_version,
                         .user = repair.user.empty() ? caller_name() : repair.user,
                         .euid = repair.euid,
                         .root = repair.root,
                         .root_id = planned.root_id,
                         .started = repair.started};
  // What a token's move that was killed left under temporary names.
  (void)remove_leftovers(*opener, unfinished_moves(records.journals, planned.root_id));
  Run run{planned, records, std::move(description)};
  for (const Change& change : repair.plan.changes) repair.applied.push_back(run.apply(change));
  repair.is_applied = true;
  repair.run = run.end();
  repair.interrupted = repair.interrupted || interrupted();
  repair.exit_code = exit_code_of(repair);
  return repair;
}

}  // namespace cfwarden
