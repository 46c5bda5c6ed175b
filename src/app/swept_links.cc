#include "cfwarden/app/swept_links.h"

#include "cfwarden/app/swept_subjects.h"
#include "cfwarden/host/process.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

// Of a whole machine nothing is asked of a file system that came over it meanwhile: it may never
// answer.
std::optional<FileFacts> facts_at(const std::string& path, const SweptHost& host) {
  const Result<Opened> opened =
      host.opener.open(reported_path(path, host.root), host.named, Detail::status);
  return opened ? std::optional{opened->facts} : std::nullopt;
}

// The found files with several names, by what they are.
std::map<FileId, std::string> linked_among(const std::vector<FoundFile>& found,
                                           const SweptHost& host) {
  std::map<FileId, std::string> linked;
  for (const FoundFile& file : found) {
    if (interrupted()) break;
    if (!file.is_linked) continue;
    const auto facts = facts_at(file.path, host);
    if (facts && facts->id == file.id && facts->links > 1) linked.emplace(file.id, file.path);
  }
  return linked;
}

// `names` are sorted. An inode number means little by itself.
NamesOfFiles names_of(const std::map<FileId, std::string>& linked,
                      const std::vector<std::string>& names, const SweptHost& host) {
  NamesOfFiles by_file;
  for (const std::string& name : names) {
    if (interrupted()) break;
    const auto facts = facts_at(name, host);
    if (facts && linked.contains(facts->id)) by_file[facts->id].push_back(name);
  }
  return by_file;
}

// Those of which another name comes before the one that was read.
std::map<FileId, std::string> first_names(const std::map<FileId, std::string>& linked,
                                          const NamesOfFiles& by_file) {
  std::map<FileId, std::string> first;
  for (const auto& [id, path] : linked) {
    const auto names = by_file.find(id);
    if (names != by_file.end() && names->second.front() < path) {
      first.emplace(id, names->second.front());
    }
  }
  return first;
}

ContentSweepRequest without_processes(ContentSweepRequest request) {
  request.more = nullptr;
  request.progress = nullptr;
  return request;
}

// What the first sweep could not look at, the second could not either: it is told once.
void add_shortfall(ContentSweep& swept, ContentSweep& again) {
  std::set<std::pair<std::string, std::string>> known;
  for (const Gap& gap : swept.gaps) known.emplace(gap.path, gap.why);
  for (Gap& gap : again.gaps) {
    if (known.emplace(gap.path, gap.why).second) swept.gaps.push_back(std::move(gap));
  }
  swept.more_gaps = std::max(swept.more_gaps, again.more_gaps);
  swept.stopped = swept.stopped || again.stopped;
}

Result<Done> read_again(ContentSweep& swept, const std::map<FileId, std::string>& first,
                        const ContentSweepRequest& request) {
  ContentSweepRequest again = without_processes(request);
  again.options.paths.clear();
  for (const auto& [id, path] : first) again.options.paths.push_back(path);
  Result<ContentSweep> read = sweep_contents(again);
  if (!read) return read.error();
  add_shortfall(swept, *read);
  for (FoundFile& file : read->found) {
    if (!first.contains(file.id)) continue;
    std::erase_if(swept.found, [&](const FoundFile& one) { return one.id == file.id; });
    swept.found.push_back(std::move(file));
  }
  return Done{};
}

}  // namespace

Result<NamesOfFiles> take_names(ContentSweep& swept, const ContentSweepRequest& request,
                                const SweptHost& host) {
  const std::map<FileId, std::string> linked = linked_among(swept.found, host);
  if (linked.empty()) return NamesOfFiles{};
  ContentSweepRequest wanted = without_processes(request);
  wanted.part = SweptPart::names;
  std::set<std::uint64_t> inodes;
  for (const auto& [id, path] : linked) inodes.insert(id.inode);
  wanted.inodes.assign(inodes.begin(), inodes.end());
  Result<ContentSweep> named = sweep_contents(wanted);
  if (!named) return named.error();
  add_shortfall(swept, *named);

  NamesOfFiles by_file = names_of(linked, named->names, host);
  const std::map<FileId, std::string> first = first_names(linked, by_file);
  if (first.empty() || swept.stopped) return by_file;
  if (const auto read = read_again(swept, first, request); !read) {
    swept.gaps.push_back(
        {"", "files with several names are told under another: " + read.error().what});
  }
  return by_file;
}

}  // namespace cfwarden
