#include "cfwarden/app/head_tree.h"

#include "cfwarden/base/git_refs.h"
#include "cfwarden/base/git_tree.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_ref_bytes = 8192;
constexpr std::size_t most_packed_refs_bytes = 64 << 20;
constexpr std::size_t most_commit_bytes = 4 << 20;
constexpr std::size_t most_tree_bytes = 8 << 20;
constexpr int longest_chain = 5;  // Of refs, as git's own.
constexpr std::uint32_t type_bits = 0170000;
constexpr std::uint32_t directory_type = 0040000;

// A directory, and the entries that lie below it.
struct Directory {
  std::string id;
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Comparison {
 public:
  Comparison(std::span<const GitEntry> entries, const HeadRequest& request, const Opener& opener,
             GitObjects& objects)
      : entries_{entries}, request_{request}, opener_{opener}, objects_{objects} {
    found_.same.resize(entries.size(), false);
  }

  HeadComparison run() {
    if (entries_.empty()) return std::move(found_);
    objects_.until(Clock::now() + request_.patience);
    const Result<std::string> tree = head_tree();
    if (!tree) {
      gap(joined(request_.git_directory, "HEAD"), tree.error());
    } else if (!tree->empty()) {
      descend(*tree);
    }
    return std::move(found_);
  }

 private:
  void gap(const std::string& path, const Error& error) {
    found_.gaps.push_back(
        {path, "what HEAD has there is not known, and all of it was looked into: " + error.what});
  }

  // The bytes of a file of the git directory as `answer` understands them; ENOENT for no file.
  template <class Answer>
  Result<std::string> ask(const std::string& path, std::size_t most, Answer answer) const {
    const Result<Opened> file = opener_.open(path, Named::yes);
    if (!file) return is_absent(file.error()) ? Error{"there is none", ENOENT} : file.error();
    if (file->facts.type == FileType::directory) return Error{"it is a directory", ENOENT};
    if (file->facts.type != FileType::regular) return Error{"it is not a regular file"};
    return ask_in_worker({.file = &*file,
                          .gid = request_.reading_group(file->territory.uid),
                          .most_bytes = most,
                          .most_answer = most_ref_bytes,
                          .answer = answer});
  }

  // The id of a commit; "" where HEAD leads to a branch without one.
  Result<std::string> commit() const {
    constexpr std::string_view marks = " \t";
    const auto told = [](std::string_view bytes) {
      const GitRef ref = git_ref_in(bytes);
      return ref.leads_to.empty() ? ref.id : "ref " + ref.leads_to;
    };
    std::string path = joined(request_.git_directory, "HEAD");
    std::string name;
    for (int i = 0; i < longest_chain; ++i) {
      const Result<std::string> ref = ask(path, most_ref_bytes, told);
      const bool is_absent = !ref && ref.error().code == ENOENT;
      if (is_absent && !name.empty()) return packed(name);
      if (!ref) return ref;
      if (is_git_id(*ref)) return ref;
      name = ref->substr(std::min(ref->find_first_of(marks) + 1, ref->size()));
      if (!ref->starts_with("ref ") || !is_git_ref_name(name)) {
        return Error{"it has a form that is not understood"};
      }
      path =
          joined(is_of_work_tree(name) ? request_.git_directory : request_.common_directory, name);
    }
    return Error{"it leads through too many refs"};
  }

  // Each linked work tree has its own of these.
  static bool is_of_work_tree(std::string_view name) {
    return name.starts_with("refs/bisect/") || name.starts_with("refs/worktree/") ||
           name.starts_with("refs/rewritten/");
  }

  Result<std::string> packed(const std::string& name) const {
    Result<std::string> id =
        ask(joined(request_.common_directory, "packed-refs"), most_packed_refs_bytes,
            [&name](std::string_view bytes) { return id_in_packed_refs(bytes, name); });
    if (!id && id.error().code == ENOENT) return std::string{};
    if (id && !id->empty() && !is_git_id(*id)) return Error{"its parser answered nonsense"};
    return id;
  }

  Result<std::string> head_tree() const {
    const Result<std::string> id = commit();
    if (!id || id->empty()) return id;
    if (id->size() != entries_.front().id.size()) {
      return Error{"its ids are not as long as those of the index"};
    }
    Result<std::string> tree = objects_.read(GitSort::commit, *id, most_commit_bytes);
    if (!tree) return Error{told_of("its commit", tree.error())};
    if (!is_git_id(*tree) || tree->size() != id->size()) {
      return Error{"its parser answered nonsense"};
    }
    return tree;
  }

  // Level by level, so that few workers are asked. Each directory once, whatever a tree says.
  void descend(const std::string& tree) {
    std::map<std::string, Directory> level{{"", {tree, 0, entries_.size()}}};
    while (!level.empty() && !interrupted()) {
      std::vector<std::string> prefixes;
      std::vector<std::string> ids;
      for (const auto& [prefix, directory] : level) {
        prefixes.push_back(prefix);
        ids.push_back(directory.id);
      }
      std::map<std::string, Directory> below;
      objects_.read(GitSort::tree, ids, most_tree_bytes,
                    [&](std::size_t which, const Result<std::string>& answer) {
                      const std::string& prefix = prefixes[which];
                      const auto trees = answer ? entries_of(*answer) : std::nullopt;
                      if (trees) return compare(prefix, level.at(prefix), *trees, below);
                      gap(request_.top + "/" + prefix,
                          answer ? Error{"its parser answered nonsense"}
                                 : Error{told_of("its tree", answer.error())});
                    });
      level = std::move(below);
    }
  }

  void compare(const std::string& prefix, const Directory& directory,
               const std::vector<GitEntry>& tree, std::map<std::string, Directory>& below) {
    for (const GitEntry& one : tree) {
      const bool is_directory = (one.mode & type_bits) == directory_type;
      const std::string name = prefix + one.name + (is_directory ? "/" : "");
      std::size_t at = first_from(name, directory);
      if (!is_directory) {
        for (; at < directory.end && entries_[at].name == name; ++at) settle(at, one);
        continue;
      }
      if (at < directory.end && entries_[at].name == name) settle(at, one);  // A sparse index's.
      if (below.contains(name)) continue;
      std::size_t end = at;
      while (end < directory.end && entries_[end].name.starts_with(name)) ++end;
      if (end != at) below.try_emplace(name, Directory{one.id, at, end});
    }
  }

  void settle(std::size_t at, const GitEntry& in_head) {
    found_.same[at] = entries_[at].id == in_head.id && entries_[at].mode == in_head.mode;
  }

  std::size_t first_from(const std::string& name, const Directory& directory) const {
    const auto begin = entries_.begin();
    const auto found = std::lower_bound(
        begin + static_cast<std::ptrdiff_t>(directory.begin),
        begin + static_cast<std::ptrdiff_t>(directory.end), name,
        [](const GitEntry& entry, const std::string& wanted) { return entry.name < wanted; });
    return static_cast<std::size_t>(found - begin);
  }

  std::span<const GitEntry> entries_;
  const HeadRequest& request_;
  const Opener& opener_;
  GitObjects& objects_;
  HeadComparison found_;
};

}  // namespace

HeadComparison compare_with_head(std::span<const GitEntry> entries, const HeadRequest& request,
                                 const Opener& opener, GitObjects& objects) {
  return Comparison{entries, request, opener, objects}.run();
}

}  // namespace cfwarden
