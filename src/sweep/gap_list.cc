#include "cfwarden/sweep/gap_list.h"

#include <iterator>

namespace cfwarden {

void GapList::add(std::string path, std::string why) {
  if (path.size() > longest_path) {
    path.resize(longest_path);
    path += "...";
  }
  const std::lock_guard lock{mutex_};
  ++added_;
  first_.emplace(std::move(path), std::move(why));
  if (first_.size() > most_gaps) first_.erase(std::prev(first_.end()));
}

void GapList::leave_out(std::uint64_t more) {
  const std::lock_guard lock{mutex_};
  added_ += more;
}

std::uint64_t GapList::left_out() const {
  const std::lock_guard lock{mutex_};
  return added_ - first_.size();
}

std::vector<Gap> GapList::sorted() const {
  const std::lock_guard lock{mutex_};
  std::vector<Gap> gaps;
  gaps.reserve(first_.size());
  for (const auto& [path, why] : first_) gaps.push_back({.path = path, .why = why});
  return gaps;
}

}  // namespace cfwarden
