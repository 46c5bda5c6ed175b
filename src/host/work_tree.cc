#include "cfwarden/host/work_tree.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/position.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace cfwarden {
namespace {

Error moved() {
  return {"open: moved while it was looked at", ESTALE};
}

// Without what lies above: an entry of it shall not cost more, the deeper it lies.
Opened alone(std::shared_ptr<const Descriptor> descriptor, const Record& record) {
  return {.descriptor = std::move(descriptor),
          .path = record.path,
          .facts = record.facts,
          .territory = record.standing.territory,
          .location = record.path,
          .sticky = record.standing.sticky};
}

// Back to a directory that was passed on the way down.
Result<Opened> one_up(const Opened& directory, const Record& above) {
  auto up = std::make_shared<const Descriptor>(
      openat(directory.descriptor->get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!up->is_open()) return system_error("open", errno);
  struct stat facts {};
  if (fstat(up->get(), &facts) != 0) return system_error("stat", errno);
  if (FileId{facts.st_dev, facts.st_ino} != above.facts.id) return moved();
  return alone(std::move(up), above);
}

std::size_t slashes_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '/'));
}

}  // namespace

Result<WorkTree> WorkTreeSearch::above(const std::string& directory, Clock::time_point deadline) {
  keep_what_is_above(directory);
  const std::size_t level = levels_.size() - 1;
  if (levels_[level].top == unasked) {
    if (const Result<Done> found = search(directory, deadline); !found) return found.error();
  }
  const std::size_t top = levels_[level].top;
  if (top == none) return WorkTree{};
  return WorkTree{.top = path_of(top), .territory = levels_[top].territory};
}

void WorkTreeSearch::keep_what_is_above(const std::string& directory) {
  std::string now = directory == "/" ? "" : directory;
  const auto [differs, last_differs] =
      std::mismatch(now.begin(), now.end(), last_.begin(), last_.end());
  const bool is_whole_name = (differs == now.end() || *differs == '/') &&
                             (last_differs == last_.end() || *last_differs == '/');
  const auto common = static_cast<std::size_t>(differs - now.begin());
  const std::size_t shared = slashes_in(std::string_view{now}.substr(0, common));
  levels_.resize(std::min(levels_.size(), is_whole_name || shared == 0 ? shared + 1 : shared));
  levels_.resize(slashes_in(now) + 1);
  last_ = std::move(now);
}

// One that cannot be opened is there: git would follow a link. A mount on .git itself may be
// anybody's, and answer never: it is not crossed.
Result<Done> WorkTreeSearch::search(const std::string& directory, Clock::time_point deadline) {
  Result<Opened> at = opener_.open(directory, Named::yes, Detail::status);
  if (!at) return at.error();
  const std::vector<std::shared_ptr<Record>> way = std::move(at->way);
  if (way.size() != levels_.size() || at->location != directory || !at->link.empty())
    return moved();
  at = alone(at->descriptor, *way.back());
  std::size_t level = levels_.size() - 1;
  std::size_t top = none;
  for (;; --level) {
    if (levels_[level].top != unasked) {
      top = levels_[level].top;
      break;
    }
    if (interrupted()) return system_error("stopped", EINTR);
    if (Clock::now() >= deadline) return system_error("out of time", ETIME);
    const Result<Opened> git = opener_.open_in(*at, ".git", Named::no, Detail::status);
    if (git || !is_absent(git.error())) {
      top = level;
      levels_[level].territory =
          git ? git->territory : Territory{.trusted = false, .uid = nobody_uid};
      break;
    }
    if (level == 0) break;
    at = one_up(*at, *way[level - 1]);
    if (!at) return at.error();
  }
  for (; level < levels_.size(); ++level) levels_[level].top = top;
  return Done{};
}

std::string WorkTreeSearch::path_of(std::size_t level) const {
  std::size_t end = 0;
  for (; level > 0; --level) end = last_.find('/', end + 1);
  return end == 0 ? "/" : last_.substr(0, end);
}

}  // namespace cfwarden
