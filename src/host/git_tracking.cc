#include "cfwarden/host/git_tracking.h"

#include "cfwarden/base/git_index.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/work_tree.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_index_bytes = 64 << 20;
constexpr std::size_t most_link_bytes = 8192;

using Clock = std::chrono::steady_clock;

struct Repository {
  WorkTree tree;
  std::vector<std::string> files;  // Whole paths.
};

// What the repositories of one user, or all of them, have cost so far.
struct Spent {
  std::size_t work_trees = 0;
  std::uint64_t bytes = 0;
  Clock::duration time{0};
};

// One user's that were not asked, told together.
struct Unasked {
  std::string first;
  std::size_t more = 0;
};

class Repositories {
 public:
  Repositories(const Opener& opener,
               const std::function<std::uint32_t(std::uint32_t)>& reading_group,
               const GitBounds& bounds)
      : opener_{opener}, reading_group_{reading_group}, bounds_{bounds} {}

  TrackedFiles of(std::span<const AskedFile> files) {
    for (const Repository& repository : repositories_of(files)) {
      if (interrupted()) break;
      look_into(repository);
    }
    for (const auto& [uid, unasked] : unasked_) {
      found_.gaps.push_back({joined(unasked.first, ".git"),
                             "what git tracks there is not known" +
                                 others("nor in ", unasked.more, " more of theirs") +
                                 ": its owner's repositories are too many or too large"});
    }
    for (const auto& [uid, unasked] : unsearched_) {
      found_.gaps.push_back(
          {unasked.first, "whether git tracks it is not known" +
                              others("nor of ", unasked.more, " more files of its owner") +
                              ": to look for .git above them took too long"});
    }
    return std::move(found_);
  }

 private:
  static std::string others(const char* before, std::size_t more, const char* after) {
    return more == 0 ? "" : ", " + (before + std::to_string(more)) + after;
  }

  // Until an index has been asked nothing is known of what lies below a .git. By path, so that
  // little is asked twice; nobody's crowd out root's.
  std::vector<Repository> repositories_of(std::span<const AskedFile> files) {
    std::vector<AskedFile> sorted(files.begin(), files.end());
    std::ranges::sort(sorted, {}, [](const AskedFile& file) {
      return std::pair{file.uid != 0, std::string_view{file.path}};
    });
    std::map<std::string, Repository> by_top;
    for (const AskedFile& file : sorted) {
      found_.by_path[file.path] = {.is_tracked = Answer::unknown, .work_tree = {}};
      if (interrupted()) continue;
      const Result<WorkTree> tree = work_tree_above(file);
      if (!tree) continue;
      const std::string& top = tree->top;
      found_.by_path[file.path] = {.is_tracked = top.empty() ? Answer::no : Answer::unknown,
                                   .work_tree = top};
      if (top.empty()) continue;
      Repository& repository =
          by_top.try_emplace(top, Repository{.tree = *tree, .files = {}}).first->second;
      repository.files.push_back(file.path);
    }
    std::vector<Repository> repositories;
    for (auto& [top, repository] : by_top) {
      std::ranges::sort(repository.files);  // As an index is asked.
      repositories.push_back(std::move(repository));
    }
    std::ranges::stable_sort(
        repositories, std::ranges::greater{},
        [](const Repository& repository) { return repository.tree.territory.trusted; });
    return repositories;
  }

  // git itself knows no longer paths. An Error is told.
  Result<WorkTree> work_tree_above(const AskedFile& file) {
    constexpr std::size_t longest_path = 4096;
    const std::string directory{directory_of(file.path)};
    if (directory.size() > longest_path) return WorkTree{};
    Spent& by_user = by_user_[file.uid];
    const Clock::time_point begin = Clock::now();
    Result<WorkTree> tree = Error{"", ETIME};
    if (by_user.time < bounds_.patience_with_user) {
      tree = search_.above(directory, begin + (bounds_.patience_with_user - by_user.time));
    }
    by_user.time += Clock::now() - begin;
    if (tree || tree.error().code == EINTR) return tree;
    if (tree.error().code == ETIME) {
      count(unsearched_, file.uid, file.path);
    } else {
      not_known(directory, tree.error());
    }
    return tree;
  }

  // A mount on .git itself may be anybody's, and answer never: it is not crossed.
  Result<Opened> git_in(const std::string& directory) const {
    const Result<Opened> opened = opener_.open(directory, Named::yes, Detail::status);
    return opened ? opener_.open_in(*opened, ".git") : opened;
  }

  void look_into(const Repository& repository) {
    const WorkTree& tree = repository.tree;
    const std::uint32_t uid = tree.territory.uid;
    Spent& by_user = by_user_[uid];
    if (is_spent(by_user)) {
      count(unasked_, uid, tree.top);
      return;
    }
    const Clock::time_point begin = Clock::now();
    const Result<std::string> listed = listed_in(repository, by_user);
    by_user.time += Clock::now() - begin;
    if (listed) {
      take(repository.files, *listed);
    } else if (listed.error().code == EDQUOT) {
      count(unasked_, uid, tree.top);
    } else {
      not_known(tree.top, listed.error());
    }
  }

