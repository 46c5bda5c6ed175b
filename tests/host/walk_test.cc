#include "cfwarden/host/walk.h"

#include "in_child.h"
#include "tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

using Paths = std::vector<std::string>;

// Everything that a walk told.
struct Told {
  Paths files;
  Paths directories;
  std::map<std::string, std::string> gaps;
  std::size_t names = 0;
  std::map<std::string, FileFacts> facts;
};

bool ends_in_pem(std::string_view path) {
  return path.ends_with(".pem");
}

WalkEvents events_into(Told& told) {
  WalkEvents events;
  events.wanted = ends_in_pem;
  events.file = [&told](Opened&& file) {
    told.files.push_back(file.path);
    told.facts[file.path] = file.facts;
  };
  events.directory = [&told](Opened&& directory) { told.directories.push_back(directory.path); };
  events.gap = [&told](Gap&& gap) { told.gaps[gap.path] = gap.why; };
  return events;
}

Told walked(const Opener& opener, const std::string& path, const WalkLimits& limits) {
  Told told;
  const auto start = opener.open(path, Named::yes);
  REQUIRE(start.has_value());
  told.names = walk(opener, *start, limits, events_into(told));
  return told;
}

Told walked(const Tree& tree, const WalkLimits& limits = any_depth) {
  const auto opener = Opener::at(tree.path());
  REQUIRE(opener.has_value());
  return walked(*opener, "/", limits);
}

// Directories /d/d/d..., each made below the last one's descriptor: no path is that long.
void dig(const Tree& tree, int depth, const char* name, const char* file) {
  int here = open(tree.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < depth; ++i) {
    REQUIRE(mkdirat(here, name, 0755) == 0);
    const int below = openat(here, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(below >= 0);
    close(here);
    here = below;
  }
  const int made = openat(here, file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(made >= 0);
  close(made);
  close(here);
}

TEST_CASE("a walk finds what is wanted, files before subdirectories, and counts every name") {
  Tree tree;
  tree.file("/z.pem");
  tree.file("/other");
  tree.directory("/b");
  tree.file("/b/y.pem");
  tree.directory("/a");
  tree.directory("/a/deep");
  tree.file("/a/deep/x.pem");
  const Told told = walked(tree);
  CHECK(told.files == Paths{"/z.pem", "/a/deep/x.pem", "/b/y.pem"});
  CHECK(told.directories == Paths{"/a", "/a/deep", "/b"});
  CHECK(told.gaps.empty());
  CHECK(told.names == 7);
  const FileFacts& deep = told.facts.at("/a/deep/x.pem");
  CHECK(deep.id.inode == inode_of(tree.at("/a/deep/x.pem")));
  REQUIRE(deep.ancestors.size() == 3);
  CHECK(deep.ancestors[0].path == "/");
  CHECK(deep.ancestors[1].path == "/a");
  CHECK(deep.ancestors[2].path == "/a/deep");
}

TEST_CASE("a walk below a directory keeps the ancestors and the territory above it") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  tree.directory("/home/alice/sub", 0);
  tree.file("/home/alice/sub/x.pem", alice);
  const auto opener = Opener::at(tree.path());
  const auto start = opener->open("/home/alice");
  WalkEvents events;
  std::size_t files = 0;
  events.wanted = ends_in_pem;
  events.gap = [](Gap&&) {};
  events.file = [&](Opened&& file) {
    ++files;
    CHECK(file.territory == Territory{.trusted = false, .uid = alice});
    REQUIRE(file.facts.ancestors.size() == 4);
    CHECK(file.facts.ancestors[2].path == "/home/alice");
    CHECK(file.facts.ancestors[2].permissions.uid == alice);
  };
  walk(*opener, *start, any_depth, events);
  CHECK(files == 1);
}

TEST_CASE("what lies too deep or beyond the count is a gap that names its directory") {
  Tree tree;
  tree.directory("/a");
  tree.file("/a/second.pem");
  tree.directory("/a/b");
  tree.file("/a/b/third.pem");
  const Told shallow = walked(tree, {.max_entries = 100, .max_depth = 2});
  CHECK(shallow.files == Paths{"/a/second.pem"});
  REQUIRE(shallow.gaps.size() == 1);
  CHECK(shallow.gaps.at("/a").find("more than 2 levels") != std::string::npos);
  const Told few = walked(tree, {.max_entries = 1, .max_depth = 9});
  CHECK(few.gaps.at("/a").find("more than 1 entries") != std::string::npos);
  CHECK_FALSE(few.gaps.contains("/"));
}

TEST_CASE("special files and links with a wanted name are gaps, others are nothing") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  for (const std::string end : {".pem", ""}) {
    REQUIRE(mkfifo(tree.at("/home/alice/fifo" + end).c_str(), 0600) == 0);
    tree.link("/etc/shadow", "/home/alice/link" + end, 0);
    tree.link("/nowhere", "/home/alice/dangling" + end, alice);
    tree.directory("/home/alice/directory" + end, alice);
    tree.link("directory", "/home/alice/to-directory" + end, alice);
  }
  tree.file("/home/alice/directory/real.pem", alice);
  tree.link("directory/real.pem", "/home/alice/own.pem", alice);
  const auto opener = Opener::at(tree.path());
  const Told told = walked(*opener, "/home/alice", any_depth);
  CHECK(told.files == Paths{"/home/alice/own.pem", "/home/alice/directory/real.pem"});
  CHECK(told.gaps.size() == 2);  // What lies behind to-directory is met without it.
  CHECK(told.gaps.at("/home/alice/fifo.pem") == "is a FIFO, not a regular file");
  CHECK(told.gaps.at("/home/alice/link.pem").find("of root to /etc/shadow") != std::string::npos);
  const Told bounded = walked(*opener, "/home/alice", default_directory_limits);
  CHECK(bounded.gaps.size() == 3);
  CHECK(bounded.gaps.at("/home/alice/to-directory.pem").find("link to a directory") !=
        std::string::npos);
}

