#include "cfwarden/app/look.h"

#include "cfwarden/app/audited_host.h"
#include "cfwarden/app/configured_files.h"
#include "cfwarden/app/environment.h"
#include "cfwarden/app/exclusion.h"
#include "cfwarden/base/fingerprint.h"
#include "cfwarden/base/path.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/service_places.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/walk.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/model/cloudflared_directories.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t batch_size = 128;  // Descriptors held open at once.

// A subject's kind when nothing but its name is known.
std::string kind_by_name(std::string_view path) {
  return std::string{kind_of_name(backup_name(file_name_of(path)).original)};
}

Configuration configuration_of(const Examination& examination) {
  Configuration configuration{.pointers = examination.pointers};
  for (const Recognised& recognised : examination.recognised) {
    const auto* credential = std::get_if<Credential>(&recognised.decoded);
    if (credential == nullptr || recognised.carrier != "cloudflared-config") continue;
    configuration.has_token |= credential->kind == "tunnel-token";
    configuration.has_credentials |= credential->kind == "tunnel-credentials";
  }
  return configuration;
}

// Something will be said of it.
bool is_worth_its_facts(const Opened& file, const Reading& reading) {
  const auto* examination = std::get_if<Examination>(&reading);
  return !file.is_complete && (examination == nullptr || !examination->recognised.empty());
}

bool may_define(ServiceRole role, const Examination& examination) {
  return role != ServiceRole::none && !examination.is_unrelated;
}

// Of a file that only points elsewhere; the carriers that do are told apart by its form.
std::string carrier_of(const Examination& examination) {
  return examination.is_configuration ? "cloudflared-config" : "env-file";
}

}  // namespace

Look::Look(const AuditRequest& request, const Opener& opener, const Accounts& accounts,
           const SubjectFrame& frame)
    : request_{request}, opener_{opener}, accounts_{accounts}, frame_{frame} {}

void Look::add(Candidate candidate) {
  queue_.push_back(std::move(candidate));
}

void Look::run() {
  while ((!queue_.empty() || !pending_.empty()) && !interrupted()) {
    if (queue_.empty()) {
      read_pending();
      continue;
    }
    const Candidate candidate = std::move(queue_.front());
    queue_.pop_front();
    visit(candidate);
  }
}

void Look::visit(const Candidate& candidate) {
  Place place = candidate.place;
  const bool is_pair = candidate.shape == PlaceShape::planted_pair;
  if (!visited_.insert(place.path + (is_pair ? "/cloudflared_*.pem" : "")).second) return;
  if (is_excluded(place.path, request_.excludes)) {
    place.state = PlaceState::excluded;
    places.push_back(std::move(place));
    return;
  }
  const Named named = place.kind == PlaceKind::argument ? Named::yes : Named::no;
  Result<Opened> opened = opener_.open(place.path, named);
  if (!opened) {
    place.state = is_absent(opened.error()) ? PlaceState::absent : PlaceState::unreadable;
    if (place.state == PlaceState::unreadable) gaps.push_back({place.path, opened.error().what});
    places.push_back(std::move(place));
    return;
  }
  const std::size_t index = places.size();
  places.push_back(place);
  if (is_pair) {
    visit_planted_pair(*opened);
  } else if (opened->facts.type == FileType::directory) {
    visit_directory(candidate, std::move(*opened), index);
  } else {
    ++names_seen;
    visited_.erase(place.path);
    add_file(std::move(*opened), place.kind, true);
  }
}

void Look::visit_planted_pair(const Opened& home) {
  for (const std::string_view name : {"cloudflared_priv.pem", "cloudflared_pub.pem"}) {
    Result<Opened> found = opener_.open_in(home, name);
    if (found) {
      ++names_seen;
      add_file(std::move(*found), PlaceKind::default_directory, true);
    } else if (!is_absent(found.error())) {
      gaps.push_back({home.path + "/" + std::string{name}, found.error().what});
    }
  }
}

