#include "cfwarden/app/staged_files.h"

#include "cfwarden/app/git_objects.h"
#include "cfwarden/app/head_tree.h"
#include "cfwarden/base/git_index.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/bytes_file.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/work_tree.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_index_bytes = 64 << 20;
constexpr std::size_t most_link_bytes = 8192;
constexpr std::size_t most_blob_bytes = 32 << 20;
constexpr std::uint32_t type_bits = 0170000;
constexpr std::uint32_t commit_type = 0160000;     // A submodule's.
constexpr std::uint32_t directory_type = 0040000;  // Of a sparse index.

template <class Answer>
Result<std::string> ask(const Opened& file, std::size_t most_bytes, std::size_t most_answer,
                        std::uint32_t group, Answer answer) {
  if (file.facts.type != FileType::regular) return Error{"it is not a regular file"};
  return ask_in_worker({.file = &file,
                        .gid = group,
                        .most_bytes = most_bytes,
                        .most_answer = most_answer,
                        .answer = answer});
}

std::string index_text(std::string_view index) {
  const auto entries = entries_in_git_index(index);
  return entries ? entries_text(*entries) : "?";
}

class Repository {
 public:
  Repository(const StagedRequest& request, const Opener& opener)
      : request_{request}, opener_{opener} {}

  Result<StagedFiles> staged() {
    if (auto found = find(); !found) return found.error();
    Result<std::vector<GitEntry>> entries = read_index();
    if (!entries) return entries.error();
    staged_.object_directory = joined(common_, "objects");
    GitObjects objects{opener_, request_.reading_group};
    objects.in(staged_.object_directory);
    HeadComparison head = compare_with_head(*entries,
                                            {.top = staged_.top,
                                             .git_directory = git_,
                                             .common_directory = common_,
                                             .reading_group = request_.reading_group},
                                            opener_, objects);
    staged_.gaps = std::move(head.gaps);
    for (std::size_t i = 0; i < entries->size(); ++i) take((*entries)[i], head.same[i]);
    return std::move(staged_);
  }

 private:
  Result<Done> find() {
    auto found = request_.git.directory.empty() ? search() : take_named();
    if (!found) return found;
    // Without one it would look like a repository that has nothing staged.
    const std::string head = joined(git_, "HEAD");
    const Result<Opened> opened = opener_.open(head, Named::yes, Detail::status);
    if (!opened) return Error{git_ + ": is no git repository: HEAD: " + opened.error().what};
    return Done{};
  }

  // As git does it: without a work tree of its own it is where the caller stands.
  Result<Done> take_named() {
    const GitPlaces& named = request_.git;
    const std::string& path = named.work_tree.empty() ? request_.directory : named.work_tree;
    const Result<Opened> top = opener_.open(path, Named::yes, Detail::status);
    if (!top) return Error{path + ": " + top.error().what};
    if (top->facts.type != FileType::directory) return Error{path + ": is no directory"};
    staged_.top = top->location.empty() ? top->path : top->location;
    return take_git_directory(request_.git.directory);
  }

  Result<Done> search() {
    constexpr std::chrono::seconds patience{10};
    WorkTreeSearch above{opener_};
    const Result<Opened> start = opener_.open(request_.directory, Named::yes, Detail::status);
    if (!start) return Error{request_.directory + ": " + start.error().what};
    const std::string& directory = start->location.empty() ? start->path : start->location;
    const Result<WorkTree> tree = above.above(directory, WorkTreeSearch::Clock::now() + patience);
    if (!tree) return Error{request_.directory + ": " + tree.error().what};
    if (tree->top.empty()) return Error{request_.directory + ": lies in no git work tree"};
    staged_.top = tree->top;
    return take_git_directory(joined(staged_.top, ".git"));
  }

  // Whoever owns it chooses what git would do there; git, too, asks for its owner to call it.
  Result<Done> check_owner(const Opened& git) const {
    const std::uint32_t owner = git.facts.permissions.uid;
    if (owner == caller_uid() || owner == 0) return Done{};
    return Error{git.path + ": belongs to uid " + std::to_string(owner) +
                 "; --staged is for who owns the repository"};
  }

  Result<Done> take_git_directory(const std::string& path) {
    const Result<Opened> git = opener_.open(path, Named::yes);
    if (!git) return Error{path + ": " + git.error().what};
    if (auto owned = check_owner(*git); !owned) return owned;
    git_ = git->location.empty() ? git->path : git->location;
    if (git->facts.type != FileType::directory) {
      const Result<std::string> target = linked(*git, git_directory_of);
      if (!target) return Error{git_ + ": " + target.error().what};
      git_ = *target;
    }
    common_ = git_;
    const Result<Opened> common = opener_.open(joined(git_, "commondir"), Named::yes);
    if (!common) return Done{};  // No linked work tree.
    const Result<std::string> target = linked(*common, [](std::string_view bytes) {
      return git_directory_of("gitdir: " + std::string{bytes});
    });
    if (!target) return Error{common->path + ": " + target.error().what};
    common_ = *target;
    return Done{};
  }

