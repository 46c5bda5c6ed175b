#include "cfwarden/app/source_root.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/work_tree.h"

#include <chrono>

namespace cfwarden {
namespace {

std::string work_tree_of(const std::string& path, const Opener& opener) {
  const Result<Opened> opened = opener.open(path, Named::yes);
  const bool is_linked = opened && !opened->location.empty() && opened->location != path;
  if (!opened || is_linked) return {};
  const bool is_directory = opened->facts.type == FileType::directory;
  const std::string directory{is_directory ? std::string_view{path} : directory_of(path)};
  constexpr std::chrono::seconds patience{2};
  WorkTreeSearch search{opener};
  const Result<WorkTree> found = search.above(directory, WorkTreeSearch::Clock::now() + patience);
  return found ? found->top : "";
}

}  // namespace

std::string source_root_of(const std::vector<std::string>& paths, const Opener& opener) {
  std::string root;
  for (const std::string& path : paths) {
    const std::string top = work_tree_of(path, opener);
    if (top.empty() || (!root.empty() && top != root)) return {};
    root = top;
  }
  return root;
}

}  // namespace cfwarden
