// What a sweep does where other file systems begin; in mount namespaces of its own.
#include "../host/in_child.h"
#include "../host/refused_call.h"
#include "../host/tree.h"
#include "heard.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>

namespace cfwarden {
namespace {

constexpr int no_namespaces = 77;

bool mounted(const char* what, const std::string& where, const char* type, unsigned long flags) {
  return mount(what, where.c_str(), type, flags, nullptr) == 0;
}

bool has_own_mounts() {
  return unshare(CLONE_NEWNS) == 0 && mounted("none", "/", nullptr, MS_REC | MS_PRIVATE);
}

// Runs `steps` with openat2 and then without it.
template <class Steps>
void both_ways(const Steps& steps) {
  for (const bool has_openat2 : {true, false}) {
    CAPTURE(has_openat2);
    const Ending ending = in_child([&] {
      if (!has_openat2 && !refuse_call(SYS_openat2, ENOSYS)) return 98;
      return has_own_mounts() ? steps() : no_namespaces;
    });
    if (ending.exit_code == no_namespaces) {
      MESSAGE("skipped: no mount namespace may be made here");
    } else {
      CHECK(ending.exit_code == 0);
    }
  }
}

TEST_CASE("local mounts are walked, kernel interfaces are not and are told with their type") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    tree.directory("/disk");
    tree.directory("/proc");
    if (!mounted("tmpfs", tree.at("/disk"), "tmpfs", 0)) return 1;
    if (!mounted("proc", tree.at("/proc"), "proc", 0)) return 2;
    tree.file("/disk/file");
    Heard heard;
    SweepEvents events = contents_into(heard);
    events.name = names_into(heard).name;
    sweep_into(heard, {.paths = {tree.path()}}, events);
    int wrong = 0;
    if (heard.contents.size() != 1) wrong = 3;
    if (heard.skipped() !=
        std::map<std::string, std::string>{{tree.at("/proc"), "proc: kernel interface"}})
      wrong = 4;
    if (heard.names != Paths{tree.at("/disk"), tree.at("/disk/file"), tree.at("/proc")}) wrong = 5;
    if (!heard.outcome.gaps.empty()) wrong = 6;
    (void)umount2(tree.at("/disk").c_str(), MNT_DETACH);
    (void)umount2(tree.at("/proc").c_str(), MNT_DETACH);
    return wrong;
  });
}

TEST_CASE("with no crossing every mount is told and none is entered, nor a file that is one") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    tree.directory("/disk");
    tree.file("/over");
    tree.file("/under");
    if (!mounted("tmpfs", tree.at("/disk"), "tmpfs", 0)) return 1;
    tree.file("/disk/file");
    if (!mounted(tree.at("/over").c_str(), tree.at("/under"), nullptr, MS_BIND)) return 2;
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}, .crossing = MountCrossing::none},
               contents_into(heard));
    const bool right = heard.skipped() == std::map<std::string, std::string>{
                                              {tree.at("/disk"), ": another file system"},
                                              {tree.at("/under"), ": another file system"}};
    const bool read = heard.contents.size() == 1;
    (void)umount2(tree.at("/disk").c_str(), MNT_DETACH);
    (void)umount2(tree.at("/under").c_str(), MNT_DETACH);
    return right ? (read ? 0 : 3) : 4;
  });
}

TEST_CASE("one directory that is mounted in several places is walked once, in the first by path") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    for (const char* name : {"/a", "/b", "/c"}) tree.directory(name);
    if (!mounted("tmpfs", tree.at("/c"), "tmpfs", 0)) return 1;
    tree.file("/c/file");
    if (!mounted(tree.at("/c").c_str(), tree.at("/b"), nullptr, MS_BIND)) return 2;
    if (!mounted(tree.at("/c").c_str(), tree.at("/a"), nullptr, MS_BIND)) return 3;
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}, .threads = 4}, names_into(heard));
    const std::string same = ": the same directory as " + tree.at("/a");
    const bool right = heard.skipped() == std::map<std::string, std::string>{{tree.at("/b"), same},
                                                                             {tree.at("/c"), same}};
    const bool once = heard.names.count(tree.at("/a/file")) == 1 && heard.names.size() == 4;
    for (const char* name : {"/a", "/b", "/c"}) (void)umount2(tree.at(name).c_str(), MNT_DETACH);
    return right ? (once ? 0 : 4) : 5;
  });
}

TEST_CASE("a mount over the place of another, and of a directory into itself, ends") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    tree.directory("/a");
    tree.directory("/a/b");
    tree.file("/a/file");
    if (!mounted(tree.path().c_str(), tree.at("/a/b"), nullptr, MS_BIND | MS_REC)) return 1;
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}}, names_into(heard));
    (void)umount2(tree.at("/a/b").c_str(), MNT_DETACH);
    if (heard.names != Paths{tree.at("/a"), tree.at("/a/b"), tree.at("/a/file")}) return 2;
    return heard.skipped().at(tree.at("/a/b")) == ": the same directory as " + tree.path() ? 0 : 3;
  });
}

TEST_CASE("a file system that never answers holds up nothing") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    tree.directory("/hung");
    tree.directory("/other");
    tree.file("/other/file");
    // Nobody reads what the kernel asks here.
    const int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    const std::string how = "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0";
    if (device < 0 || mount("none", tree.at("/hung").c_str(), "fuse", MS_NOSUID, how.c_str()) != 0)
      return no_namespaces;
    alarm(30);
    Heard heard;
    sweep_into(heard, {.paths = {tree.path()}}, contents_into(heard));
    alarm(0);
    (void)umount2(tree.at("/hung").c_str(), MNT_DETACH);
    close(device);
    if (heard.contents.size() != 1 || !heard.outcome.gaps.empty()) return 1;
    return heard.skipped() == std::map<std::string, std::string>{{tree.at("/hung"),
                                                                  "fuse: remote file system"}}
               ? 0
               : 2;
  });
}

TEST_CASE("a file system that does not tell types in its listings is walked all the same") {
  if (needs_root()) return;
  both_ways([] {
    Tree tree;
    tree.directory("/disk");
    tree.file("/image", 0, 0600, "");
    const std::string quiet = " >/dev/null 2>&1";
    const std::string make = "truncate -s 4M " + tree.at("/image") + " && mkfs.ext4 -O ^filetype " +
                             tree.at("/image") + quiet;
    const std::string use = "mount -o loop " + tree.at("/image") + " " + tree.at("/disk") + quiet;
    if (std::system(make.c_str()) != 0 || std::system(use.c_str()) != 0) return no_namespaces;
    tree.directory("/disk/d");
    tree.file("/disk/d/file");
    tree.link("d", "/disk/link");
    Heard heard;
    SweepEvents events = contents_into(heard);
    std::map<std::string, FileType> types;
    events.name = [&](const SweptName& name) { types[std::string{name.name}] = name.type; };
    sweep_into(heard, {.paths = {tree.at("/disk/d"), tree.at("/disk")}}, events);
    (void)umount2(tree.at("/disk").c_str(), MNT_DETACH);
    if (!heard.contents.contains(tree.at("/disk/d/file"))) return 1;
    if (types.at("file") != FileType::regular || types.at("d") != FileType::directory) return 2;
    return types.at("link") == FileType::symlink ? 0 : 3;
  });
}

TEST_CASE("a kernel interface is not walked even when it is named") {
  Heard heard;
  sweep_into(heard, {.paths = {"/proc"}}, names_into(heard));
  CHECK(heard.names.empty());
  CHECK(heard.skipped() == std::map<std::string, std::string>{{"/proc", "proc: kernel interface"}});
}

}  // namespace
}  // namespace cfwarden