void Look::visit_directory(const Candidate& candidate, Opened directory, std::size_t place) {
  const bool is_default = in_default_directory(directory.path);
  const bool everything = candidate.shape == PlaceShape::credential_directory && is_default;
  const bool is_argument = candidate.place.kind == PlaceKind::argument;
  if (is_default) {
    open_for_listing(directory);
    add_default_directory(directory);
  }
  WalkEvents events;
  events.excluded = [&](std::string_view path) { return is_excluded(path, request_.excludes); };
  events.wanted = [&](std::string_view path) {
    const std::string_view name = file_name_of(path);
    return everything || in_default_directory(path) || is_candidate_name(name) ||
           is_definition_name(name);
  };
  events.file = [&](Opened&& file) {
    const bool expected = in_default_directory(file.path);
    add_file(std::move(file), candidate.place.kind, expected);
  };
  // Only the directory itself: a user may nest thousands below it.
  events.directory = [&](Opened&& below) {
    if (is_default_directory(below.path)) add_default_directory(below);
  };
  events.gap = [&](Gap&& gap) {
    if (gap.path == directory.path) places[place].state = PlaceState::unreadable;
    gaps.push_back(std::move(gap));
  };
  events.keep_going = [&](std::size_t names) {
    if (request_.progress) request_.progress(names_seen + names);
    return !interrupted();
  };
  names_seen +=
      walk(opener_, directory, is_argument ? any_depth : default_directory_limits, events);
}

void Look::add_file(Opened file, PlaceKind place, bool expected) {
  if (is_excluded(file.path, request_.excludes)) return;
  if (!visited_.insert(file.path).second) return;
  if (file.facts.type != FileType::regular) {
    gaps.push_back({file.path, "is not a regular file; not opened"});
    return;
  }
  const bool is_named_so = is_definition_name(file_name_of(file.path));
  add_pending({.file = std::move(file),
               .place = place,
               .expected = expected,
               .role = !is_named_so                   ? ServiceRole::none
                       : place == PlaceKind::argument ? ServiceRole::named
                                                      : ServiceRole::possible});
}

void Look::add_service_file(Opened file, ServiceRole role, std::optional<PlaceKind> place) {
  if (file.facts.type != FileType::regular) return;
  const bool is_new = visited_.insert(file.path).second;
  if (is_new) ++names_seen;
  // What a place led to was perhaps not read as a part of a service.
  const bool is_known =
      std::ranges::find(service_texts, file.path, &ServiceText::path) != service_texts.end();
  if (!is_new && (role == ServiceRole::none || is_known)) return;
  add_pending({.file = std::move(file),
               .place = place.value_or(PlaceKind::service),
               .expected = false,
               .role = role,
               .is_reported = is_new && place.has_value()});
}

void Look::add_configuration(Opened file) {
  const bool is_known = configurations.count(file.path) != 0;
  if (file.facts.type != FileType::regular || is_known) return;
  if (is_excluded(file.path, request_.excludes)) return;
  add_pending({.file = std::move(file),
               .place = PlaceKind::configured,
               .is_reported = false,
               .is_told = true});
}

void Look::add_pending(Pending pending) {
  pending_.push_back(std::move(pending));
  if (pending_.size() >= batch_size) read_pending();
}

void Look::read_pending() {
  std::vector<Pending> batch = std::exchange(pending_, {});
  std::vector<ReadRequest> requests;
  for (const Pending& pending : batch) {
    requests.push_back({.file = &pending.file,
                        .gid = reading_group_of(pending.file.territory.uid, request_, accounts_),
                        .role = pending.role,
                        .name = pending.is_told ? "config.yml" : ""});
  }
  const std::vector<Reading> readings = read_files(requests, request_.hmac_key, losses_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (is_worth_its_facts(batch[i].file, readings[i])) complete(batch[i].file);
    take(batch[i], readings[i]);
  }
}

// A file that was replaced meanwhile keeps the facts of what was read.
void Look::complete(Opened& file) const {
  Result<Opened> again = opener_.open(file.path);
  if (again && again->facts.id == file.facts.id) file = std::move(*again);
}

void Look::take(const Pending& pending, const Reading& reading) {
  if (const auto* unread = std::get_if<Unread>(&reading)) {
    take_unread(pending, *unread);
    return;
  }
  const auto& examination = std::get<Examination>(reading);
  if (examination.is_blank) blank_files.insert(pending.file.path);
  take_definition(pending, examination);
  if (!pending.is_reported) return;
  // Any program may call its own file config.yml: outside cloudflared's directories it takes a key
  // of cloudflared's to matter.
  const bool is_cloudflareds =
      pending.expected || !examination.pointers.empty() || !examination.recognised.empty();
  take_over_cap(pending, examination);
  if (!is_cloudflareds) return;
  const bool is_said = may_define(pending.role, examination) || examination.problem.empty();
  if (!is_said) gaps.push_back({pending.file.path, examination.problem});
  for (const Recognised& recognised : examination.recognised) take_recognised(pending, recognised);
  take_configuration(pending, examination);
}

