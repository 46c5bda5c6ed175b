// Work that one thread has to spare, for those that have none. Each thread keeps its own work to
// itself, and looks here only when it is out of it: nobody waits for a lock while all are busy.
#pragma once

#include "cfwarden/sweep/directory.h"
#include "cfwarden/sweep/large_file.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cfwarden {

// A directory to open and list; or, where its listing was broken off, to go on with.
struct ListTask {
  DirectoryRef directory;
  enum class Begin { anew, where_it_was } begin = Begin::anew;
};

// Files to open and read: names, each with a NUL behind it.
struct ReadTask {
  DirectoryRef directory;
  std::string names;
  std::size_t position = 0;
};

// A file to help with.
struct PartsTask {
  std::shared_ptr<LargeFile> file;
};

using SweepTask = std::variant<ListTask, ReadTask, PartsTask>;

class TaskPool {
 public:
  // Another thread takes part from here on.
  void join_in();

  // More threads wait than there are tasks for them.
  bool is_hungry() const { return hunger_.load(std::memory_order_relaxed) > 0; }
  void put(SweepTask task);
  void put(std::vector<SweepTask>::iterator begin, std::vector<SweepTask>::iterator end);

  // Waits for a task; nothing once all threads wait, for the caller of put() to begin anew.
  std::optional<SweepTask> take_or_finish();
  // Waits for a task; nothing once close() was called.
  std::optional<SweepTask> take();
  // Whatever is left is dropped.
  void close();

 private:
  std::optional<SweepTask> take_one();
  void begin_to_wait() { count_waiting(waiting_ + 1); }
  void stop_to_wait() { count_waiting(waiting_ - 1); }
  void count_waiting(unsigned waiting);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SweepTask> tasks_;
  std::atomic<int> hunger_{0};
  unsigned waiting_ = 0;
  unsigned members_ = 1;
  bool is_closed_ = false;
};

}  // namespace cfwarden
