// A sweep where something is scarce: descriptors, memory, system calls, the length of paths.
#include "../host/in_child.h"
#include "../host/refused_call.h"
#include "../host/tree.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/syscall_filter.h"
#include "cfwarden/sweep/sweep.h"
#include "cfwarden/sweep/system_calls.h"
#include "heard.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>

namespace cfwarden {
namespace {

void make_file(int directory, const char* name) {
  const int made = openat(directory, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(made >= 0);
  REQUIRE(write(made, "x", 1) == 1);
  close(made);
}

enum class Shape { chain, comb };

// /d/d/d..., each made below the last one's descriptor: no path is that long. Each level of a comb
// has a file and two directories with a file besides, so that a walk has to come back to it.
void dig(const Tree& tree, int depth, const std::string& name, Shape shape) {
  int here = open(tree.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < depth; ++i) {
    if (shape == Shape::comb) {
      make_file(here, "file");
      for (const char* side : {"a", "z"}) {
        REQUIRE(mkdirat(here, side, 0755) == 0);
        const int in_side = openat(here, side, O_PATH | O_DIRECTORY | O_CLOEXEC);
        make_file(in_side, "file");
        close(in_side);
      }
    }
    REQUIRE(mkdirat(here, name.c_str(), 0755) == 0);
    const int below = openat(here, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(below >= 0);
    close(here);
    here = below;
  }
  make_file(here, "file");
  close(here);
}

struct Count {
  std::atomic<std::uint64_t> files{0};
  std::uint64_t read = 0;
  SweepOutcome outcome;
};

void count_files(Count& count, const std::string& path, unsigned threads) {
  SweepEvents events;
  events.name = [&](const SweptName& name) {
    if (name.type == FileType::regular) ++count.files;
  };
  events.chunk = [](const SweptFile&, const SweptChunk&) { return Wanted::no; };
  SweepProgress progress;
  count.outcome = sweep({.paths = {path}, .threads = threads}, events, progress);
  count.read = progress.files;
}

bool limit_descriptors(rlim_t most) {
  const rlimit both{most, most};
  return setrlimit(RLIMIT_NOFILE, &both) == 0;
}

// The number of the first thing that is wrong, for in_child().
int look_for(const Tree& tree, std::uint64_t files, unsigned threads) {
  Count count;
  count_files(count, tree.path(), threads);
  if (!count.outcome.gaps.empty()) {
    std::fprintf(stderr, "%s\n", count.outcome.gaps.front().why.c_str());
    return 1;
  }
  if (count.files != files) return 2;
  return count.read == files ? 0 : 3;
}

TEST_CASE("with 16 descriptors nothing is lost, however deep and wide, by any number of threads") {
  Tree tree;
  dig(tree, 500, "d", Shape::comb);
  for (const unsigned threads : {1U, 2U, 8U}) {
    CAPTURE(threads);
    const Ending ending =
        in_child([&] { return limit_descriptors(16) ? look_for(tree, 1501, threads) : 9; });
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("a file under 3,000 long names, with others at every level, is found and read") {
  Tree tree;
  dig(tree, 3000, std::string(200, 'd'), Shape::comb);
  for (const unsigned threads : {1U, 4U}) {
    CAPTURE(threads);
    CHECK(look_for(tree, 9001, threads) == 0);
  }
  const Ending few = in_child([&] { return limit_descriptors(40) ? look_for(tree, 9001, 4) : 9; });
  CHECK(few.exit_code == 0);
}

TEST_CASE("a file 20,000 directories deep is found and read") {
  Tree tree;
  dig(tree, 20'000, "d", Shape::chain);
  CHECK(look_for(tree, 1, 4) == 0);
}

TEST_CASE("with few descriptors, what was moved meanwhile is a gap and nothing else is lost") {
  Tree tree;
  // Below 60 levels nothing is kept open; the last one has three directories.
  dig(tree, 60, "d", Shape::chain);
  std::string deep = tree.path();
  for (int i = 0; i < 60; ++i) deep += "/d";
  for (const char* name : {"/x", "/y", "/z"}) {
    REQUIRE(mkdir((deep + name).c_str(), 0755) == 0);
    REQUIRE(mkdir((deep + name + "/below").c_str(), 0755) == 0);
    std::ofstream{deep + name + "/below/file"} << "x";
  }
  const Ending ending = in_child([&] {
    if (!limit_descriptors(16)) return 9;
    std::atomic<int> files{0};
    std::atomic<bool> moved{false};
    SweepEvents events;
    events.name = [&](const SweptName& name) {
      if (name.type == FileType::regular) ++files;
      const std::string above = tree.at("/d/d");
      // Away from where ".." and the names lead: only the walk's own descriptors still do.
      if (name.name == "below" && !moved.exchange(true) &&
          rename(name.directory.text().c_str(), tree.at("/moved").c_str()) != 0)
        moved = false;
    };
    SweepProgress progress;
    const SweepOutcome outcome = sweep({.paths = {tree.path()}}, events, progress);
    if (!moved) return 1;
    // One of the three was moved: its file is found or a gap tells of it. The rest is found.
    if (files < 3) return 2;
    return files + static_cast<int>(outcome.gaps.size()) >= 4 ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// What earlier tests left free would be used again, unseen.
void forget_peak() {
  (void)malloc_trim(0);
  std::ofstream{"/proc/self/clear_refs"} << 5;
}

// How much a sweep adds to the peak of a process.
int grows_by_megabytes(const Tree& tree, std::uint64_t names, unsigned threads) {
  forget_peak();
  const long before = peak_kilobytes();
  SweepEvents events;
  events.name = [](const SweptName&) {};
  SweepProgress progress;
  const SweepOutcome outcome =
      sweep({.paths = {tree.path()}, .threads = threads}, events, progress);
  if (!outcome.gaps.empty() || progress.names != names) return 99;
  return static_cast<int>((peak_kilobytes() - before) / 1024);
}

TEST_CASE("memory is flat in the number of files, and of directories in one directory") {
  if (under_sanitizer) return;
  Tree files;
  for (int i = 0; i < 100; ++i) {
    const std::string directory = files.directory("/" + std::to_string(i));
    const int here = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int j = 0; j < 1000; ++j)
      REQUIRE(mknodat(here, std::to_string(j).c_str(), S_IFREG | 0600, 0) == 0);
    close(here);
  }
  CHECK(in_child([&] { return grows_by_megabytes(files, 100'100, 4); }).exit_code < 4);

  Tree directories;
  const int here = open(directories.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 50'000; ++i) REQUIRE(mkdirat(here, std::to_string(i).c_str(), 0755) == 0);
  close(here);
  CHECK(in_child([&] { return grows_by_megabytes(directories, 50'000, 1); }).exit_code < 4);
}

TEST_CASE("a sweep needs no system call but those that are listed") {
  if (under_sanitizer) return;
  Tree tree;
  dig(tree, 600, std::string(100, 'd'), Shape::comb);
  std::ofstream{tree.at("/large")} << std::string(20 << 20, 'x');
  const Ending ending = in_child([&] {
    if (!install_filter(Filter::only_these, sweep_calls())) return 9;
    return look_for(tree, 1802, 4);
  });
  CHECK(ending.signal == 0);
  CHECK(ending.exit_code == 0);
}

TEST_CASE("without openat2 nothing is lost either") {
  Tree tree;
  dig(tree, 300, "d", Shape::comb);
  for (const int error : {ENOSYS, EPERM}) {
    CAPTURE(error);
    const Ending ending =
        in_child([&] { return refuse_call(SYS_openat2, error) ? look_for(tree, 901, 4) : 9; });
    CHECK(ending.exit_code == 0);
  }
}

}  // namespace
}  // namespace cfwarden
