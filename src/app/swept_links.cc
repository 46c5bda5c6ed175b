#include "cfwarden/app/swept_links.h"

#include "cfwarden/app/swept_subjects.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <set>
#include <utility>

namespace cfwarden {
namespace {

// Of a whole machine nothing is asked of a file system that came over it meanwhile: it may never
// answer.
Result<FileFacts> facts_at(const std::string& path, const SweptHost& host) {
  Result<Opened> opened =
      host.opener.open(reported_path(path, host.root), host.named, Detail::status);
  if (!opened) return opened.error();
  return std::move(opened->facts);
}

// The found files with several names, by what they are. Of one that cannot be asked now a gap
// tells when it is judged.
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
KnownNames names_of(const std::map<FileId, std::string>& linked, const ContentSweep& named,
                    const SweptHost& host, std::vector<Gap>& gaps) {
  KnownNames known{.by_file = {}, .are_all = named.has_all_names && !named.stopped};
  for (const std::string& name : named.names) {
    const auto facts = interrupted() ? Result<FileFacts>{Error{"", EINTR}} : facts_at(name, host);
    if (facts && linked.contains(facts->id)) known.by_file[facts->id].push_back(name);
    if (facts || is_absent(facts.error())) continue;
    known.are_all = false;
    if (facts.error().code == EINTR) break;
    gaps.push_back(
        {name, "may be another name of a file that holds a credential, and " + facts.error().what});
  }
  return known;
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

ContentSweepRequest of_files_alone(ContentSweepRequest request) {
  request.more = nullptr;
  request.on_first_found = nullptr;
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
  ContentSweepRequest again = of_files_alone(request);
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

Result<KnownNames> take_names(ContentSweep& swept, const ContentSweepRequest& request,
                              const SweptHost& host) {
  const std::map<FileId, std::string> linked = linked_among(swept.found, host);
  if (linked.empty()) return KnownNames{};
  ContentSweepRequest wanted = of_files_alone(request);
  wanted.part = SweptPart::names;
  std::set<std::uint64_t> inodes;
  for (const auto& [id, path] : linked) inodes.insert(id.inode);
  wanted.inodes.assign(inodes.begin(), inodes.end());
  Result<ContentSweep> named = sweep_contents(wanted);
  if (!named) return named.error();
  add_shortfall(swept, *named);

  KnownNames known = names_of(linked, *named, host, swept.gaps);
  const std::map<FileId, std::string> first = first_names(linked, known.by_file);
  if (first.empty() || swept.stopped) return known;
  if (const auto read = read_again(swept, first, request); !read) {
    swept.gaps.push_back(
        {"", "files with several names are told under another: " + read.error().what});
  }
  return known;
}

}  // namespace cfwarden
