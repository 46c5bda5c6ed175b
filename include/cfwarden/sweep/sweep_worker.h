// One thread of a sweep: lists directories and reads files, the last found first, and shares what
// it has left whenever another thread has nothing.
#pragma once

#include "cfwarden/sweep/directory_reach.h"
#include "cfwarden/sweep/file_reader.h"
#include "cfwarden/sweep/sweep_state.h"
#include "cfwarden/sweep/task_pool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cfwarden {

class SweepWorker {
 public:
  SweepWorker(SweepState& state, unsigned thread);

  // Works off the task and all that it leads to and that no other thread takes.
  void work_off(SweepTask task);
  DirectoryReach& reach() { return reach_; }
  // Tells the name of a start that is a file, and reads it.
  void take_file(const DirectoryRef& directory, std::string_view name, std::uint64_t inode);

 private:
  struct Listing;
  struct ListedEntry;

  void run(ListTask& task);
  void run(ReadTask& task);
  void run(PartsTask& task);

  Result<Descriptor> open_directory(const DirectoryRef& directory);
  bool is_another_start(const Directory& directory, int descriptor) const;
  bool list(Listing& listing);
  bool take_entries(Listing& listing, std::size_t length);
  void take_entry(Listing& listing, const ListedEntry& entry);
  FileType type_of(const Listing& listing, const ListedEntry& entry);
  void publish(Listing& listing);
  void break_off(Listing& listing, std::int64_t position);
  void read_names(Listing& listing);

  void read_files(ReadTask& task, int directory, const DirectoryPath& path);
  void read_file(const DirectoryRef& directory, int descriptor, const DirectoryPath& path,
                 const char* name);
  Result<Descriptor> open_file(const Directory& directory, int descriptor,
                               const DirectoryPath& path, const char* name);
  bool is_to_be_read(const SweptFile::Facts& facts, const DirectoryPath& path);
  void read_parts(const std::shared_ptr<LargeFile>& file);

  void share(std::size_t kept);
  void share_names(ReadTask& task);
  void tell_progress();

  SweepState& state_;
  unsigned thread_;
  DirectoryReach reach_;
  FileReader reader_;
  static constexpr std::size_t entries_bytes = 64 * 1024;
  std::unique_ptr<char[]> entries_;  // What getdents64 fills; not initialised.
  std::vector<SweepTask> mine_;      // The next one last.
  std::uint64_t directories_ = 0;    // Not told yet, as the next three.
  std::uint64_t names_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_told_ = 0;
};

}  // namespace cfwarden
