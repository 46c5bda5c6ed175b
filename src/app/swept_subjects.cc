#include "cfwarden/app/swept_subjects.h"

#include "cfwarden/app/audited_host.h"
#include "cfwarden/app/exposure_by_names.h"
#include "cfwarden/base/path.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/exposure/exposure.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace cfwarden {
namespace {

// The row of that name; by what only the path on the audited host tells, where that comes first.
const CarrierContext& context_for(const FoundCredential& found, const std::string& path) {
  const auto contexts = all_contexts();
  const auto by_decoder = std::ranges::find(contexts, found.carrier, &CarrierContext::name);
  const CarrierContext& named = by_decoder == contexts.end() ? contexts.back() : *by_decoder;
  if (!found.member.empty()) return named;
  const CarrierContext& by_path = context_of(path, "");
  return &by_path < &named ? by_path : named;
}

bool is_read_by_audit(std::string_view carrier) {
  return std::ranges::find(all_carriers(), carrier, &Carrier::name) != all_carriers().end();
}

// A process has no file: nobody can write it, and its arguments are everyone's to read.
FileFacts facts_of(const SweptProcess& process, const std::string& path) {
  const bool is_environment = file_name_of(path) == "environ";
  FileFacts facts{.permissions = {
                      .mode = is_environment ? 0400U : 0444U,
                      .uid = process.uid,
                      .gid = process.gid,
                  }};
  if (!process.is_hidden) return facts;
  facts.ancestors.push_back(
      {.path = std::string{directory_of(path)},
       .id = {},
       .permissions = {.mode = 0500, .uid = process.uid, .gid = process.gid, .acl = {}},
       .default_acl = {}});
  return facts;
}

class FoundSubjects {
 public:
  explicit FoundSubjects(const SweptGround& ground) : ground_{ground} {}

  SweptSubjects of(const std::vector<FoundFile>& files) {
    // What was found before the walk was stopped is told.
    const bool was_interrupted = interrupted();
    for (const FoundFile& file : files) {
      if (interrupted() && !was_interrupted) break;
      if (!ground_.staged_in.empty()) {
        add_staged(file);
      } else if (file.is_process) {
        add_process(file);
      } else {
        add_file(file);
      }
    }
    place_as_audit_does();
    std::ranges::move(directories_, std::back_inserter(swept_.subjects));
    return std::move(swept_);
  }

 private:
  // Subjects from `first` on, of a file that audit reads too.
  struct Definition {
    Opened file;
    std::size_t first = 0;
    std::size_t count = 0;
  };

  void add_process(const FoundFile& file) {
    const auto process = ground_.processes.find(file.path);
    if (process == ground_.processes.end()) return;
    const FileFacts facts = facts_of(process->second, file.path);
    const bool is_environment = file_name_of(file.path) == "environ";
    for (const FoundCredential& found : file.found) {
      Subject subject = subject_of(found, file.path, facts);
      stand_in_memory(subject, process->second.program);
      subject.place = PlaceKind::service;
      subject.placement = is_environment ? Placement::environment : Placement::argument;
      subject.line.reset();
      swept_.subjects.push_back(std::move(subject));
    }
  }

  // What is staged is no file yet: who can read it is who gets the commit.
  void add_staged(const FoundFile& file) {
    const FileFacts facts{.permissions = {.mode = 0400, .uid = ground_.frame.caller}};
    for (const FoundCredential& found : file.found) {
      Subject subject = subject_of(found, file.path, facts);
      stand_in_memory(subject, "");
      subject.is_staged = true;
      subject.tracking = Tracking{.is_tracked = Answer::unknown, .work_tree = ground_.staged_in};
      swept_.subjects.push_back(std::move(subject));
    }
  }