TEST_CASE("root's own link to a directory is followed once, by the name of the link") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/named");
  tree.directory("/named/inside");
  tree.file("/named/inside/a.pem");
  tree.link("inside", "/named/to-inside");
  tree.link("..", "/named/inside/to-above");
  tree.directory("/elsewhere");
  tree.directory("/elsewhere/deep");
  tree.file("/elsewhere/deep/b.pem");
  tree.link("/elsewhere", "/named/link");
  tree.link("/elsewhere/deep", "/named/link-too");
  tree.link("/named", "/elsewhere/back");
  const auto opener = Opener::at(tree.path());
  const Told told = walked(*opener, "/named", any_depth);
  CHECK(told.gaps.empty());
  CHECK(told.files == Paths{"/named/inside/a.pem", "/named/link/deep/b.pem"});
  CHECK(told.directories == Paths{"/named/inside", "/named/link", "/named/link/deep"});
  CHECK(told.facts.at("/named/link/deep/b.pem").ancestors.back().path == "/elsewhere/deep");
}

TEST_CASE("links to more directories than there are descriptors are all followed") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/named");
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::to_string(i);
    tree.directory("/" + name);
    tree.file("/" + name + "/x.pem");
    tree.link("/" + name, "/named/" + name);
  }
  const auto ending = in_child([&] {
    const rlimit few{.rlim_cur = 64, .rlim_max = 64};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 9;
    const auto opener = Opener::at(tree.path());
    const Told told = walked(*opener, "/named", any_depth);
    if (!told.gaps.empty()) return 1;
    return told.files.size() == 100 ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a link to what holds the named directory leads through everything else in it once") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/named");
  tree.file("/named/a.pem");
  tree.directory("/beside");
  tree.file("/beside/b.pem");
  tree.link("/", "/named/up");
  const auto opener = Opener::at(tree.path());
  const Told told = walked(*opener, "/named", any_depth);
  CHECK(told.gaps.empty());
  CHECK(told.files == Paths{"/named/a.pem", "/named/up/beside/b.pem"});
}

