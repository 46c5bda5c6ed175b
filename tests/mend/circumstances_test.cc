#include "cfwarden/mend/circumstances.h"

#include "../host/in_child.h"
#include "../host/tree.h"
#include "cfwarden/host/acl.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

Circumstances around(const Tree& tree, const std::string& path) {
  auto opener = Opener::at(tree.path());
  REQUIRE(opener.has_value());
  const auto object = opener->open(path);
  REQUIRE_MESSAGE(object.has_value(), (object ? "" : object.error().what));
  const auto found = circumstances_of(*object);
  REQUIRE(found.has_value());
  return *found;
}

TEST_CASE("a file's facts are those of now, with every directory above") {
  Tree tree;
  tree.directory("/etc");
  const std::string real = tree.file("/etc/token", geteuid(), 0644);
  auto opener = Opener::at(tree.path());
  const auto object = opener->open("/etc/token");
  REQUIRE(object.has_value());
  REQUIRE(chmod(real.c_str(), 0640) == 0);
  const std::string acl = encode_acl({{AclTag::owner, 0, 6},
                                      {AclTag::user, mallory, 4},
                                      {AclTag::group, 0, 0},
                                      {AclTag::mask, 0, 4},
                                      {AclTag::others, 0, 0}});
  const bool has_acls =
      setxattr(real.c_str(), access_acl_attribute, acl.data(), acl.size(), 0) == 0;
  const auto found = circumstances_of(*object);
  REQUIRE(found.has_value());
  CHECK(found->facts.permissions.mode == 0640);
  if (has_acls) CHECK(found->facts.permissions.acl.size() == 5);
  REQUIRE(found->facts.ancestors.size() == 2);
  CHECK(found->facts.ancestors[1].path == "/etc");
  CHECK(found->path == "/etc/token");
  CHECK(found->location == "/etc/token");
  CHECK(found->link == "");
  CHECK_FALSE(found->is_immutable);
  CHECK_FALSE(found->is_append_only);
  CHECK_FALSE(found->is_read_only);
  CHECK_FALSE(found->is_unmapped);
  CHECK(found->remote_type == "");
}

TEST_CASE("what was opened without the directories above cannot be asked") {
  Tree tree;
  tree.file("/token");
  auto opener = Opener::at(tree.path());
  const auto object = opener->open("/token", Named::no, Detail::status);
  REQUIRE(object.has_value());
  CHECK_FALSE(circumstances_of(*object).has_value());
}

TEST_CASE("trust is that of the directory which holds the object, not of what it holds") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  tree.directory("/home/alice/.cloudflared", alice);
  tree.file("/home/alice/.cloudflared/cert.pem", alice);
  tree.directory("/open", 0, 0777);
  tree.directory("/open/closed");
  tree.directory("/tmp", 0, 01777);
  tree.directory("/tmp/roots");
  tree.file("/tmp/roots/token");
  const struct {
    std::string path;
    bool is_trusted;
    std::uint32_t uid;
  } cases[] = {{"/", true, 0},
               {"/home", true, 0},
               {"/home/alice", true, 0},
               {"/home/alice/.cloudflared", false, alice},
               {"/home/alice/.cloudflared/cert.pem", false, alice},
               {"/open", true, 0},
               {"/open/closed", false, 65534},
               {"/tmp/roots", false, 65534},
               {"/tmp/roots/token", true, 0}};
  for (const auto& row : cases) {
    CAPTURE(row.path);
    const Circumstances found = around(tree, row.path);
    CHECK(found.is_trusted == row.is_trusted);
    CHECK(found.uid == row.uid);
  }
  const auto opener = Opener::at(tree.path());
  const auto entry = opener->open_in(*opener->open("/home/alice"), ".cloudflared");
  REQUIRE(entry.has_value());
  CHECK(circumstances_of(*entry)->uid == alice);
  const auto home = opener->open_in(*opener->open("/home"), "alice");
  REQUIRE(home.has_value());
  CHECK(circumstances_of(*home)->is_trusted);
}

