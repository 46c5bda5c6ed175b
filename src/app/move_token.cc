#include "cfwarden/app/move_token.h"

#include "cfwarden/app/move_token_history.h"
#include "cfwarden/app/move_token_unit.h"
#include "cfwarden/app/records.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/process.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/token_move_site.h"
#include "cfwarden/mend/token_return.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

constexpr const char* tunnel_token = "tunnel-token";

class MoveRun {
 public:
  explicit MoveRun(const TokenMoveRequest& request) : request_{request} {
    run_.root = is_running_host(request.audit.root) ? "/" : request.audit.root;
    run_.token_path = moved_token_path;
    run_.started = current_time();
    run_.euid = caller_uid();
    run_.tool_version = CFWARDEN_VERSION;
  }

  Result<TokenMoveRun> go() {
    if (run_.euid != 0) {
      return refused("only root can change a unit of the system: run it with sudo");
    }
    if (!proc_is_genuine()) {
      return refused("/proc is not procfs: nothing can be changed safely without it");
    }
    Result<RunRecords> records =
        open_records(request_.apply ? RecordsFor::changing : RecordsFor::looking);
    if (!records) return records.error();
    records_ = std::move(*records);

    const Result<FoundUnit> unit = find_unit(request_.audit.root, request_.unit);
    if (!unit) return unit.error();
    run_.unit = unit->name;
    run_.unit_path = unit->path;
    if (!unit->why_not.empty()) return refused(unit->why_not, TokenMoveRemedy::by_hand);
    Result<Audit> before = audited({run_.unit_path}, request_.audit.confine);
    if (!before) return before.error();
    describe(*before);
    return look(*before);
  }

 private:
  Result<Audit> audited(std::vector<std::string> paths, Confine confine) const {
    AuditRequest wanted = request_.audit;
    wanted.paths = std::move(paths);
    wanted.only_user.clear();
    wanted.more_places.clear();
    wanted.excludes.clear();
    wanted.confine = confine;
    return audit(wanted);
  }

  void describe(const Audit& audit) {
    run_.hostname = audit.report.hostname;
    run_.started = audit.report.started;
    run_.user = audit.report.user;
    const auto found = std::ranges::find_if(audit.report.credentials, [&](const auto& one) {
      return one.path == run_.unit_path && one.credential.kind == tunnel_token;
    });
    if (found != audit.report.credentials.end()) run_.token = *found;
  }

  Result<TokenMoveRun> look(const Audit& before) {
    const Result<Opener> opener = Opener::at(request_.audit.root);
    if (!opener) return opener.error();
    const Result<Opened> root = opener->open("/");
    if (!root) return root.error();
    root_id_ = root->facts.id;
    const LastMove last = last_move_of(records_.journals, root_id_, run_.unit_path);
    const bool was_interrupted = last.move != nullptr && is_unfinished(*last.recorded);
    if (request_.apply)
      run_.removed = remove_leftovers(*opener, unfinished_moves(records_.journals, root_id_));

    MoveLook met =
        look_at_move(*opener, run_.unit_path, was_interrupted ? HalfMoved::yes : HalfMoved::no);
    if (const auto* no = std::get_if<MoveRefused>(&met)) {
      return refused(no->why, remedy_of(*no, *opener));
    }
    if (const auto* already = std::get_if<AlreadyMoved>(&met)) {
      return already_moved(*already, last, *opener);
    }
    const auto& site = std::get<TokenMoveSite>(met);
    run_.program = site.command.program;
    run_.makes_directory = !site.token;
    run_.continues = was_interrupted && last.recorded->fate != Fate::failed;
    if (std::string why = why_not_moved(site, before); !why.empty()) {
      return refused(std::move(why), TokenMoveRemedy::by_hand);
    }
    run_.commands = commands_for_changed(run_.unit);
    if (!request_.apply) return ended(TokenMoveState::pending);
    return carry_out(site);
  }

  // Where a crash came before `moved` was recorded, it is recorded now.
  TokenMoveRun already_moved(const AlreadyMoved& already, const LastMove& last,
                             const Opener& opener) {
    run_.token_path = already.token_path;
    const bool lacks_record = last.move != nullptr && last.recorded->fate == Fate::intended;
    if (!lacks_record || !request_.apply) return ended(TokenMoveState::already_moved);
    const auto record = completed_move(opener, *last.move, last.recorded->fate);
    if (!record) return ended(TokenMoveState::already_moved);
    Result<Journal> journal = Journal::open(*records_.state, *last.journal);
    if (!journal) return refused(journal.error().what);
    if (const Result<Done> noted = journal->moved(*record); !noted) {
      return refused("the journal cannot be written: " + noted.error().what);
    }
    (void)journal->end();  // Without it the run counts as interrupted.
    run_.continues = true;
    run_.run = journal->name();
    run_.commands = commands_for_changed(run_.unit);
    return ended(TokenMoveState::moved);
  }