void Look::take_definition(const Pending& pending, const Examination& examination) {
  const std::string& path = pending.file.path;
  if (!examination.service_text.empty()) {
    service_texts.push_back({.path = path,
                             .text = examination.service_text,
                             .link_target = {},
                             .owner = controller_of(pending.file)});
  }
  // What defines a service is missed whether or not it holds a credential.
  const bool is_definition = may_define(pending.role, examination);
  if (is_definition && !examination.problem.empty()) gaps.push_back({path, examination.problem});
  if (examination.is_configuration) configurations[path] = configuration_of(examination);
}

// A file that was wanted and is too large to be a credential has not been looked into; where a
// finding says so, no gap need.
void Look::take_over_cap(const Pending& pending, const Examination& examination) {
  if (!examination.over_cap) return;
  const std::string& path = pending.file.path;
  const bool is_wanted = pending.expected || !kind_by_name(path).empty();
  const bool has_finding = pending.expected && !examination.recognised.empty();
  if (!is_wanted || has_finding || !examination.problem.empty()) return;
  const std::string cap = std::to_string(size_cap(file_name_of(path)));
  gaps.push_back({path, "is larger than " + cap + " bytes, the size cap; not looked into"});
}

void Look::take_unread(const Pending& pending, const Unread& unread) {
  gaps.push_back({pending.file.path, unread.why});
  const std::string kind = kind_by_name(pending.file.path);
  if (kind.empty() && !pending.expected) return;
  Subject subject =
      subject_of_file(SubjectType::unread, pending.file.path, pending.file.facts, frame_);
  subject.credential.kind = kind;
  subject.credential.reason = unread.why;
  add_subject(std::move(subject), pending.place);
}

void Look::take_recognised(const Pending& pending, const Recognised& recognised) {
  const Opened& file = pending.file;
  const auto* credential = std::get_if<Credential>(&recognised.decoded);
  const auto* malformed = std::get_if<Malformed>(&recognised.decoded);
  if (credential == nullptr && (malformed == nullptr || !pending.expected)) return;
  const SubjectType type = credential != nullptr ? SubjectType::credential : SubjectType::malformed;
  Subject subject = subject_of_file(type, file.path, file.facts, frame_);
  subject.line = recognised.line;
  subject.carrier = recognised.carrier;
  subject.placement = recognised.placement;
  if (credential != nullptr) {
    add_credential(subject, *credential, frame_);
  } else {
    subject.credential.kind = malformed->kind;
    subject.credential.reason = malformed->why;
  }
  add_subject(std::move(subject), pending.place);
  if (credential != nullptr) add_directory_of(file.facts, pending.place);
}

void Look::add_default_directory(const Opened& directory) {
  const FileFacts& own = own_facts(directory);
  if (!is_judged(directory.path, own.permissions, own.default_acl)) return;
  add_subject(
      subject_of_file(SubjectType::directory, directory.path, complete_facts(directory), frame_),
      PlaceKind::default_directory);
}

// Once each; a sound one only where the user's own rules may have something to say of it.
bool Look::is_judged(const std::string& path, const Permissions& permissions,
                     const std::vector<AclEntry>& default_acl) {
  if (request_.user_rules.empty() && is_sound_directory(path, permissions, default_acl)) {
    return false;
  }
  return directories_.insert(path).second;
}

void Look::add_directory_of(const FileFacts& file, PlaceKind place) {
  if (file.ancestors.empty()) return;
  const DirectoryFacts& directory = file.ancestors.back();
  if (!is_judged(directory.path, directory.permissions, directory.default_acl)) return;
  add_subject(subject_of_directory(file, frame_), place);
}

bool Look::may_follow(const Opened& configuration, const Opened& target) const {
  const Territory& territory = configuration.territory;
  if (territory.trusted) return true;
  const Account* account = accounts_.find_uid(territory.uid);
  const Principal who =
      account != nullptr ? principal_of(*account) : Principal{.uid = territory.uid, .gids = {}};
  return can_open(complete_facts(target), who, Access::read);
}

void Look::take_configuration(const Pending& pending, const Examination& examination) {
  const Opened& file = pending.file;
  if (examination.is_configuration) {
    Subject configuration =
        subject_of_file(SubjectType::configuration, file.path, file.facts, frame_);
    configuration.carrier = carrier_of(examination);
    add_subject(std::move(configuration), pending.place);
  }
  const Starter starter = starter_of(file.path, examination, accounts_);
  for (const ConfiguredFile& target : configured_files(examination.pointers, starter)) {
    const Answer is_present = follow(pending, target);
    if (!target.effective) continue;
    Subject pointer = subject_of_file(SubjectType::pointer, file.path, file.facts, frame_);
    pointer.line = target.line;
    pointer.carrier = carrier_of(examination);
    pointer.pointer_key = target.key;
    pointer.pointer_target = target.path;
    pointer.target_present = is_present;
    add_subject(std::move(pointer), pending.place);
  }
}