TEST_CASE(
    "a user's link to a directory is a gap that names its target, unless the walk gets there") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  tree.directory("/home/alice/inside", alice);
  tree.link("inside", "/home/alice/to-inside", alice);
  tree.directory("/srv");
  tree.directory("/srv/alice", alice);
  tree.file("/srv/alice/a.pem", alice);
  tree.link("/srv/alice", "/home/alice/own", alice);
  tree.link("/srv", "/home/alice/of-root", alice);
  tree.file("/srv/file", 0, 0644);
  tree.link("/srv/file", "/home/alice/file-of-root", alice);
  const auto opener = Opener::at(tree.path());
  const Told told = walked(*opener, "/home/alice", any_depth);
  CHECK(told.files.empty());
  CHECK(told.gaps.size() == 2);
  CHECK(told.gaps.at("/home/alice/own") ==
        "is a symbolic link to the directory /srv/alice, which is not followed");
  CHECK(told.gaps.at("/home/alice/of-root").find("to /srv is not followed") != std::string::npos);
  const Told shallow = walked(*opener, "/home/alice", default_directory_limits);
  CHECK(shallow.gaps.empty());
}

TEST_CASE("files beyond the bound of a whole walk are one gap of the directory it began in") {
  Tree tree;
  for (const std::string name : {"/a", "/b"}) {
    tree.directory(name);
    for (int i = 0; i < 5; ++i) tree.file(name + "/" + std::to_string(i) + ".pem");
  }
  REQUIRE(mkfifo(tree.at("/a/fifo.pem").c_str(), 0600) == 0);
  const Told told = walked(tree, {.max_entries = 100, .max_depth = 9, .max_files = 8});
  CHECK(told.files.size() == 7);
  CHECK(told.files.back() == "/b/1.pem");
  CHECK(told.gaps.at("/").find("more than 8 files") != std::string::npos);
  CHECK(told.gaps.size() == 2);
  const Told exactly = walked(tree, {.max_entries = 100, .max_depth = 9, .max_files = 11});
  CHECK(exactly.gaps.size() == 1);
  CHECK(default_directory_limits.max_files == 10'000);
}

TEST_CASE("what is excluded is no gap, and nothing below it is looked at") {
  Tree tree;
  tree.directory("/kept");
  tree.directory("/left");
  tree.file("/kept/a.pem");
  tree.file("/left/b.pem");
  tree.file("/kept/c.pem");
  const auto opener = Opener::at(tree.path());
  Told told;
  WalkEvents events = events_into(told);
  events.excluded = [](std::string_view path) { return path == "/left" || path == "/kept/c.pem"; };
  walk(*opener, *opener->open("/"), any_depth, events);
  CHECK(told.files == Paths{"/kept/a.pem"});
  CHECK(told.gaps.empty());
}

TEST_CASE("a walk stops when it is told to") {
  Tree tree;
  for (const std::string name : {"/a", "/b", "/c"}) {
    tree.directory(name);
    tree.file(name + "/x.pem");
  }
  const auto opener = Opener::at(tree.path());
  Told told;
  WalkEvents events = events_into(told);
  events.keep_going = [](std::size_t names) { return names < 4; };
  walk(*opener, *opener->open("/"), any_depth, events);
  CHECK(told.files == Paths{"/a/x.pem"});
}

TEST_CASE("a directory that is closed to the caller is a gap") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/closed", 0, 0700);
  tree.directory("/unlisted", 0, 0711);
  tree.directory("/open");
  tree.file("/open/a.pem");
  const auto ending = in_child([&] {
    if (setgid(mallory) != 0 || setuid(mallory) != 0) return 9;
    const auto opener = Opener::at(tree.path());
    Told told;
    walk(*opener, *opener->open("/"), any_depth, events_into(told));
    if (told.files != Paths{"/open/a.pem"}) return 1;
    if (told.gaps.size() != 2) return 2;
    return told.gaps["/closed"].find("ermission denied") != std::string::npos ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("three thousand levels lose nothing with 64 descriptors, on the way down and up") {
  Tree tree;
  constexpr int depth = 3000;
  dig(tree, depth, "d", "bottom.pem");
  // Found only after the walk has come all the way up again.
  tree.directory("/d/z");
  tree.file("/d/z/late.pem");
  tree.directory("/d/d/d/z");
  tree.file("/d/d/d/z/late.pem");
  const auto ending = in_child([&] {
    const rlimit few{.rlim_cur = 64, .rlim_max = 64};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 9;
    const auto opener = Opener::at(tree.path());
    Told told;
    const std::size_t names = walk(*opener, *opener->open("/"), any_depth, events_into(told));
    if (!told.gaps.empty()) {
      std::printf("%.200s: %s\n", told.gaps.begin()->first.c_str(),
                  told.gaps.begin()->second.c_str());
      return 1;
    }
    if (told.files.size() != 3 || !told.files[0].ends_with("/d/d/bottom.pem")) return 2;
    if (told.files[1] != "/d/d/d/z/late.pem" || told.files[2] != "/d/z/late.pem") return 3;
    if (told.directories.size() != depth + 2) return 4;
    const FileFacts& deepest = told.facts[told.files[0]];
    if (deepest.ancestors.back().path != told.files[0].substr(0, 2 * depth)) return 5;
    return names == depth + 5 ? 0 : 6;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a walk whose events hold all descriptors but a few goes on with those") {
  Tree tree;
  dig(tree, 100, "d", "bottom.pem");
  for (int i = 0; i < 100; ++i) tree.file("/" + std::to_string(i) + ".pem");
  const auto ending = in_child([&] {
    const rlimit few{.rlim_cur = 40, .rlim_max = 40};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 9;
    const auto opener = Opener::at(tree.path());
    const auto start = opener->open("/");
    while (dup(0) >= 0) {
    }
    for (int i = 39; i > 33; --i) close(i);
    Told told;
    walk(*opener, *start, any_depth, events_into(told));
    if (!told.gaps.empty()) return 1;
    return told.files.size() == 101 ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a tree that is moved away during the walk costs nothing that is still there") {
  Tree tree;
  dig(tree, 40, "d", "bottom.pem");
  tree.directory("/d/z");
  tree.file("/d/z/late.pem");
  const auto opener = Opener::at(tree.path());
  Told told;
  WalkEvents events = events_into(told);
  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += "/d";
  events.file = [&](Opened&& file) {
    told.files.push_back(file.path);
    // From the middle of the way down to beside it: ".." leads elsewhere now.
    if (file.path.ends_with("bottom.pem")) {
      REQUIRE(rename(tree.at(twenty).c_str(), tree.at("/moved").c_str()) == 0);
    }
  };
  walk(*opener, *opener->open("/"), any_depth, events);
  CHECK(told.files.size() == 2);
  CHECK(told.files.back() == "/d/z/late.pem");
}

TEST_CASE("a wide directory is walked whole") {
  Tree tree;
  constexpr int width = 3000;
  for (int i = 0; i < width; ++i) tree.directory("/" + std::to_string(i));
  tree.file("/2999/x.pem");
  const Told told = walked(tree);
  CHECK(told.directories.size() == width);
  CHECK(told.files == Paths{"/2999/x.pem"});
  CHECK(told.gaps.empty());
}

TEST_CASE("kernel interfaces are passed by in silence, mounts below a user's directory are gaps") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/proc");
  tree.directory("/alice", alice);
  tree.directory("/alice/proc", alice);
  tree.directory("/alice/mount", alice);
  tree.directory("/mounted");
  tree.file("/alice/x.pem", alice);
  tree.directory("/source");
  tree.file("/source/y.pem");
  const auto ending = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    const std::string source = tree.at("/source");
    for (const std::string target : {"/proc", "/alice/proc"}) {
      if (mount("proc", tree.at(target).c_str(), "proc", 0, nullptr) != 0) return 77;
    }
    for (const std::string target : {"/alice/mount", "/mounted"}) {
      if (mount(source.c_str(), tree.at(target).c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    }
    const auto opener = Opener::at(tree.path());
    Told told;
    walk(*opener, *opener->open("/"), any_depth, events_into(told));
    if (told.gaps.size() != 1 || !told.gaps.contains("/alice/mount")) return 1;
    return told.files == Paths{"/alice/x.pem", "/mounted/y.pem", "/source/y.pem"} ? 0 : 2;
  });
  if (ending.exit_code == 77) {
    MESSAGE("skipped: no mount namespace here");
  } else {
    CHECK(ending.exit_code == 0);
  }
}

}  // namespace
}  // namespace cfwarden
