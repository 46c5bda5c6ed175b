#include "cfwarden/remedy/objects.h"

#include "cfwarden/base/path.h"
#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/remedy/complaint.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view owner_only = "owner-only";
constexpr std::string_view set_owner = "set-owner";

bool is_on_disk(const std::string& path) {
  return path.starts_with('/') && !lies_in(path, "/proc");
}

bool is_object(const Subject& subject) {
  return is_on_disk(subject.path) && subject.place != PlaceKind::environment &&
         subject.type != SubjectType::service && subject.type != SubjectType::pointer &&
         subject.type != SubjectType::exception;
}

bool is_about_object(const Finding& finding) {
  return is_on_disk(finding.path) && finding.about != SubjectType::service &&
         finding.about != SubjectType::pointer && finding.about != SubjectType::exception;
}

bool is_about(const Finding& finding, const Subject& subject) {
  return finding.path == subject.path && finding.about == subject.type &&
         finding.line == subject.line && finding.credential == subject.credential_id;
}

const Subject* subject_of(const Finding& finding, const MendedObject& object) {
  const auto found = std::ranges::find_if(
      object.subjects, [&](const Subject* subject) { return is_about(finding, *subject); });
  return found != object.subjects.end() ? *found
         : object.subjects.empty()      ? nullptr
                                        : object.subjects.front();
}

// The directories that were searched are those of the path and no others.
bool is_free_of_links(const Subject& subject) {
  std::string_view directory = directory_of(subject.path);
  const auto& above = subject.facts.ancestors;
  for (auto at = above.rbegin(); at != above.rend(); ++at) {
    if (at->path != directory) return false;
    directory = directory_of(directory);
  }
  return true;
}

bool has_something_in_the_way(const Subject& subject) {
  if (subject.type == SubjectType::malformed || subject.type == SubjectType::directory)
    return false;
  return subject.facts.links > 1 || !is_free_of_links(subject);
}

// As cloudflared makes them.
unsigned allowed_of_default_directory(std::string_view path) {
  return is_system_directory(path) ? 0755 : 0700;
}

// A script that its owner may execute stays one.
unsigned allowed_of(const Subject& subject, unsigned mode) {
  const bool is_script =
      subject.carrier == script_carrier && subject.type != SubjectType::directory;
  return subject.allowed_mode | (is_script ? mode & 0100U : 0U);
}

using ByPath = std::map<std::string, MendedObject>;

MendedObject& object_at(const std::string& path, ByPath& objects) {
  MendedObject& object = objects[path];
  object.path = path;
  return object;
}

void add_findings(const PlanInput& input, ByPath& objects) {
  for (const Finding& finding : input.report.findings) {
    if (is_wanted_change(finding, input.wishes)) {
      object_at(finding.path, objects).findings.push_back(&finding);
    }
  }
  for (const Subject& subject : input.subjects) {
    if (is_object(subject) && has_something_in_the_way(subject)) object_at(subject.path, objects);
  }
}

void add_strays(const PlanInput& input, ByPath& objects) {
  for (const Finding& finding : input.report.findings) {
    const auto object = objects.find(finding.path);
    if (object == objects.end() || !is_about_object(finding)) continue;
    if (finding.exception != nullptr) {
      if (is_mended_by_attributes(finding)) object->second.excepted.push_back(&finding);
      continue;
    }
    if (complaint_of(finding.rule) == Complaint::names) {
      object->second.other_names.push_back(&finding);
    }
    if (finding.fix != set_owner || object->second.stray_finding != nullptr) continue;
    object->second.stray_finding = &finding;
    const Subject* subject = subject_of(finding, object->second);
    if (subject != nullptr) object->second.expected_owner = subject->expected_owner;
  }
}

void add_excepted(const PlanInput& input, MendedObject& object) {
  for (const Finding& finding : input.report.findings) {
    const bool is_accepted = finding.exception != nullptr && finding.path == object.path;
    if (is_accepted && is_mended_by_attributes(finding) && is_about_object(finding)) {
      object.excepted.push_back(&finding);
    }
  }
}

}  // namespace