  void add_file(const FoundFile& file) {
    const std::string path = reported_path(file.path, ground_.request.root);
    Result<Opened> opened = ground_.opener.open(path, ground_.named);
    if (!opened) {
      gap(path, is_absent(opened.error()) ? "holds a credential, and is gone since it was read"
                                          : "holds a credential, and " + opened.error().what);
      return;
    }
    if (opened->facts.id != file.id || opened->facts.type != FileType::regular) {
      gap(path, "holds a credential, and changed while it was looked at");
      return;
    }
    const std::size_t first = swept_.subjects.size();
    for (const FoundCredential& found : file.found) {
      swept_.subjects.push_back(subject_of(found, path, opened->facts));
    }
    add_directory(opened->facts);
    judge_other_names(file, opened->facts, first);
    add_definition({std::move(*opened), first, file.found.size()});
  }

  struct OtherNames {
    std::vector<ExposureByName> exposures;
    AclState acl = AclState::none;
    std::set<std::string> directories;  // In one directory all have the same readers.
    bool are_all = true;                // Of those that are known.
  };

  // By each of them from the subject `first` on.
  void judge_other_names(const FoundFile& file, const FileFacts& facts, std::size_t first) {
    if (facts.links <= 1) return;
    const NamesOfFiles& by_file = ground_.names.by_file;
    const auto known = by_file.find(file.id);
    const std::vector<std::string> names =
        known == by_file.end() ? std::vector{file.path} : known->second;
    const OtherNames others = other_names(file, facts, names);
    const auto judged =
        static_cast<std::uint64_t>(std::ranges::count_if(names, [&others](const std::string& name) {
          return others.directories.contains(std::string{directory_of(name)});
        }));
    const bool is_least = !others.are_all || judged < facts.links;
    const bool may_have_more = is_least && (!others.are_all || !ground_.names.are_all);
    if (may_have_more) {
      gap(reported_path(file.path, ground_.request.root),
          "holds a credential, and not all of its names were looked at: more accounts may be able "
          "to read or replace it than are told");
    }
    for (std::size_t i = first; i < swept_.subjects.size(); ++i) {
      Subject& subject = swept_.subjects[i];
      subject.exposure = exposure_by_names(std::move(subject.exposure), others.exposures);
      subject.acl = std::max(subject.acl, others.acl);
      if (is_least) make_least(subject.exposure);
    }
  }

  OtherNames other_names(const FoundFile& file, const FileFacts& facts,
                         const std::vector<std::string>& names) {
    OtherNames others;
    others.directories.emplace(directory_of(file.path));
    std::size_t& asked_of_user = other_names_of_user_[facts.permissions.uid];
    for (const std::string& name : names) {
      const std::string directory{directory_of(name)};
      if (others.directories.contains(directory)) continue;
      if (interrupted() || asked_of_user >= most_other_names_of_user ||
          others.exposures.size() >= most_other_names_of_file) {
        others.are_all = false;
        break;
      }
      ++asked_of_user;
      add_name(others, file.id, name);
    }
    return others;
  }

  void add_name(OtherNames& others, FileId id, const std::string& name) {
    const std::string path = reported_path(name, ground_.request.root);
    const Result<Opened> opened = ground_.opener.open(path, ground_.named);
    if (!opened && !is_absent(opened.error())) {
      gap(path, "is another name of a file that holds a credential, and " + opened.error().what);
      others.are_all = false;
    }
    // Else it is no name of that file any more.
    if (!opened || opened->facts.id != id) return;
    others.directories.emplace(directory_of(name));
    others.exposures.push_back(
        {.name = path, .exposure = exposure_of(opened->facts, ground_.accounts)});
    others.acl = std::max(others.acl, acl_state_of(opened->facts, ground_.accounts));
    add_directory(opened->facts);
  }

  void gap(const std::string& path, std::string why) {
    swept_.gaps.push_back({path, std::move(why)});
  }

  Subject subject_of(const FoundCredential& found, const std::string& path,
                     const FileFacts& facts) const {
    Subject subject = subject_of_file(SubjectType::credential, path, facts, ground_.frame);
    const CarrierContext& context = context_for(found, path);
    subject.member = found.member;
    subject.line = found.line;
    subject.carrier = context.name;
    subject.place = PlaceKind::argument;
    const bool is_copy = !found.member.empty() || subject.backup == Answer::yes;
    const bool is_file_itself = found.member.empty() && context.placement == Placement::whole_file;
    subject.placement = is_copy && !is_file_itself ? Placement::other : context.placement;
    subject.advice = advice_for(context.advice, subject);
    add_credential(subject, found.credential, ground_.frame);
    return subject;
  }

