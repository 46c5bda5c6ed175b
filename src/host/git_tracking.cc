#include "cfwarden/host/git_tracking.h"

#include "cfwarden/base/git_index.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_index_bytes = 64 << 20;
constexpr std::size_t most_link_bytes = 8192;

class Repositories {
 public:
  Repositories(const Opener& opener,
               const std::function<std::uint32_t(std::uint32_t)>& reading_group)
      : opener_{opener}, reading_group_{reading_group} {}

  TrackedFiles of(std::span<const std::string> paths) {
    std::map<std::string, std::set<std::string>> by_work_tree;
    for (const std::string& path : paths) {
      const std::string top = work_tree_above(std::string{directory_of(path)});
      found_.by_path[path] = {.is_tracked = Answer::no, .work_tree = top};
      if (!top.empty()) by_work_tree[top].insert(path);
    }
    for (const auto& [top, files] : by_work_tree) look_into(top, files);
    return std::move(found_);
  }

 private:
  // A mount on .git itself may be anybody's, and answer never: it is not crossed.
  Result<Opened> git_in(const std::string& directory) const {
    const Result<Opened> opened = opener_.open(directory, Named::yes, Detail::status);
    return opened ? opener_.open_in(*opened, ".git") : opened;
  }

  // "" where there is none. git itself knows no longer paths.
  std::string work_tree_above(const std::string& directory) {
    constexpr std::size_t longest_path = 4096;
    const auto known = above_.find(directory);
    if (known != above_.end()) return known->second;
    if (directory.size() > longest_path) return {};
    const bool is_here = git_in(directory).has_value();
    std::string top = is_here ? directory : "";
    if (!is_here && directory != "/") top = work_tree_above(std::string{directory_of(directory)});
    return above_[directory] = std::move(top);
  }

  void look_into(const std::string& top, const std::set<std::string>& files) {
    const std::vector<std::string> asked(files.begin(), files.end());
    std::vector<std::string> names;
    const std::size_t prefix = top == "/" ? 1 : top.size() + 1;
    for (const std::string& path : asked) names.push_back(path.substr(prefix));
    const Result<std::string> listed = listed_in(top, names);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      Tracking& tracking = found_.by_path[asked[i]];
      if (!listed) {
        tracking.is_tracked = Answer::unknown;
      } else if ((*listed)[i] == '1') {
        tracking.is_tracked = Answer::yes;
      }
    }
    if (!listed) {
      found_.gaps.push_back(
          {joined(top, ".git"), "what git tracks there is not known: " + listed.error().what});
    }
  }

  // For each name '1' or '0'.
  Result<std::string> listed_in(const std::string& top, const std::vector<std::string>& names) {
    const Result<Opened> directory = git_directory(top);
    if (!directory) return directory.error();
    const Result<Opened> index = opener_.open_in(*directory, "index");
    if (!index && is_absent(index.error())) return std::string(names.size(), '0');
    if (!index) return index.error();
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
    Result<Opened> git = git_in(top);
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
  std::map<std::string, std::string> above_;  // By directory.
  TrackedFiles found_;
};

}  // namespace

TrackedFiles tracked_files(const Opener& opener, std::span<const std::string> paths,
                           const std::function<std::uint32_t(std::uint32_t)>& reading_group) {
  return Repositories{opener, reading_group}.of(paths);
}

}  // namespace cfwarden
