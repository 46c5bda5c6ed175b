#include "cfwarden/remedy/inspected.h"

#include "cfwarden/remedy/refusal.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

bool is_one_object(const Circumstances& now) {
  return now.link.empty() && (now.facts.type == FileType::directory || now.facts.links == 1);
}

void merge(MendedObject& kept, MendedObject& other) {
  std::ranges::move(other.subjects, std::back_inserter(kept.subjects));
  std::ranges::move(other.findings, std::back_inserter(kept.findings));
  std::ranges::move(other.excepted, std::back_inserter(kept.excepted));
  if (kept.stray_finding != nullptr) return;
  kept.stray_finding = other.stray_finding;
  kept.expected_owner = std::move(other.expected_owner);
}

}  // namespace

const std::variant<Circumstances, std::string>& Inspected::at(const std::string& path) {
  const auto known = known_.find(path);
  if (known != known_.end()) return known->second;
  auto found = input_.inspect(path);
  if (auto* now = std::get_if<Circumstances>(&found)) {
    now->root_prefix = input_.report.root == "/" ? "" : input_.report.root;
  }
  return known_.emplace(path, std::move(found)).first->second;
}

const Circumstances* Inspected::reached(const std::string& path) {
  return std::get_if<Circumstances>(&at(path));
}

void merge_names_of_one_inode(std::vector<MendedObject>& objects, Inspected& inspected) {
  std::map<FileId, std::size_t> first_of;
  std::vector<MendedObject> merged;
  for (MendedObject& object : objects) {
    const Circumstances* now = inspected.reached(object.path);
    if (now != nullptr && !object.findings.empty() && is_one_object(*now)) {
      const auto [first, is_new] = first_of.try_emplace(now->facts.id, merged.size());
      if (!is_new) {
        merge(merged[first->second], object);
        continue;
      }
    }
    merged.push_back(std::move(object));
  }
  objects = std::move(merged);
}

void add_directories_to_close_first(std::vector<MendedObject>& objects, Inspected& inspected,
                                    const PlanInput& input) {
  std::set<std::string> paths;
  for (const MendedObject& object : objects) {
    const Circumstances* now = inspected.reached(object.path);
    if (now == nullptr || object.findings.empty()) continue;
    for (const DirectoryFacts& directory : now->facts.ancestors) {
      const bool is_open = (directory.permissions.mode & others_write) != 0;
      if (is_open && may_be_mended_first(directory.path)) paths.insert(directory.path);
    }
  }
  for (const std::string& path : paths) {
    const auto known = std::ranges::find(objects, path, &MendedObject::path);
    if (known != objects.end()) {
      known->closes_first = true;
    } else {
      objects.push_back(directory_to_close_first(path, input));
    }
  }
}

}  // namespace cfwarden