  // Once each; a sound one only where the user's own rules may have something to say of it.
  void add_directory(const FileFacts& file) {
    if (file.ancestors.empty()) return;
    const DirectoryFacts& directory = file.ancestors.back();
    const bool is_sound =
        is_sound_directory(directory.path, directory.permissions, directory.default_acl);
    if (is_sound && ground_.request.user_rules.empty()) return;
    if (!known_directories_.insert(directory.path).second) return;
    directories_.push_back(subject_of_directory(file, ground_.frame));
    directories_.back().place = PlaceKind::argument;
  }

  // A unit or Compose file hands a secret over as an argument or as a variable: where it stands
  // tells which, and audit knows how to read it.
  void add_definition(Definition definition) {
    const bool is_one = std::any_of(
        swept_.subjects.begin() + static_cast<std::ptrdiff_t>(definition.first),
        swept_.subjects.end(), [](const Subject& subject) {
          return subject.placement != Placement::other && is_read_by_audit(subject.carrier);
        });
    if (!is_one) return;
    definitions_.push_back(std::move(definition));
    constexpr std::size_t batch_size = 128;  // Descriptors held open at once.
    if (definitions_.size() >= batch_size) place_as_audit_does();
  }

  void place_as_audit_does() {
    const std::vector<Definition> batch = std::exchange(definitions_, {});
    std::vector<ReadRequest> requests;
    for (const Definition& one : batch) {
      const std::uint32_t uid = one.file.territory.uid;
      requests.push_back(
          {.file = &one.file, .gid = reading_group_of(uid, ground_.request, ground_.accounts)});
    }
    const std::vector<Reading> readings = read_files(requests, ground_.request.hmac_key, losses_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto* examination = std::get_if<Examination>(&readings[i]);
      if (examination != nullptr) place(batch[i], *examination);
    }
  }

  void place(const Definition& definition, const Examination& examination) {
    for (std::size_t i = 0; i < definition.count; ++i) {
      Subject& subject = swept_.subjects[definition.first + i];
      for (const Recognised& recognised : examination.recognised) {
        const auto* credential = std::get_if<Credential>(&recognised.decoded);
        if (credential == nullptr || credential->kind != subject.credential.kind) continue;
        if (credential->fingerprint != subject.credential.fingerprint) continue;
        if (subject.placement == Placement::other || recognised.carrier != subject.carrier)
          continue;
        subject.placement = recognised.placement;
        break;
      }
    }
  }

  // A user can give a file of theirs as many names as there are directories.
  static constexpr std::size_t most_other_names_of_file = 64;
  // Nor does one user keep another's names from being judged.
  static constexpr std::size_t most_other_names_of_user = 20'000;

  const SweptGround& ground_;
  SweptSubjects swept_;
  std::map<std::uint32_t, std::size_t> other_names_of_user_;  // By the file's owner.
  std::vector<Subject> directories_;
  std::set<std::string> known_directories_;
  std::vector<Definition> definitions_;
  Losses losses_;
};

}  // namespace

SweptSubjects swept_subjects(const std::vector<FoundFile>& found, const SweptGround& ground) {
  return FoundSubjects{ground}.of(found);
}

std::string reported_path(const std::string& path, const std::string& root) {
  if (root.empty() || !lies_in(path, root)) return path;
  std::string below = path.substr(root.size());
  return below.empty() ? "/" : below;
}

ContextAdvice advice_for(ContextAdvice of_context, const Subject& subject) {
  // Logs are packed when they are rotated.
  if (of_context == ContextAdvice::clear_log) return of_context;
  if (!subject.member.empty()) return ContextAdvice::delete_copy;
  if (of_context == ContextAdvice::clear_history) return of_context;
  return subject.backup == Answer::yes ? ContextAdvice::close_file : of_context;
}

}  // namespace cfwarden
