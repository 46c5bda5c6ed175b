#include "cfwarden/app/swept_links.h"

#include "cfwarden/app/swept_subjects.h"
#include "cfwarden/host/process.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

std::optional<FileFacts> facts_at(const std::string& path, const Opener& opener,
                                  const std::string& root) {
  // Of a file system that came over it meanwhile nothing is asked: it may never answer.
  const Result<Opened> opened = opener.open(reported_path(path, root), Named::no, Detail::status);
  return opened ? std::optional{opened->facts} : std::nullopt;
}

// The found files with several names, by what they are.
std::map<FileId, std::string> linked_among(const std::vector<FoundFile>& found,
                                           const Opener& opener, const std::string& root) {
  std::map<FileId, std::string> linked;
  for (const FoundFile& file : found) {
    if (interrupted()) break;
    if (file.is_process) continue;
    const auto facts = facts_at(file.path, opener, root);
    if (facts && facts->id == file.id && facts->links > 1) linked.emplace(file.id, file.path);
  }
  return linked;
}

// Those of which another name comes before the one that was read.
std::map<FileId, std::string> first_names(const std::map<FileId, std::string>& linked,
                                          const std::vector<std::string>& names,
                                          const Opener& opener, const std::string& root) {
  std::map<FileId, std::string> first;
  for (const std::string& name : names) {  // Sorted; an inode number means little by itself.
    if (interrupted()) break;
    const auto facts = facts_at(name, opener, root);
    if (!facts || first.contains(facts->id)) continue;
    const auto file = linked.find(facts->id);
    if (file != linked.end() && name < file->second) first.emplace(facts->id, name);
  }
  return first;
}

ContentSweepRequest without_processes(ContentSweepRequest request) {
  request.more = nullptr;
  request.progress = nullptr;
  return request;
}

}  // namespace

Result<Done> take_first_names(std::vector<FoundFile>& found, const ContentSweepRequest& request,
                              const Opener& opener, const std::string& root) {
  const std::map<FileId, std::string> linked = linked_among(found, opener, root);
  if (linked.empty()) return Done{};
  ContentSweepRequest wanted = without_processes(request);
  wanted.part = SweptPart::names;
  std::set<std::uint64_t> inodes;
  for (const auto& [id, path] : linked) inodes.insert(id.inode);
  wanted.inodes.assign(inodes.begin(), inodes.end());
  const Result<ContentSweep> named = sweep_contents(wanted);
  if (!named) return named.error();

  const std::map<FileId, std::string> first = first_names(linked, named->names, opener, root);
  if (first.empty()) return Done{};
  ContentSweepRequest again = without_processes(request);
  again.options.paths.clear();
  for (const auto& [id, path] : first) again.options.paths.push_back(path);
  Result<ContentSweep> read = sweep_contents(again);
  if (!read) return read.error();
  for (FoundFile& file : read->found) {
    if (!first.contains(file.id)) continue;
    std::erase_if(found, [&](const FoundFile& one) { return one.id == file.id; });
    found.push_back(std::move(file));
  }
  return Done{};
}

}  // namespace cfwarden
