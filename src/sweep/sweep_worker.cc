#include "cfwarden/sweep/sweep_worker.h"

#include "cfwarden/host/mounts.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include <sys/stat.h>

namespace cfwarden {

namespace {

constexpr std::size_t large_bytes = 8
                                    << 20;  // What is larger is read in parts, by several threads.

// Below this a thread is not worth its start.
constexpr std::uint64_t names_for_help = 1000;
constexpr std::uint64_t files_for_help = 100;
constexpr std::uint64_t bytes_for_help = 4 << 20;

constexpr std::uint64_t bytes_between_telling = 1 << 20;

bool is_worth_help(const SweepProgress& so_far) {
  return so_far.names > names_for_help || so_far.files > files_for_help ||
         so_far.bytes > bytes_for_help;
}

}  // namespace

SweepWorker::SweepWorker(SweepState& state, unsigned thread)
    : state_{state},
      thread_{thread},
      reach_{state.opener},
      reader_{state},
      entries_{new char[entries_bytes]} {}

void SweepWorker::work_off(SweepTask task) {
  mine_.push_back(std::move(task));
  while (!mine_.empty() && state_.goes_on()) {
    SweepTask next = std::move(mine_.back());
    mine_.pop_back();
    std::visit([this](auto& one) { run(one); }, next);
    tell_progress();
    share(1);
  }
  mine_.clear();
}

// The oldest first: those are nearer to the start, and lead to more.
void SweepWorker::share(std::size_t kept) {
  if (!state_.pool.is_hungry() || mine_.size() <= kept) return;
  const auto end = mine_.begin() + static_cast<std::ptrdiff_t>((mine_.size() - kept + 1) / 2);
  state_.pool.put(mine_.begin(), end);
  mine_.erase(mine_.begin(), end);
}

// Together, since all threads write these counters.
void SweepWorker::tell_progress() {
  SweepProgress& told = state_.progress;
  const std::uint64_t bytes = reader_.bytes_read() - bytes_told_;
  bytes_told_ += bytes;
  constexpr auto any_order = std::memory_order_relaxed;
  told.directories.fetch_add(std::exchange(directories_, 0), any_order);
  told.names.fetch_add(std::exchange(names_, 0), any_order);
  told.files.fetch_add(std::exchange(files_, 0), any_order);
  told.bytes.fetch_add(bytes, any_order);
  if (thread_ == 0 && state_.call_help && is_worth_help(told))
    std::exchange(state_.call_help, nullptr)();
}

void SweepWorker::run(ReadTask& task) {
  const auto directory = reach_.descriptor_of(task.directory);
  const DirectoryPath path{*task.directory};
  if (directory) {
    read_files(task, *directory, path);
  } else {
    state_.gaps.add(path.text(), directory.error().what + ": not all files in it were read");
  }
}

void SweepWorker::take_file(const DirectoryRef& directory, std::string_view name,
                            std::uint64_t inode) {
  const DirectoryPath path{*directory};
  const SweptName swept{.name = name,
                        .type = FileType::regular,
                        .inode = inode,
                        .thread = thread_,
                        .directory = path};
  ++names_;
  if (state_.events.excluded && state_.events.excluded(swept)) return;
  if (state_.events.name) state_.events.name(swept);
  if (!state_.events.chunk) return;
  ReadTask task{directory, std::string{name}};
  task.names.push_back('\0');
  work_off(std::move(task));
}

void SweepWorker::run(PartsTask& task) {
  read_parts(task.file);
}

void SweepWorker::read_files(ReadTask& task, int directory, const DirectoryPath& path) {
  while (task.position < task.names.size() && state_.goes_on()) {
    const char* name = task.names.c_str() + task.position;
    task.position = task.names.find('\0', task.position) + 1;
    read_file(task.directory, directory, path, name);
    if (reader_.bytes_read() - bytes_told_ > bytes_between_telling) tell_progress();
    share(0);
    share_names(task);
  }
  tell_progress();
}

// Half of the names that are left.
void SweepWorker::share_names(ReadTask& task) {
  if (!state_.pool.is_hungry()) return;
  const std::size_t middle = task.names.find('\0', (task.position + task.names.size()) / 2);
  if (middle == std::string::npos || middle + 1 >= task.names.size()) return;
  state_.pool.put(ReadTask{task.directory, task.names.substr(middle + 1)});
  task.names.resize(middle + 1);
}

void SweepWorker::read_file(const DirectoryRef& directory, int descriptor,
                            const DirectoryPath& path, const char* name) {
  auto opened = open_file(*directory, descriptor, path, name);
  struct stat status {};
  if (opened && fstat(opened->get(), &status) != 0) opened = system_error("fstat", errno);
  if (!opened) {
    const bool is_told = opened.error().code == 0 || is_gone(opened.error());
    if (!is_told) state_.gaps.add(path.of(name), opened.error().what);
    return;
  }
  if (!S_ISREG(status.st_mode)) return;  // It was replaced.
  const SweptFile::Facts facts{
      .name = name,
      .id = {.device = status.st_dev, .inode = status.st_ino},
      .size = static_cast<std::uint64_t>(status.st_size),
      .links = status.st_nlink,
      .thread = thread_,
  };
  if (!is_to_be_read(facts, path)) return;
  ++files_;
  if (facts.size > large_bytes) {
    read_parts(std::make_shared<LargeFile>(directory, name, std::move(*opened), facts.id,
                                           facts.size, facts.links));
    return;
  }
  const SweptFile file{facts, *opened, path, reader_.window()};
  const FileRead read = reader_.read_all(file);
  if (read.error) state_.gaps.add(file.path(), read.error->what);
  if (read.is_wanted && state_.events.again) state_.events.again(file);
}

bool SweepWorker::is_to_be_read(const SweptFile::Facts& facts, const DirectoryPath& path) {
  const std::uint64_t most = state_.options.max_size;
  if (facts.size > most) {
    state_.gaps.add(path.of(facts.name),
                    "is larger than " + std::to_string(most) + " bytes: not read");
    return false;
  }
  return facts.size > 0 && (facts.links == 1 || state_.links.is_new(facts.id));
}

// A file, too, may be mounted: over another one.
Result<Descriptor> SweepWorker::open_file(const Directory& directory, int descriptor,
                                          const DirectoryPath& path, const char* name) {
  auto opened = state_.opener.file(descriptor, name, MountStep::stay);
  const bool is_mount =
      opened ? !state_.opener.sees_mounts() && mount_id_of(opened->get()) != directory.mount
             : opened.error().code == EXDEV;
  if (!is_mount) return opened;
  if (state_.skips_mount(path.of(name))) return Error{};
  return state_.opener.file(descriptor, name, MountStep::cross);
}

void SweepWorker::read_parts(const std::shared_ptr<LargeFile>& file) {
  const DirectoryPath path{*file->directory};
  const SweptFile swept{{.name = file->name,
                         .id = file->id,
                         .size = file->size,
                         .links = file->links,
                         .thread = thread_},
                        file->descriptor,
                        path,
                        reader_.window()};
  while (const auto part = file->take()) {
    if (file->has_more() && state_.pool.is_hungry()) state_.pool.put(PartsTask{file});
    const FileRead read = reader_.read(swept, *part);
    if (read.error) state_.gaps.add(swept.path(), read.error->what);
    if (read.error || read.is_wanted || !state_.goes_on()) file->give_up();
    const auto after = file->finish(read.is_wanted);
    if (after == LargeFile::After::all_and_wanted && state_.events.again)
      state_.events.again(swept);
    tell_progress();
  }
}

}  // namespace cfwarden