TEST_CASE("a user's link on the way is named, a link of root's in trusted territory is not") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/usr");
  tree.directory("/usr/home");
  tree.link("/usr/home", "/home");
  tree.directory("/usr/home/alice", alice);
  tree.directory("/usr/home/alice/dot", alice);
  tree.file("/usr/home/alice/dot/cert.pem", alice);
  tree.link("dot", "/usr/home/alice/.cloudflared", alice);
  const Circumstances straight = around(tree, "/home/alice/dot/cert.pem");
  CHECK(straight.link == "");
  CHECK(straight.location == "/usr/home/alice/dot/cert.pem");
  CHECK(around(tree, "/home/alice").is_trusted);
  const Circumstances linked = around(tree, "/home/alice/.cloudflared/cert.pem");
  CHECK(linked.link == "symbolic link /usr/home/alice/.cloudflared of uid 54321 to dot");
  CHECK(linked.path == "/home/alice/.cloudflared/cert.pem");
  CHECK(linked.location == "/usr/home/alice/dot/cert.pem");
  const Circumstances directory = around(tree, "/home/alice/.cloudflared");
  CHECK(directory.link == linked.link);
  CHECK_FALSE(directory.is_trusted);
  CHECK(directory.uid == alice);
}

TEST_CASE("an immutable file and one that only grows are told apart") {
  if (needs_root()) return;
  Tree tree;
  const std::string real = tree.file("/token");
  const Descriptor file{open(real.c_str(), O_RDONLY | O_CLOEXEC)};
  int flags = 0;
  if (ioctl(file.get(), FS_IOC_GETFLAGS, &flags) != 0) {
    MESSAGE("skipped: no such flags on this file system");
    return;
  }
  for (const int flag : {FS_IMMUTABLE_FL, FS_APPEND_FL}) {
    CAPTURE(flag);
    const int with = flags | flag;
    if (ioctl(file.get(), FS_IOC_SETFLAGS, &with) != 0) return;
    const Circumstances found = around(tree, "/token");
    CHECK(found.is_immutable == (flag == FS_IMMUTABLE_FL));
    CHECK(found.is_append_only == (flag == FS_APPEND_FL));
    REQUIRE(ioctl(file.get(), FS_IOC_SETFLAGS, &flags) == 0);
  }
}

TEST_CASE("a read-only mount over a writable file system is read-only") {
  if (needs_root()) return;
  Tree tree;
  tree.file("/token");
  const auto ending = in_child([&] {
    const char* root = tree.path().c_str();
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (mount(root, root, nullptr, MS_BIND, nullptr) != 0) return 77;
    if (around(tree, "/token").is_read_only) return 1;
    if (mount(nullptr, root, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 77;
    return around(tree, "/token").is_read_only ? 0 : 2;
  });
  if (ending.exit_code == 77) MESSAGE("skipped: no mount namespace here");
  if (ending.exit_code != 77) CHECK(ending.exit_code == 0);
}

bool write_text(const char* path, std::string_view text) {
  const Descriptor file{open(path, O_WRONLY | O_CLOEXEC)};
  return write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

TEST_CASE("in a user namespace an id that has no number here is told from one that has") {
  if (needs_root()) return;
  Tree tree;
  tree.file("/mapped", 0, 0644);
  tree.file("/unmapped", alice, 0644);
  tree.file("/nobodys", 65534, 0644);
  CHECK_FALSE(around(tree, "/nobodys").is_unmapped);
  CHECK_FALSE(around(tree, "/unmapped").is_unmapped);
  const auto ending = in_child([&] {
    if (unshare(CLONE_NEWUSER) != 0) return 77;
    if (!write_text("/proc/self/setgroups", "deny")) return 77;
    if (!write_text("/proc/self/uid_map", "0 0 1")) return 77;
    if (!write_text("/proc/self/gid_map", "0 0 1")) return 77;
    if (around(tree, "/mapped").is_unmapped) return 1;
    return around(tree, "/unmapped").is_unmapped ? 0 : 2;
  });
  if (ending.exit_code == 77) MESSAGE("skipped: no user namespace here");
  if (ending.exit_code != 77) CHECK(ending.exit_code == 0);
}

TEST_CASE("a map covers every id by one line or by several") {
  CHECK(maps_every_id("         0          0 4294967295\n"));
  CHECK(maps_every_id("0 0 65534\n65534 65534 4294901761\n"));
  CHECK(maps_every_id(""));
  CHECK_FALSE(maps_every_id("         0       1000          1\n"));
  CHECK_FALSE(maps_every_id("0 1000 1\n1 100000 65536\n"));
  CHECK_FALSE(maps_every_id("nonsense"));
}

}  // namespace
}  // namespace cfwarden
