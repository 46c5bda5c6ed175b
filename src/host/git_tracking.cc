#include "cfwarden/host/git_tracking.h"

#include "cfwarden/base/git_index.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_index_bytes = 64 << 20;
constexpr std::size_t most_link_bytes = 8192;

using Clock = std::chrono::steady_clock;

struct WorkTree {
  std::string top;                 // The directory that holds .git.
  std::vector<std::string> files;  // Sorted; whole paths.
  Territory territory;             // Of what .git holds.
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

  TrackedFiles of(std::span<const std::string> paths) {
    for (const WorkTree& tree : work_trees_of(paths)) {
      if (interrupted()) break;
      look_into(tree);
    }
    for (const auto& [uid, unasked] : unasked_) {
      const std::string others =
          unasked.more == 0 ? "" : ", nor in " + std::to_string(unasked.more) + " more of theirs";
      found_.gaps.push_back({joined(unasked.first, ".git"),
                             "what git tracks there is not known" + others +
                                 ": its owner's repositories are too many or too large"});
    }
    return std::move(found_);
  }

 private:
  // Until an index has been asked nothing is known of what lies below a .git.
  std::vector<WorkTree> work_trees_of(std::span<const std::string> paths) {
    std::map<std::string, std::set<std::string>> by_top;
    for (const std::string& path : paths) {
      const std::string top = work_tree_above(std::string{directory_of(path)});
      found_.by_path[path] = {.is_tracked = top.empty() ? Answer::no : Answer::unknown,
                              .work_tree = top};
      if (!top.empty()) by_top[top].insert(path);
    }
    std::vector<WorkTree> trees;
    for (const auto& [top, files] : by_top) {
      trees.push_back({.top = top,
                       .files = {files.begin(), files.end()},
                       .territory = territory_of_git_in(top)});
    }
    // Nobody's crowd out root's.
    std::ranges::stable_sort(trees, std::ranges::greater{},
                             [](const WorkTree& tree) { return tree.territory.trusted; });
    return trees;
  }

  // A mount on .git itself may be anybody's, and answer never: it is not crossed.
  Result<Opened> git_in(const std::string& directory) const {
    const Result<Opened> opened = opener_.open(directory, Named::yes, Detail::status);
    return opened ? opener_.open_in(*opened, ".git") : opened;
  }

  Territory territory_of_git_in(const std::string& top) const {
    const Result<Opened> git = git_in(top);
    return git ? git->territory : Territory{.trusted = false, .uid = nobody_uid};
  }

  // "" where there is none. git itself knows no longer paths. One that cannot be opened is there:
  // git would follow a link.
  std::string work_tree_above(const std::string& directory) {
    constexpr std::size_t longest_path = 4096;
    const auto known = above_.find(directory);
    if (known != above_.end()) return known->second;
    if (directory.size() > longest_path) return {};
    const Result<Opened> git = git_in(directory);
    const bool is_here = git.has_value() || !is_absent(git.error());
    std::string top = is_here ? directory : "";
    if (!is_here && directory != "/") top = work_tree_above(std::string{directory_of(directory)});
    return above_[directory] = std::move(top);
  }

  void look_into(const WorkTree& tree) {
    const std::uint32_t uid = tree.territory.uid;
    Spent& by_user = by_user_[uid];
    if (is_spent(by_user)) {
      leave_out(uid, tree.top);
      return;
    }
    const Clock::time_point begin = Clock::now();
    const Result<std::string> listed = listed_in(tree, by_user);
    by_user.time += Clock::now() - begin;
    if (listed) {
      take(tree, *listed);
    } else if (listed.error().code == EDQUOT) {
      leave_out(uid, tree.top);
    } else {
      found_.gaps.push_back(
          {joined(tree.top, ".git"), "what git tracks there is not known: " + listed.error().what});
    }
  }

  void take(const WorkTree& tree, const std::string& listed) {
    for (std::size_t i = 0; i < tree.files.size(); ++i) {
      found_.by_path[tree.files[i]].is_tracked = listed[i] == '1' ? Answer::yes : Answer::no;
    }
  }

  void leave_out(std::uint32_t uid, const std::string& top) {
    const auto [unasked, is_first] = unasked_.try_emplace(uid, Unasked{.first = top});
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
  Result<std::string> listed_in(const WorkTree& tree, Spent& by_user) {
    std::vector<std::string> names;
    const std::size_t prefix = tree.top == "/" ? 1 : tree.top.size() + 1;
    for (const std::string& path : tree.files) names.push_back(path.substr(prefix));
    const Result<Opened> directory = git_directory(tree);
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
  Result<Opened> git_directory(const WorkTree& tree) {
    const Result<Opened> git = git_in(tree.top);
    if (!git || git->facts.type == FileType::directory) return git;
    const Result<std::string> target =
        ask(*git, most_link_bytes, most_link_bytes,
            [](std::string_view bytes) { return git_directory_of(bytes); });
    if (!target) return target.error();
    if (target->empty() || target->find('\0') != target->npos) {
      return Error{"it leads nowhere", 0};
    }
    return opener_.open(target->starts_with('/') ? *target : joined(tree.top, *target));
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
  std::map<std::string, std::string> above_;  // By directory.
  Spent in_all_;
  std::map<std::uint32_t, Spent> by_user_;
  std::map<std::uint32_t, Unasked> unasked_;
  TrackedFiles found_;
};

}  // namespace

TrackedFiles tracked_files(const Opener& opener, std::span<const std::string> paths,
                           const std::function<std::uint32_t(std::uint32_t)>& reading_group,
                           const GitBounds& bounds) {
  return Repositories{opener, reading_group, bounds}.of(paths);
}

}  // namespace cfwarden
