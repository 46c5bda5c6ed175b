#include "cfwarden/sweep/sweep.h"

#include "../host/in_child.h"
#include "../host/tree.h"
#include "heard.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cfwarden {
namespace {

// About 5,000 entries: wide and deep places, links, FIFOs, names of all lengths.
void grow(const Tree& tree, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<std::string> directories{tree.path()};
  for (int i = 0; i < 5000; ++i) {
    const std::string& above = directories[std::min<std::size_t>(
        directories.size() - 1, random() % (1 + directories.size() / (1 + random() % 4)))];
    const std::string name = std::to_string(i) + std::string(random() % 60, 'n');
    const std::string path = above + "/" + name;
    switch (random() % 8) {
      case 0:
      case 1:
        REQUIRE(mkdir(path.c_str(), 0755) == 0);
        directories.push_back(path);
        break;
      case 2:
        REQUIRE(symlink("..", path.c_str()) == 0);
        break;
      case 3:
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        break;
      default:
        std::ofstream{path} << i;
    }
  }
}

Paths listed_simply(const std::string& path) {
  Paths names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{path})
    names.insert(entry.path().string());
  return names;
}

TEST_CASE("any number of threads tells the same names as a simple recursion, each once") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Tree tree;
    grow(tree, seed);
    const Paths expected = listed_simply(tree.path());
    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
      CAPTURE(seed);
      CAPTURE(threads);
      Heard heard;
      sweep_into(heard, {.paths = {tree.path()}, .threads = threads}, names_into(heard));
      CHECK(heard.names == expected);
      CHECK(heard.progress.names == expected.size());
      CHECK(heard.outcome.gaps.empty());
      CHECK_FALSE(heard.outcome.stopped);
    }
  }
}

TEST_CASE("any number of threads reads the same files, each once") {
  Tree tree;
  grow(tree, 4);
  Paths expected;
  for (const std::string& path : listed_simply(tree.path())) {
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) expected.insert(path);
  }
  for (const unsigned threads : {1U, 2U, 4U, 8U}) {
    CAPTURE(threads);
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}, .threads = threads}, contents_into(heard));
    CHECK(heard.progress.files == expected.size());
    Paths read;
    for (const auto& [path, chunks] : heard.chunks) {
      if (chunks.size() == 1) read.insert(path);
    }
    CHECK(read == expected);
  }
}

TEST_CASE("little work stays on the calling thread") {
  Tree tree;
  tree.file("/one");
  Heard heard;
  sweep_into(heard, {.paths = {tree.path()}, .threads = 8}, names_into(heard));
  CHECK(heard.threads == std::set<unsigned>{0});
}

// Slow enough for the other threads to come to their turn.
SweepEvents slowly_into(Heard& heard) {
  SweepEvents events;
  events.chunk = [&heard](const SweptFile& file, const SweptChunk&) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
    const std::lock_guard lock{heard.mutex};
    heard.threads.insert(file.facts().thread);
    return Wanted::no;
  };
  return events;
}

TEST_CASE("the files of one directory are read by all threads, and so are the parts of one file") {
  Tree tree;
  tree.directory("/flat");
  for (int i = 0; i < 2000; ++i) tree.file("/flat/" + std::to_string(i));
  tree.file("/large", 0, 0600, std::string(64 << 20, 'x'));
  for (const char* start : {"/flat", "/large"}) {
    CAPTURE(start);
    Heard heard;
    sweep_into(heard, {.paths = {tree.at(start)}, .threads = 3}, slowly_into(heard));
    CHECK(heard.threads == std::set<unsigned>{0, 1, 2});
  }
}

TEST_CASE("special files are named and not opened") {
  Tree tree;
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0600) == 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, tree.at("/socket").c_str(), sizeof address.sun_path - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::size_t special = 2;
  // A device without a driver: to open it would be an error, and a gap.
  if (mknod(tree.at("/device").c_str(), S_IFCHR | 0600, makedev(250, 250)) == 0) ++special;
  Heard heard;
  SweepEvents events = contents_into(heard);
  events.name = [&](const SweptName& name) {
    CHECK(name.type == FileType::other);
    heard.names.insert(name.path());
  };
  sweep_into(heard, {.paths = {tree.path()}}, events);
  CHECK(heard.names.size() == special);
  CHECK(heard.chunks.empty());
  CHECK(heard.outcome.gaps.empty());
  close(listener);
}

TEST_CASE("symbolic links are named, never followed, wherever they lead") {
  Tree tree;
  tree.directory("/d");
  tree.file("/d/file");
  tree.link(".", "/d/here");
  tree.link("..", "/d/above");
  tree.link("/etc/passwd", "/d/elsewhere");
  tree.link("file", "/d/file_again");
  tree.link("loop", "/d/loop");
  Heard heard;
  SweepEvents events = contents_into(heard);
  events.name = names_into(heard).name;
  sweep_into(heard, {.paths = {tree.path()}, .threads = 4}, events);
  CHECK(heard.names.size() == 7);
  CHECK(heard.contents.size() == 1);
  CHECK(heard.outcome.gaps.empty());
}