  // Whether cloudflared takes the token from a file, and the service may read that.
  std::string why_not_moved(const TokenMoveSite& site, const Audit& before) const {
    const std::string at = run_.unit_path + ":" + std::to_string(site.command.line) + " ";
    const Decoded decoded = decode_token(
        {.bytes = site.command.token, .file_name = {}, .hmac_key = request_.audit.hmac_key},
        Handover::file);
    const auto* token = std::get_if<Credential>(&decoded);
    if (token == nullptr) return at + "holds no token that cloudflared would accept";
    if (token->status != Status::usable) {
      return at + "holds a token that no tunnel can run with: " + token->reason;
    }
    if (!run_.token || run_.token->credential.fingerprint != token->fingerprint) {
      return at + "was not recognised by the audit, which must find it moved afterwards";
    }
    for (const Subject& subject : before.subjects) {
      if (subject.path != run_.unit_path) continue;
      for (const Need& need : subject.needs) {
        if (need.uid != 0U && !need.controlled_by) {
          return need.who + " runs as " + need.user + ", who could not read " + run_.token_path;
        }
      }
    }
    return {};
  }

  // A token file in the way can be looked at where it is a plain file of root's.
  static TokenMoveRemedy remedy_of(const MoveRefused& no, const Opener& opener) {
    if (!no.why.starts_with(std::string{moved_token_path} + " ")) return TokenMoveRemedy::by_hand;
    const Result<HeldPlace> place = hold(opener, std::string{moved_token_path});
    const bool is_plain = place && place->file;
    return is_plain ? TokenMoveRemedy::compare_token_file : TokenMoveRemedy::by_hand;
  }

  Result<TokenMoveRun> carry_out(const TokenMoveSite& site) {
    if (interrupted()) return refused("stopped before anything was changed");
    run_.is_applied = true;
    Journal journal{*records_.state,
                    {.tool_version = run_.tool_version,
                     .user = run_.user.empty() ? caller_name() : run_.user,
                     .euid = run_.euid,
                     .root = run_.root,
                     .root_id = root_id_,
                     .started = run_.started}};
    const Applied applied = move_token_out({.root = request_.audit.root,
                                            .site = site,
                                            .journal = journal,
                                            .after_step = request_.after_step});
    run_.run = journal.name();
    (void)journal.end();  // Without it the run counts as interrupted.
    if (applied.outcome == Outcome::refused) return refused(applied.why);
    if (applied.outcome != Outcome::done) return failed(applied.why);
    const std::string why = why_not_as_it_should_be();
    if (!why.empty()) return failed("the token was moved, but " + why);
    return ended(TokenMoveState::moved);
  }

  bool is_read_by_unit(const ReportedCredential& token) const {
    return std::ranges::any_of(token.needs, [&](const Need& need) {
      return need.who == run_.unit && need.can_read == true;
    });
  }

  // By another audit: the unit holds no secret, and the file this token, root's alone, which the
  // unit reads: a drop-in of all services may hide it.
  std::string why_not_as_it_should_be() const {
    forget_interrupt();
    const Result<Audit> after = audited({run_.unit_path, run_.token_path}, Confine::no);
    if (!after) return "it could not be audited again: " + after.error().what;
    const Report& report = after->report;
    for (const Gap& gap : report.gaps) {
      const bool matters = gap.path == run_.unit_path || gap.path == run_.token_path;
      if (matters) return gap.path + " could not be audited again: " + gap.why;
    }
    bool is_in_file = false;
    for (const ReportedCredential& one : report.credentials) {
      if (one.path == run_.unit_path) return run_.unit_path + " still holds a secret";
      if (one.path != run_.token_path) continue;
      is_in_file = one.credential.kind == tunnel_token && one.credential.status == Status::usable &&
                   one.credential.fingerprint == run_.token->credential.fingerprint &&
                   one.permissions == Permissions{.mode = 0600, .uid = 0, .gid = 0, .acl = {}} &&
                   one.exposure.readers.audience == Audience::owner;
      if (is_in_file && !is_read_by_unit(one)) {
        return run_.unit + " would not see " + run_.token_path + ": take this run back";
      }
    }
    return is_in_file ? "" : run_.token_path + " does not hold it as root's alone";
  }

  TokenMoveRun ended(TokenMoveState state) {
    run_.state = state;
    run_.exit_code = exit_code_of(state);
    return run_;
  }
  TokenMoveRun refused(std::string why, TokenMoveRemedy remedy = TokenMoveRemedy::none) {
    run_.why = std::move(why);
    run_.remedy = remedy;
    run_.commands.clear();
    return ended(TokenMoveState::refused);
  }
  // The commands are for a unit that has changed.
  TokenMoveRun failed(std::string why) {
    run_.why = std::move(why);
    const Result<Opener> opener = Opener::at(request_.audit.root);
    const bool has_changed = opener && std::holds_alternative<AlreadyMoved>(
                                           look_at_move(*opener, run_.unit_path, HalfMoved::no));
    if (!has_changed) run_.commands.clear();
    return ended(TokenMoveState::failed);
  }

  const TokenMoveRequest& request_;
  TokenMoveRun run_;
  RunRecords records_;
  FileId root_id_;
};

}  // namespace

Result<TokenMoveRun> move_token(const TokenMoveRequest& request) {
  return MoveRun{request}.go();
}

}  // namespace cfwarden