  void not_known(const std::string& directory, const Error& error) {
    found_.gaps.push_back(
        {joined(directory, ".git"), "what git tracks there is not known: " + error.what});
  }

  void take(const std::vector<std::string>& files, const std::string& listed) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      found_.by_path[files[i]].is_tracked = listed[i] == '1' ? Answer::yes : Answer::no;
    }
  }

  static void count(std::map<std::uint32_t, Unasked>& by_user, std::uint32_t uid,
                    const std::string& path) {
    const auto [unasked, is_first] = by_user.try_emplace(uid, Unasked{.first = path});
    if (!is_first) ++unasked->second.more;
  }

  // Counts one more work tree where it is not.
  bool is_spent(Spent& by_user) {
    const bool is_all = in_all_.work_trees >= bounds_.work_trees ||
                        by_user.work_trees >= bounds_.work_trees_of_user ||
                        by_user.time >= bounds_.patience_with_user;
    if (is_all) return true;
    ++in_all_.work_trees;
    ++by_user.work_trees;
    return false;
  }

  // However much of it is stored: holes are read, too.
  bool pays_for(std::uint64_t bytes, Spent& by_user) {
    if (bytes > bounds_.bytes - std::min(in_all_.bytes, bounds_.bytes)) return false;
    if (bytes > bounds_.bytes_of_user - std::min(by_user.bytes, bounds_.bytes_of_user))
      return false;
    in_all_.bytes += bytes;
    by_user.bytes += bytes;
    return true;
  }

  // For each of its files '1' or '0'; EDQUOT where that would cost more than there is left.
  Result<std::string> listed_in(const Repository& repository, Spent& by_user) {
    const std::string& top = repository.tree.top;
    std::vector<std::string> names;
    const std::size_t prefix = top == "/" ? 1 : top.size() + 1;
    for (const std::string& path : repository.files) names.push_back(path.substr(prefix));
    const Result<Opened> directory = git_directory(top);
    if (!directory) return directory.error();
    const Result<Opened> index = opener_.open_in(*directory, "index");
    if (!index && is_absent(index.error())) return std::string(names.size(), '0');
    if (!index) return index.error();
    if (index->facts.size > most_index_bytes) return Error{"its index is larger than 64 MiB", 0};
    if (!pays_for(index->facts.size, by_user)) return Error{"", EDQUOT};
    const Result<std::string> answer =
        ask(*index, most_index_bytes, names.size(), [&names](std::string_view bytes) {
          std::string text;
          const auto listed = listed_by_git(bytes, names);
          if (!listed) return text;
          for (const bool is_listed : *listed) text += is_listed ? '1' : '0';
          return text;
        });
    if (!answer) return answer.error();
    const bool is_sound =
        answer->size() == names.size() && answer->find_first_not_of("01") == answer->npos;
    return is_sound ? answer : Error{"its index has a form that is not understood", 0};
  }

  // Of a work tree of its own, or a submodule, a file in place of .git says where it is.
  Result<Opened> git_directory(const std::string& top) {
    const Result<Opened> git = git_in(top);
    if (!git || git->facts.type == FileType::directory) return git;
    const Result<std::string> target =
        ask(*git, most_link_bytes, most_link_bytes,
            [](std::string_view bytes) { return git_directory_of(bytes); });
    if (!target) return target.error();
    if (target->empty() || target->find('\0') != target->npos) {
      return Error{"it leads nowhere", 0};
    }
    return opener_.open(target->starts_with('/') ? *target : joined(top, *target));
  }

  template <class Answer>
  Result<std::string> ask(const Opened& file, std::size_t most_bytes, std::size_t most_answer,
                          Answer answer) {
    if (file.facts.type != FileType::regular) return Error{"it is not a regular file", 0};
    return ask_in_worker({.file = &file,
                          .gid = reading_group_(file.territory.uid),
                          .most_bytes = most_bytes,
                          .most_answer = most_answer,
                          .answer = answer});
  }

  const Opener& opener_;
  const std::function<std::uint32_t(std::uint32_t)>& reading_group_;
  const GitBounds& bounds_;
  WorkTreeSearch search_{opener_};
  Spent in_all_;
  std::map<std::uint32_t, Spent> by_user_;
  std::map<std::uint32_t, Unasked> unasked_;     // Repositories.
  std::map<std::uint32_t, Unasked> unsearched_;  // Files.
  TrackedFiles found_;
};

}  // namespace

TrackedFiles tracked_files(const Opener& opener, std::span<const AskedFile> files,
                           const std::function<std::uint32_t(std::uint32_t)>& reading_group,
                           const GitBounds& bounds) {
  return Repositories{opener, reading_group, bounds}.of(files);
}

}  // namespace cfwarden