Answer Look::follow(const Pending& from, const ConfiguredFile& target) {
  const std::string why = target.key + " of " + from.file.path + ":" + std::to_string(target.line);
  Place place{.path = target.path, .kind = PlaceKind::configured, .why = why};
  Result<Opened> opened = opener_.open(target.path);
  const bool absent = !opened && is_absent(opened.error());
  const Answer present = !absent                           ? Answer::yes
                         : is_elsewhere(from.file, target) ? Answer::unknown
                                                           : Answer::no;
  if (!visited_.insert(target.path + " as configured").second) return present;
  if (!opened) {
    place.state = absent ? PlaceState::absent : PlaceState::unreadable;
    if (!absent) gaps.push_back({target.path, opened.error().what});
  } else if (is_excluded(target.path, request_.excludes) || !may_follow(from.file, *opened)) {
    place.state = PlaceState::excluded;
  } else if (!target.is_log) {
    ++names_seen;
    add_file(std::move(*opened), PlaceKind::configured, true);
  }
  places.push_back(std::move(place));
  return present;
}

// What is absent at this moment may be there where or when cloudflared runs: credentials that
// systemd lays out for a running unit; in a container's home, or below another working directory,
// what lies beside the configuration on this host.
bool Look::is_elsewhere(const Opened& configuration, const ConfiguredFile& target) const {
  if (lies_in(target.path, "/run/credentials")) return true;
  if (!target.is_relative && !lies_in(target.path, "/home/nonroot")) return false;
  const std::string beside =
      std::string{directory_of(configuration.path)} + "/" + std::string{file_name_of(target.path)};
  return opener_.open(beside).has_value();
}

void Look::add_subject(Subject subject, PlaceKind place) {
  subject.place = place;
  subjects.push_back(std::move(subject));
}

void Look::take_environment(const std::vector<Variable>& variables) {
  if (variables.empty()) return;
  const Reading reading = examine_in_worker(".env", environment_text(variables), request_.hmac_key);
  const auto* examination = std::get_if<Examination>(&reading);
  if (examination == nullptr) {
    gaps.push_back({"$TUNNEL_*", std::get<Unread>(reading).why});
    return;
  }
  for (const Recognised& recognised : examination->recognised) {
    const auto* credential = std::get_if<Credential>(&recognised.decoded);
    const std::size_t line = recognised.line.value_or(0);
    if (credential == nullptr || line == 0 || line > variables.size()) continue;
    add_variable(variables[line - 1].name, *credential);
  }
  const Starter starter{.home = home_of_caller(accounts_),
                        .working_directory = working_directory()};
  for (const ConfiguredFile& target : configured_files(examination->pointers, starter)) {
    const std::string why = "variable " + variables.at(target.line - 1).name;
    add({.place = {.path = target.path, .kind = PlaceKind::environment, .why = why},
         .shape = PlaceShape::file});
  }
}

void Look::take_process(const ProcessText& text, const Secret& bytes) {
  const Reading reading =
      examine_in_worker(text.name, bytes.reveal(), request_.hmac_key, {}, ServiceRole::part);
  const auto* examination = std::get_if<Examination>(&reading);
  if (examination == nullptr) {
    gaps.push_back({text.path, std::get<Unread>(reading).why});
    return;
  }
  service_texts.push_back({.path = text.path,
                           .text = examination->service_text,
                           .link_target = {},
                           .owner = text.facts.permissions.uid});
  if (!text.is_reported) return;
  for (const Recognised& recognised : examination->recognised) {
    const auto* credential = std::get_if<Credential>(&recognised.decoded);
    if (credential == nullptr) continue;
    Subject subject = subject_of_file(SubjectType::credential, text.path, text.facts, frame_);
    stand_in_memory(subject, text.program);
    subject.carrier = recognised.carrier;
    subject.placement = recognised.placement;
    add_credential(subject, *credential, frame_);
    add_subject(std::move(subject), PlaceKind::service);
  }
}

void Look::add_variable(const std::string& name, const Credential& credential) {
  const std::string path = "$" + name;
  places.push_back({.path = path, .kind = PlaceKind::environment, .why = "variable of the caller"});
  // Of a process's environment only its owner reads.
  const FileFacts facts{.permissions = {.mode = 0400, .uid = frame_.caller}};
  Subject subject = subject_of_file(SubjectType::credential, path, facts, frame_);
  stand_in_memory(subject, "");
  subject.carrier = "environment";
  subject.placement = Placement::environment;
  add_credential(subject, credential, frame_);
  add_subject(std::move(subject), PlaceKind::environment);
}

}  // namespace cfwarden
