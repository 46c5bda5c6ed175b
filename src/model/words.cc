#include "cfwarden/model/words.h"

#include "cfwarden/model/context_advice.h"
#include "cfwarden/model/credential.h"
#include "cfwarden/model/drift.h"
#include "cfwarden/model/exposure.h"
#include "cfwarden/model/need.h"
#include "cfwarden/model/placement.h"
#include "cfwarden/model/plan.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/model/token_move.h"

namespace cfwarden {

#define CFWARDEN_WORDS(Enum, ...)                        \
  template <>                                            \
  std::span<const Word<Enum>> words_of<Enum>() {         \
    static constexpr Word<Enum> words[] = {__VA_ARGS__}; \
    return words;                                        \
  }

CFWARDEN_WORDS(Status, {Status::usable, "usable"}, {Status::incomplete, "incomplete"},
               {Status::legacy, "legacy"}, {Status::damaged, "damaged"},
               {Status::rejected, "rejected"})

CFWARDEN_WORDS(Authority, {Authority::none, "none"},
               {Authority::call_application, "call-application"},
               {Authority::act_as_user, "act-as-user"}, {Authority::run_tunnel, "run-tunnel"},
               {Authority::manage_account, "manage-account"})

CFWARDEN_WORDS(SecretQuality, {SecretQuality::unknown, "unknown"},
               {SecretQuality::ordinary, "ordinary"}, {SecretQuality::published, "published"},
               {SecretQuality::predictable, "predictable"})

CFWARDEN_WORDS(Audience, {Audience::owner, "owner"}, {Audience::group, "group"},
               {Audience::some_users, "some-users"}, {Audience::everyone, "everyone"})

CFWARDEN_WORDS(StartSource, {StartSource::systemd, "systemd"}, {StartSource::openrc, "openrc"},
               {StartSource::sysv, "sysv"}, {StartSource::supervisord, "supervisord"},
               {StartSource::s6, "s6"}, {StartSource::runit, "runit"}, {StartSource::cron, "cron"},
               {StartSource::docker, "docker"}, {StartSource::podman, "podman"},
               {StartSource::compose, "compose"}, {StartSource::kubernetes, "kubernetes"},
               {StartSource::process, "process"})

CFWARDEN_WORDS(Invocation::Mode, {Invocation::Mode::run, "run"},
               {Invocation::Mode::classic, "classic"}, {Invocation::Mode::quick, "quick"},
               {Invocation::Mode::manage, "manage"}, {Invocation::Mode::other, "other"})

CFWARDEN_WORDS(NeedOf, {NeedOf::configuration, "configuration"}, {NeedOf::token_file, "token-file"},
               {NeedOf::tunnel_credentials, "tunnel-credentials"},
               {NeedOf::account_certificate, "account-certificate"},
               {NeedOf::inline_secret, "inline-secret"}, {NeedOf::passage, "passage"})

CFWARDEN_WORDS(AclState, {AclState::none, "none"}, {AclState::latent, "latent"},
               {AclState::grants, "grants"})

CFWARDEN_WORDS(SubjectType, {SubjectType::credential, "credential"},
               {SubjectType::configuration, "configuration"}, {SubjectType::directory, "directory"},
               {SubjectType::pointer, "pointer"}, {SubjectType::malformed, "malformed"},
               {SubjectType::unread, "unread"}, {SubjectType::service, "service"},
               {SubjectType::exception, "exception"})

CFWARDEN_WORDS(PlaceKind, {PlaceKind::default_directory, "default-directory"},
               {PlaceKind::configured, "configured"}, {PlaceKind::argument, "argument"},
               {PlaceKind::environment, "environment"}, {PlaceKind::home, "home"},
               {PlaceKind::service, "service"})

CFWARDEN_WORDS(Placement, {Placement::whole_file, "whole-file"}, {Placement::argument, "argument"},
               {Placement::environment, "environment"}, {Placement::configuration, "configuration"},
               {Placement::other, "other"})

CFWARDEN_WORDS(ContextAdvice, {ContextAdvice::none, "none"},
               {ContextAdvice::close_file, "close-file"},
               {ContextAdvice::use_token_file, "use-token-file"},
               {ContextAdvice::use_secret_store, "use-secret-store"},
               {ContextAdvice::encrypt_state, "encrypt-state"},
               {ContextAdvice::clear_history, "clear-history"},
               {ContextAdvice::clear_log, "clear-log"},
               {ContextAdvice::replace_user_data, "replace-user-data"},
               {ContextAdvice::delete_copy, "delete-copy"})

CFWARDEN_WORDS(Answer, {Answer::no, "no"}, {Answer::yes, "yes"}, {Answer::unknown, "unknown"})

CFWARDEN_WORDS(Severity, {Severity::info, "info"}, {Severity::low, "low"},
               {Severity::medium, "medium"}, {Severity::high, "high"},
               {Severity::critical, "critical"})

CFWARDEN_WORDS(Novelty, {Novelty::no_baseline, "no-baseline"}, {Novelty::fresh, "new"},
               {Novelty::known, "known"}, {Novelty::worse, "worse"})

CFWARDEN_WORDS(Turn, {Turn::fresh, "new"}, {Turn::worse, "worse"}, {Turn::unknown, "unknown"},
               {Turn::better, "better"}, {Turn::gone, "gone"})

CFWARDEN_WORDS(PlaceState, {PlaceState::looked_at, "looked-at"}, {PlaceState::absent, "absent"},
               {PlaceState::unreadable, "unreadable"}, {PlaceState::excluded, "excluded"})

CFWARDEN_WORDS(FileType, {FileType::regular, "file"}, {FileType::directory, "directory"},
               {FileType::symlink, "symlink"}, {FileType::other, "other"})

CFWARDEN_WORDS(Outcome, {Outcome::done, "done"}, {Outcome::refused, "refused"},
               {Outcome::failed, "failed"}, {Outcome::not_reached, "not-reached"})

CFWARDEN_WORDS(TokenMoveState, {TokenMoveState::pending, "pending"},
               {TokenMoveState::moved, "moved"}, {TokenMoveState::already_moved, "already-moved"},
               {TokenMoveState::refused, "refused"}, {TokenMoveState::failed, "failed"})

#undef CFWARDEN_WORDS

}  // namespace cfwarden