bool is_wanted_change(const Finding& finding, const PlanWishes& wishes) {
  return is_mended_by_attributes(finding) && is_about_object(finding) &&
         finding.exception == nullptr &&
         (wishes.only.empty() || wishes.only.contains(finding.rule));
}

std::vector<MendedObject> objects_to_mend(const PlanInput& input) {
  ByPath objects;
  add_findings(input, objects);
  for (const Subject& subject : input.subjects) {
    const auto object = objects.find(subject.path);
    if (object == objects.end() || !is_object(subject)) continue;
    object->second.subjects.push_back(&subject);
    object->second.is_directory |= subject.type == SubjectType::directory;
  }
  add_strays(input, objects);
  std::vector<MendedObject> all;
  for (auto& [path, object] : objects) all.push_back(std::move(object));
  return all;
}

MendedObject directory_to_close_first(const std::string& path, const PlanInput& input) {
  MendedObject object;
  object.path = path;
  object.is_directory = true;
  object.closes_first = true;
  for (const Subject& subject : input.subjects) {
    if (subject.path == path && subject.type == SubjectType::directory) {
      object.subjects.push_back(&subject);
    }
  }
  add_excepted(input, object);
  return object;
}

Goal goal_of(const MendedObject& object, unsigned mode, const PlanWishes& wishes) {
  bool closes = object.closes_first;
  Goal goal{.drop_acl = object.closes_first};
  unsigned allowed = closes ? allowed_of_default_directory(object.path) : 07777;
  for (const Finding* finding : object.findings) {
    if (const Subject* subject = subject_of(*finding, object)) {
      allowed &= allowed_of(*subject, mode);
    }
    if (complaint_of(finding->rule) == Complaint::default_acl) {
      goal.drop_default_acl = true;
      continue;
    }
    if (finding->fix == set_owner) {
      goal.uid = 0;
    } else {
      goal.drop_acl = true;
    }
    // All that is wrong with it is mended at once, unless only one thing was asked for.
    closes |= finding->fix == owner_only || wishes.only.empty();
  }
  if (closes) goal.allowed_mode = allowed;
  return goal;
}

bool is_recognised(const MendedObject& object) {
  return std::ranges::any_of(object.subjects, [](const Subject* subject) {
    return subject->type != SubjectType::unread && subject->type != SubjectType::malformed;
  });
}

std::string reason_of(const MendedObject& object) {
  for (const Subject* subject : object.subjects) {
    if (!subject->credential.reason.empty()) return subject->credential.reason;
  }
  return "it could not be read as a credential";
}

bool runs_tunnels_only(const MendedObject& object) {
  bool runs_one = false;
  for (const Subject* subject : object.subjects) {
    if (subject->type != SubjectType::credential) continue;
    if (subject->credential.authority != Authority::run_tunnel) return false;
    runs_one = true;
  }
  return runs_one;
}

bool holds_secret(std::span<const Subject* const> subjects) {
  return std::ranges::any_of(subjects, [](const Subject* subject) {
    return subject->type == SubjectType::credential &&
           subject->credential.authority != Authority::none &&
           subject->credential.secret_bytes != std::size_t{0};
  });
}

std::vector<MendedFinding> mended(std::span<const Finding* const> findings) {
  std::vector<MendedFinding> all;
  for (const Finding* finding : findings) add_mended(all, *finding);
  return all;
}

void add_mended(std::vector<MendedFinding>& all, const Finding& finding) {
  MendedFinding one{.rule = finding.rule, .severity = finding.severity};
  const auto is_before = [](const MendedFinding& a, const MendedFinding& b) {
    return std::tie(b.severity, a.rule) < std::tie(a.severity, b.rule);
  };
  const auto at = std::ranges::lower_bound(all, one, is_before);
  if (at == all.end() || *at != one) all.insert(at, std::move(one));
}

}  // namespace cfwarden