  // What a file of git names instead of itself, from where it lies.
  template <class Parse>
  Result<std::string> linked(const Opened& file, Parse parse) const {
    const Result<std::string> target =
        ask(file, most_link_bytes, most_link_bytes, group_of(file),
            [parse](std::string_view bytes) { return std::string{parse(bytes)}; });
    if (!target) return target;
    if (target->empty()) return Error{"leads nowhere"};
    const std::string path =
        target->front() == '/' ? *target : joined(std::string{directory_of(file.path)}, *target);
    const Result<Opened> opened = opener_.open(path, Named::yes);
    if (!opened) return opened.error();
    if (auto owned = check_owner(*opened); !owned) return owned.error();
    return opened->location.empty() ? opened->path : opened->location;
  }

  Result<std::vector<GitEntry>> read_index() {
    // `git commit FILE` makes one of its own.
    const bool is_named = !request_.git.index.empty();
    const std::string path = is_named ? request_.git.index : joined(git_, "index");
    const Result<Opened> index = opener_.open(path, Named::yes);
    if (!index && !is_named && is_absent(index.error())) return std::vector<GitEntry>{};
    if (!index) return Error{path + ": " + index.error().what};
    if (auto owned = check_owner(*index); !owned) return owned.error();
    const Result<std::string> text =
        ask(*index, most_index_bytes, 2 * most_index_bytes, group_of(*index), index_text);
    if (!text) return Error{path + ": " + text.error().what};
    if (*text == "?") return Error{path + ": has a form that is not understood"};
    std::optional<std::vector<GitEntry>> entries = entries_of(*text);
    if (!entries) return Error{path + ": its parser answered nonsense"};
    return std::move(*entries);
  }

  void take(GitEntry& entry, bool is_in_head) {
    const std::uint32_t type = entry.mode & type_bits;
    if (type == commit_type || interrupted()) return;
    const std::string path = joined(staged_.top, entry.name);
    if (request_.excluded && request_.excluded(path)) return;
    if (is_in_head) {
      ++staged_.older;
    } else if (type == directory_type) {
      staged_.gaps.push_back({path,
                              "is staged, and was not looked into: the index is sparse, and "
                              "holds the directory as one"});
    } else {
      staged_.objects.push_back({.path = path, .id = std::move(entry.id)});
    }
  }

  std::uint32_t group_of(const Opened& file) const {
    return request_.reading_group(file.territory.uid);
  }

  const StagedRequest& request_;
  const Opener& opener_;
  std::string git_;  // The git directory, and of a linked work tree the one that it shares.
  std::string common_;
  StagedFiles staged_;
};

class Handing {
 public:
  Handing(const HandOverMore& hand_over, const StagedRequest& request, const Opener& opener,
          StagedFiles& staged)
      : hand_over_{hand_over}, staged_{staged}, objects_{opener, request.reading_group} {
    most_ = std::min<std::uint64_t>(most_blob_bytes, request.max_size);
    objects_.in(staged_.object_directory);
  }

  void run() {
    constexpr std::chrono::minutes patience{5};
    objects_.until(std::chrono::steady_clock::now() + patience);
    std::vector<std::string> ids;
    for (const StagedObject& object : staged_.objects) ids.push_back(object.id);
    objects_.read(GitSort::blob, ids, most_,
                  [this](std::size_t which, const Result<std::string>& blob) {
                    take(staged_.objects[which], blob);
                  });
  }

 private:
  void gap(const StagedObject& object, const std::string& why) {
    staged_.gaps.push_back({object.path, "is staged, and was not looked into: " + why});
  }

  void take(const StagedObject& object, const Result<std::string>& blob) {
    if (!blob) return gap(object, told_of("its object", blob.error()));
    if (!blob->empty()) {
      const Result<Descriptor> bytes = bytes_as_file(*blob);
      if (!bytes) return gap(object, bytes.error().what);
      const Result<Done> given =
          hand_over_(bytes->get(), {.path = object.path, .size = blob->size()});
      if (!given) return gap(object, given.error().what);
    }
    ++staged_.handed;
    staged_.bytes += blob->size();
  }

  const HandOverMore& hand_over_;
  StagedFiles& staged_;
  GitObjects objects_;
  std::size_t most_ = 0;
};

}  // namespace

Result<StagedFiles> staged_files(const StagedRequest& request, const Opener& opener) {
  return Repository{request, opener}.staged();
}

void hand_over_staged(const HandOverMore& hand_over, const StagedRequest& request,
                      const Opener& opener, StagedFiles& staged) {
  Handing{hand_over, request, opener, staged}.run();
}

}  // namespace cfwarden
