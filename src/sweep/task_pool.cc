#include "cfwarden/sweep/task_pool.h"

#include <iterator>
#include <utility>

namespace cfwarden {

void TaskPool::join_in() {
  const std::lock_guard lock{mutex_};
  ++members_;
}

void TaskPool::put(SweepTask task) {
  {
    const std::lock_guard lock{mutex_};
    tasks_.push_back(std::move(task));
    count_waiting(waiting_);
  }
  changed_.notify_one();
}

void TaskPool::put(std::vector<SweepTask>::iterator begin, std::vector<SweepTask>::iterator end) {
  {
    const std::lock_guard lock{mutex_};
    tasks_.insert(tasks_.end(), std::make_move_iterator(begin), std::make_move_iterator(end));
    count_waiting(waiting_);
  }
  changed_.notify_all();
}

std::optional<SweepTask> TaskPool::take_one() {
  std::optional<SweepTask> task{std::move(tasks_.back())};
  tasks_.pop_back();
  count_waiting(waiting_);
  return task;
}

// With the lock held, after each change.
void TaskPool::count_waiting(unsigned waiting) {
  waiting_ = waiting;
  hunger_.store(static_cast<int>(waiting) - static_cast<int>(tasks_.size()),
                std::memory_order_relaxed);
}

std::optional<SweepTask> TaskPool::take_or_finish() {
  std::unique_lock lock{mutex_};
  begin_to_wait();
  changed_.wait(lock, [this] { return is_closed_ || !tasks_.empty() || waiting_ == members_; });
  stop_to_wait();
  if (is_closed_ || tasks_.empty()) return std::nullopt;
  return take_one();
}

std::optional<SweepTask> TaskPool::take() {
  std::unique_lock lock{mutex_};
  begin_to_wait();
  if (waiting_ == members_) changed_.notify_all();  // Nobody has work: the first thread may go on.
  changed_.wait(lock, [this] { return is_closed_ || !tasks_.empty(); });
  stop_to_wait();
  if (is_closed_) return std::nullopt;
  return take_one();
}

void TaskPool::close() {
  std::vector<SweepTask> dropped;
  {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    dropped.swap(tasks_);
  }
  changed_.notify_all();
}

}  // namespace cfwarden
