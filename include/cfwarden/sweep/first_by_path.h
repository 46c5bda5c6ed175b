// The first of many things by their path, within a bound of number and of bytes. What is kept is
// the same in whatever order they are added: all up to the one that goes beyond a bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

struct KeptBound {
  std::size_t number = 0;
  std::size_t bytes = 0;  // Of what is added with each thing.
};

template <class Thing>
class FirstByPath {
 public:
  explicit FirstByPath(KeptBound most) : most_{most} {}

  void add(std::string path, Thing thing, std::size_t bytes) {
    ++added_;
    // What comes behind one that had to go must go, too, though there is room for it again.
    if (first_gone_ && path >= *first_gone_) return;
    bytes_ += bytes;
    kept_.emplace(std::move(path), Kept{std::move(thing), bytes});
    while (kept_.size() > most_.number || bytes_ > most_.bytes) remove_last();
  }

  std::size_t size() const { return kept_.size(); }
  std::uint64_t left_out() const { return added_ - kept_.size(); }

  // Sorted by path.
  std::vector<std::pair<std::string, Thing>> take() {
    std::vector<std::pair<std::string, Thing>> all;
    all.reserve(kept_.size());
    while (!kept_.empty()) {
      auto node = kept_.extract(kept_.begin());
      all.emplace_back(std::move(node.key()), std::move(node.mapped().thing));
    }
    return all;
  }

 private:
  struct Kept {
    Thing thing;
    std::size_t bytes;
  };

  // All of one path: which of them came last is chance.
  void remove_last() {
    first_gone_ = std::prev(kept_.end())->first;
    for (auto last = kept_.lower_bound(*first_gone_); last != kept_.end();) {
      bytes_ -= last->second.bytes;
      last = kept_.erase(last);
    }
  }

  KeptBound most_;
  std::multimap<std::string, Kept> kept_;
  std::optional<std::string> first_gone_;
  std::size_t bytes_ = 0;
  std::uint64_t added_ = 0;
};

}  // namespace cfwarden