TEST_CASE("what is excluded is neither named nor read, nor looked into, and is no gap") {
  Tree tree;
  tree.directory("/cache");
  tree.file("/cache/file");
  tree.directory("/kept");
  tree.file("/kept/file");
  tree.file("/kept/other");
  Heard heard;
  SweepEvents events = contents_into(heard);
  events.name = names_into(heard).name;
  events.excluded = [&](const SweptName& name) {
    return name.path() == tree.at("/cache") || name.name == "other";
  };
  sweep_into(heard, {.paths = {tree.path()}}, events);
  CHECK(heard.names == Paths{tree.at("/kept"), tree.at("/kept/file")});
  CHECK(heard.contents.size() == 1);
  CHECK(heard.outcome.gaps.empty());
}

TEST_CASE("what may not be opened is a gap with its reason, and all else is seen") {
  Tree tree;
  tree.directory("/closed", alice, 0);
  tree.directory("/open", alice);
  tree.file("/open/closed", alice, 0);
  tree.file("/open/file", alice);
  const Ending ending = in_child([&] {
    if (is_root() && setresuid(alice, alice, alice) != 0) return 1;
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}}, contents_into(heard));
    const auto gaps = heard.gaps();
    if (gaps.size() != 2) return 2;
    if (gaps.at(tree.at("/closed")) != "cannot be listed: open: permission denied") return 3;
    if (gaps.at(tree.at("/open/closed")) != "open: permission denied") return 4;
    return heard.contents.size() == 1 && heard.contents.contains(tree.at("/open/file")) ? 0 : 5;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("starts may be files, nested, repeated; links, special files and nothing are gaps") {
  Tree tree;
  tree.directory("/a");
  tree.directory("/a/b");
  tree.file("/a/b/file");
  tree.file("/a/other");
  tree.link("a", "/link");
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0600) == 0);
  Heard heard;
  SweepEvents events = contents_into(heard);
  events.name = names_into(heard).name;
  SweepOptions options;
  for (const char* below : {"/a", "/a", "/a/b", "/a/other", "/link", "/fifo", "/absent"})
    options.paths.push_back(tree.at(below));
  sweep_into(heard, options, events);
  CHECK(heard.contents.size() == 2);
  CHECK(heard.chunks.at(tree.at("/a/b/file")).size() == 1);
  CHECK(heard.names ==
        Paths{tree.at("/a/b"), tree.at("/a/b/file"), tree.at("/a/other"), tree.at("/a/other")});
  CHECK(heard.gaps() == std::map<std::string, std::string>{
                            {tree.at("/absent"), "stat: no such file or directory"},
                            {tree.at("/fifo"), "is neither a file nor a directory"},
                            {tree.at("/link"), "is a symbolic link, which is not followed"}});
}

TEST_CASE("a directory that is renamed meanwhile loses nothing, there or elsewhere") {
  Tree tree;
  for (const char* top : {"/a", "/b", "/c", "/d"}) {
    tree.directory(top);
    for (int i = 0; i < 20; ++i) {
      const std::string below = std::string{top} + "/" + std::to_string(i);
      tree.directory(below);
      tree.file(below + "/file");
    }
  }
  std::atomic<int> files{0};
  std::atomic<bool> moved{false};
  SweepEvents events;
  events.name = [&](const SweptName& name) {
    if (name.type == FileType::regular) ++files;
    if (name.name == "7" && !moved.exchange(true)) {
      const std::string above = name.directory.text();
      CHECK(rename(above.c_str(), (above + "-moved").c_str()) == 0);
    }
  };
  SweepProgress progress;
  const SweepOutcome outcome = sweep({.paths = {tree.path()}}, events, progress);
  CHECK(moved);
  CHECK(files == 80);
  CHECK(outcome.gaps.empty());
}

TEST_CASE("a sweep stops soon when it is told to, and says so") {
  Tree tree;
  grow(tree, 5);
  for (const unsigned threads : {1U, 4U}) {
    Heard heard;
    SweepEvents events = contents_into(heard);
    std::atomic<int> asked{0};
    events.keep_going = [&] { return ++asked < 300; };
    sweep_into(heard, {.paths = {tree.path()}, .threads = threads}, events);
    CHECK(heard.outcome.stopped);
    CHECK(heard.progress.files < 300);
  }
}

TEST_CASE("what an event throws, on whatever thread, ends the sweep and reaches its caller") {
  Tree tree;
  grow(tree, 6);
  for (const bool on_first : {true, false}) {
    CAPTURE(on_first);
    SweepEvents events;
    events.name = [&](const SweptName& name) {
      if ((name.thread == 0) == on_first) throw std::runtime_error{"enough"};
      std::this_thread::sleep_for(std::chrono::microseconds{50});  // The others come to their turn.
    };
    SweepProgress progress;
    const SweepOptions options{.paths = {tree.path()}, .threads = 4};
    CHECK_THROWS_WITH((void)sweep(options, events, progress), "enough");
  }
}

}  // namespace
}  // namespace cfwarden
