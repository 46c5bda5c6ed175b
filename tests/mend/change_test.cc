#include "cfwarden/mend/change.h"

#include "../host/in_child.h"
#include "../host/refused_call.h"
#include "cfwarden/host/acl.h"
#include "cfwarden/mend/take_steps.h"
#include "mended_tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

// Root's, or in the tests of an ordinary user that user's own.
std::uint32_t own_uid() {
  return geteuid();
}

Attributes own(unsigned mode) {
  return plain(mode, geteuid(), getegid());
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status;
}

bool put_acl(const std::string& path, const char* attribute, const std::vector<AclEntry>& acl) {
  const std::string xattr = encode_acl(acl);
  if (setxattr(path.c_str(), attribute, xattr.data(), xattr.size(), 0) == 0) return true;
  MESSAGE("skipped: no ACLs on this file system");
  return false;
}

// Alice's home with one file of hers; the directories above are root's.
std::string alices_file(Tree& tree, mode_t mode = 0644) {
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  tree.file("/home/alice/token", alice, mode);
  return "/home/alice/token";
}

TEST_SUITE_BEGIN("change");

TEST_CASE("of all 4096 modes tightening sets no bit and clears the unwanted ones") {
  Tree tree;
  const std::string path = tree.file("/token");
  for (unsigned mode = 0; mode < 010000; ++mode) {
    CAPTURE(mode);
    REQUIRE(chmod(path.c_str(), mode) == 0);
    const Looked token = looked(tree.path(), "/token");
    const unsigned before = token.expected.attributes.permissions.mode;
    const ChangeResult result = token.change_to(own(before & 0600));
    REQUIRE_MESSAGE(std::holds_alternative<Changed>(result), told(result));
    const struct stat status = status_of(path);
    CHECK((status.st_mode & 07777) == (before & 0600));
    CHECK(std::get<Changed>(result).changed_nanoseconds ==
          status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec);
  }
}

TEST_CASE("in a user's territory the same is done as that user") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = alices_file(tree);
  for (unsigned mode = 0; mode < 010000; mode += 0111) {
    CAPTURE(mode);
    REQUIRE(chmod(tree.at(path).c_str(), mode) == 0);
    const Looked token = looked(tree.path(), path);
    const ChangeResult result = token.change_to(plain(mode & 0600, alice, alice));
    REQUIRE_MESSAGE(std::holds_alternative<Changed>(result), told(result));
    CHECK((status_of(tree.at(path)).st_mode & 07777) == (mode & 0600));
  }
}

TEST_CASE("nothing to change is changed already") {
  Tree tree;
  tree.file("/token");
  CHECK(told(looked(tree.path(), "/token").change_to(own(0600))) == "changed");
}

TEST_CASE("ACLs go from files and directories, in trusted territory and in a user's") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree, 0640);
  tree.file("/token", 0, 0640);
  for (const std::string path : {"/token", "/home/alice/token", "/home/alice", "/home"}) {
    CAPTURE(path);
    const std::string real = tree.at(path);
    const struct stat status = status_of(real);
    if (!put_acl(real, access_acl_attribute, acl_for(0640, 0, mallory, 4))) return;
    if (S_ISDIR(status.st_mode) &&
        !put_acl(real, default_acl_attribute, acl_for(0750, 5, mallory, 5))) {
      return;
    }
    const Looked object = looked(tree.path(), path);
    REQUIRE(object.expected.attributes.permissions.acl.size() == 5);
    const Attributes after = plain(0600, status.st_uid, status.st_gid);
    CHECK(told(object.change_to(after)) == "changed");
    CHECK(object.present() == after);
    if (S_ISDIR(status.st_mode)) REQUIRE(chmod(real.c_str(), 0755) == 0);
  }
}

TEST_CASE("an ACL is trimmed to what stays") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = alices_file(tree, 0640);
  std::vector<AclEntry> acl = acl_for(0660, 6, mallory, 6);
  acl.insert(acl.begin() + 2, {AclTag::user, 54330, 6});
  if (!put_acl(tree.at(path), access_acl_attribute, acl)) return;
  const Looked token = looked(tree.path(), path);
  Attributes after = plain(0640, alice, alice);
  after.permissions.acl = acl_for(0640, 0, mallory, 4);
  CHECK(told(token.change_to(after)) == "changed");
  CHECK(token.present() == after);
}

TEST_CASE("in trusted territory owner and group change, and lend nobody a setuid bit") {
  if (needs_root()) return;
  Tree tree;
  tree.file("/token", alice, 04750);
  const Looked token = looked(tree.path(), "/token");
  CHECK(told(token.change_to(plain(04700, 0, 0), Direction::restore)) == "changed");
  CHECK(token.present() == plain(04700, 0, 0));
  tree.file("/other", alice, 04750);
  const Looked other = looked(tree.path(), "/other");
  CHECK(told(other.change_to(plain(0600, 0, 0))) == "changed");
  CHECK(other.present() == plain(0600, 0, 0));
}

TEST_CASE("a directory of root's that was open to all is closed as root") {
  if (needs_root()) return;
  Tree tree;
  tree.directory("/etc");
  tree.directory("/etc/cloudflared", 0, 0777);
  const Looked directory = looked(tree.path(), "/etc/cloudflared");
  CHECK(told(directory.change_to(plain(0755, 0, 0))) == "changed");
  CHECK(directory.present() == plain(0755, 0, 0));
}

TEST_CASE("in a user's territory owner and group never change") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = alices_file(tree);
  const Looked token = looked(tree.path(), path);
  for (const Attributes& after :
       {plain(0600, 0, alice), plain(0600, alice, 0), plain(0600, mallory, mallory)}) {
    CHECK(told(token.change_to(after, Direction::restore)) ==
          "untouched: owner and group are not changed in a directory of uid 54321");
  }
  CHECK(token.present() == plain(0644, alice, alice));
}

TEST_CASE("what is not the user's own in the user's directory is refused by the kernel") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  tree.directory("/etc");
  tree.file("/etc/roots", 0, 0644);
  tree.file("/etc/mallorys", mallory, 0644);
  // A second name, and then the only one: as after root replaced its file atomically.
  for (const std::string name : {"roots", "mallorys"}) {
    CAPTURE(name);
    const std::string victim = tree.at("/home/alice/" + name);
    REQUIRE(link(tree.at("/etc/" + name).c_str(), victim.c_str()) == 0);
    const Looked two = looked(tree.path(), "/home/alice/" + name);
    Attributes after = two.expected.attributes;
    after.permissions.mode = 0600;
    CHECK(told(two.change_to(after)) ==
          "untouched: changed since it was looked at: it has 2 names");
    REQUIRE(unlink(tree.at("/etc/" + name).c_str()) == 0);
    const struct stat before = status_of(victim);
    const Looked one = looked(tree.path(), "/home/alice/" + name);
    CHECK(told(one.change_to(after)) == "untouched: chmod: operation not permitted");
    const struct stat now = status_of(victim);
    CHECK(now.st_mode == before.st_mode);
    CHECK(now.st_uid == before.st_uid);
    CHECK(now.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
  }
}

TEST_CASE("a file that took the path meanwhile is left alone, and is told of") {
  if (needs_root()) return;
  Tree tree;
  const std::string path = alices_file(tree);
  tree.file("/home/alice/other", alice, 0644);
  const Looked token = looked(tree.path(), path);
  const auto swap = [&] {
    REQUIRE(syscall(SYS_renameat2, AT_FDCWD, tree.at(path).c_str(), AT_FDCWD,
                    tree.at("/home/alice/other").c_str(), RENAME_EXCHANGE) == 0);
  };
  swap();
  CHECK(told(token.change_to(plain(0600, alice, alice))) ==
        "untouched: changed since it was looked at: its time of change (ctime) is another one");
  Looked late = looked(tree.path(), path);
  swap();
  late.expected.changed_nanoseconds = 0;
  CHECK(told(late.change_to(plain(0600, alice, alice))) ==
        "half-changed: not as wanted afterwards: another object lies there");
  CHECK((status_of(tree.at(path)).st_mode & 07777) == 0644);
  CHECK(late.present() == plain(0600, alice, alice));
}

TEST_CASE("what differs from what was looked at is named, and nothing is changed") {
  if (needs_root()) return;
  Tree tree;
  const std::string real = tree.at("/token");
  const struct {
    std::string said;
    void (*meddle)(const std::string& path);
  } cases[] = {
      {"its mode is 0640, not 0644", [](const std::string& path) { chmod(path.c_str(), 0640); }},
      {"its owner is uid 54321, not uid 0",
       [](const std::string& path) { (void)!chown(path.c_str(), alice, 0); }},
      {"its group is gid 54321, not gid 0",
       [](const std::string& path) { (void)!chown(path.c_str(), 0, alice); }},
      {"its time of change (ctime) is another one",
       [](const std::string& path) { chmod(path.c_str(), 0644); }},
      {"it has 2 names",
       [](const std::string& path) { (void)!link(path.c_str(), (path + "2").c_str()); }},
      {"it has no name any more", [](const std::string& path) { unlink(path.c_str()); }},
  };
  for (const auto& row : cases) {
    CAPTURE(row.said);
    tree.file("/token", 0, 0644);
    const Looked token = looked(tree.path(), "/token");
    usleep(10'000);  // The kernel's clock of ctimes is coarse.
    row.meddle(real);
    const auto before = present_facts(*token.object.descriptor);
    CHECK(told(token.change_to(plain(0600, 0, 0))) ==
          "untouched: changed since it was looked at: " + row.said);
    CHECK(present_facts(*token.object.descriptor)->changed_nanoseconds ==
          before->changed_nanoseconds);
    unlink(real.c_str());
    unlink((real + "2").c_str());
  }
}

TEST_CASE("another ACL, inode or type is a difference") {
  const FileFacts facts{.id = {1, 2},
                        .type = FileType::directory,
                        .permissions = {.mode = 0750, .acl = acl_for(0750, 5, alice, 5)},
                        .default_acl = acl_for(0750, 5, alice, 5)};
  const Expected same{.id = facts.id, .type = facts.type, .attributes = attributes_in(facts)};
  CHECK(difference(same, facts) == "");
  Expected other = same;
  other.attributes.permissions.acl[1].permissions = 4;
  CHECK(difference(other, facts) == "its ACL is another one");
  other = same;
  other.attributes.default_acl.clear();
  CHECK(difference(other, facts) == "its default ACL is another one");
  other = same;
  other.id.inode = 3;
  CHECK(difference(other, facts) == "another object lies there");
  other = same;
  other.type = FileType::regular;
  CHECK(difference(other, facts) == "it is of another type");
}

TEST_CASE("after a crash the time of change may be any") {
  Tree tree;
  const std::string path = tree.file("/token", own_uid(), 0644);
  Looked token = looked(tree.path(), "/token");
  usleep(10'000);
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  token.expected.changed_nanoseconds = 0;
  CHECK(told(token.change_to(own(0600))) == "changed");
}

TEST_CASE("tightening refuses to give anybody a right") {
  Tree tree;
  tree.file("/token", own_uid(), 0600);
  const Looked token = looked(tree.path(), "/token");
  for (const unsigned mode : {0640U, 0602U, 0700U, 04600U}) {
    CAPTURE(mode);
    CHECK(told(token.change_to(own(mode))) == "untouched: the change would give somebody a right");
  }
  Attributes with_acl = own(0640);
  with_acl.permissions.acl = acl_for(0640, 0, mallory, 4);
  CHECK(told(token.change_to(with_acl)) == "untouched: the change would give somebody a right");
  CHECK(token.present() == own(0600));
}

TEST_CASE("a mode and an ACL that contradict each other are refused") {
  Tree tree;
  tree.file("/token", own_uid(), 0600);
  const Looked token = looked(tree.path(), "/token");
  Attributes contradictory = own(0640);
  contradictory.permissions.acl = acl_for(0660, 6, alice, 6);
  Attributes with_default = own(0600);
  with_default.default_acl = acl_for(0660, 6, alice, 6);
  for (const Attributes& after : {contradictory, with_default}) {
    CHECK(told(token.change_to(after, Direction::restore)) ==
          "untouched: its wanted mode and ACLs contradict each other");
  }
  CHECK(token.present() == own(0600));
}

TEST_CASE("modes, ACLs, a default ACL and the owner come back exactly") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree, 0600);
  tree.file("/token", 0, 0600);
  tree.directory("/directory", 0, 0700);
  Attributes with_acl = plain(04654, alice, mallory);
  with_acl.permissions.acl = acl_for(04654, 1, mallory, 7);
  Attributes hers = plain(02640, alice, alice);
  hers.permissions.acl = acl_for(02640, 0, mallory, 4);
  Attributes directory = plain(03775, alice, mallory);
  directory.permissions.acl = acl_for(03775, 5, mallory, 7);
  directory.default_acl = acl_for(0750, 5, mallory, 5);
  if (!put_acl(tree.at("/token"), access_acl_attribute, acl_for(0600, 0, mallory, 4))) return;
  const struct {
    std::string path;
    Attributes before;
  } cases[] = {{"/token", plain(04755, 0, 0)}, {"/token", plain(06711, mallory, alice)},
               {"/token", with_acl},           {"/home/alice/token", plain(04755, alice, alice)},
               {"/home/alice/token", hers},    {"/directory", directory}};
  for (const auto& row : cases) {
    CAPTURE(row.path);
    const Looked closed = looked(tree.path(), row.path);
    CHECK(told(closed.change_to(row.before, Direction::restore)) == "changed");
    CHECK(closed.present() == row.before);
    const Looked open = looked(tree.path(), row.path);
    Attributes tight = row.before;
    tight.permissions.mode &= row.path == "/directory" ? 07700U : 0600U;
    tight.permissions.acl.clear();
    tight.default_acl.clear();
    CHECK(told(open.change_to(tight)) == "changed");
    CHECK(open.present() == tight);
  }
}

TEST_CASE("a setgid directory of a group that its owner is not in keeps its bit") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  const std::string real = tree.directory("/home/alice/shared", alice, 0755);
  REQUIRE(chown(real.c_str(), alice, mallory) == 0);
  REQUIRE(chmod(real.c_str(), 02770) == 0);
  const Looked shared = looked(tree.path(), "/home/alice/shared");
  CHECK(told(shared.change_to(plain(02700, alice, mallory))) == "changed");
  CHECK(shared.present() == plain(02700, alice, mallory));
}

TEST_CASE("a setgid bit of root's group is kept, and comes back") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  const std::string real = tree.directory("/home/alice/shared", alice, 0755);
  REQUIRE(chown(real.c_str(), alice, 0) == 0);
  REQUIRE(chmod(real.c_str(), 02770) == 0);
  const Looked shared = looked(tree.path(), "/home/alice/shared");
  CHECK(told(shared.change_to(plain(02700, alice, 0))) == "changed");
  CHECK(shared.present() == plain(02700, alice, 0));
}

TEST_CASE("a setgid bit that a file of root's group lost is restored") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  const std::string real = tree.file("/home/alice/odd.json", alice, 0644, "odd");
  REQUIRE(chown(real.c_str(), alice, 0) == 0);
  REQUIRE(chmod(real.c_str(), 02644) == 0);
  const Looked open = looked(tree.path(), "/home/alice/odd.json");
  REQUIRE(told(open.change_to(plain(0600, alice, 0))) == "changed");
  Looked tight = looked(tree.path(), "/home/alice/odd.json");
  CHECK(told(tight.change_to(plain(02644, alice, 0), Direction::restore)) == "changed");
  CHECK(tight.present() == plain(02644, alice, 0));
}

TEST_CASE("an immutable or append-only object is not changed") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  tree.file("/token", 0, 0644);
  for (const std::string path : {"/token", "/home/alice/token"}) {
    for (const int flag : {FS_IMMUTABLE_FL, FS_APPEND_FL}) {
      CAPTURE(path);
      CAPTURE(flag);
      const Descriptor file{open(tree.at(path).c_str(), O_RDONLY | O_CLOEXEC)};
      int flags = 0;
      if (ioctl(file.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
      const int with = flags | flag;
      if (ioctl(file.get(), FS_IOC_SETFLAGS, &with) != 0) {
        MESSAGE("skipped: no such flags on this file system");
        return;
      }
      const Looked token = looked(tree.path(), path);
      Attributes after = token.expected.attributes;
      after.permissions.mode = 0600;
      CHECK(told(token.change_to(after)) == "untouched: chmod: operation not permitted");
      CHECK(token.present() == token.expected.attributes);
      REQUIRE(ioctl(file.get(), FS_IOC_SETFLAGS, &flags) == 0);
    }
  }
}

TEST_CASE("what is neither a file nor a directory is not changed") {
  Tree tree;
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0644) == 0);
  CHECK(told(looked(tree.path(), "/fifo").change_to(own(0600))) ==
        "untouched: it is neither a file nor a directory");
}

TEST_CASE("nothing is changed on a read-only mount") {
  if (needs_root()) return;
  Tree tree;
  tree.file("/token", 0, 0644);
  const auto ending = in_child([&] {
    const char* root = tree.path().c_str();
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (mount(root, root, nullptr, MS_BIND, nullptr) != 0) return 77;
    if (mount(nullptr, root, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 77;
    const Looked token = looked(tree.path(), "/token");
    const std::string said = told(token.change_to(plain(0600, 0, 0)));
    return said == "untouched: chmod: read-only file system" ? 0 : 1;
  });
  if (ending.exit_code == 77) MESSAGE("skipped: no mount namespace here");
  if (ending.exit_code != 77) CHECK(ending.exit_code == 0);
}

TEST_CASE("what lies in an overlay's lower layer is changed in the upper one") {
  if (needs_root()) return;
  Tree tree;
  for (const char* layer : {"/lower", "/upper", "/work", "/merged"}) tree.directory(layer);
  tree.file("/lower/token", 0, 0644);
  const auto ending = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    const std::string options = "lowerdir=" + tree.at("/lower") + ",upperdir=" + tree.at("/upper") +
                                ",workdir=" + tree.at("/work");
    const std::string merged = tree.at("/merged");
    if (mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) return 77;
    const Looked token = looked(merged, "/token");
    if (told(token.change_to(plain(0600, 0, 0))) != "changed") return 1;
    if ((status_of(merged + "/token").st_mode & 07777) != 0600) return 2;
    return (status_of(tree.at("/lower/token")).st_mode & 07777) == 0644 ? 0 : 3;
  });
  if (ending.exit_code == 77) MESSAGE("skipped: no overlay here");
  if (ending.exit_code != 77) CHECK(ending.exit_code == 0);
}

TEST_CASE("without a genuine /proc nothing is changed") {
  if (needs_root()) return;
  Tree tree;
  tree.file("/token", 0, 0644);
  const auto ending = in_child([&] {
    const Looked token = looked(tree.path(), "/token");
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (mount("tmpfs", "/proc", "tmpfs", 0, nullptr) != 0) return 77;
    return told(token.change_to(plain(0600, 0, 0))) == "untouched: /proc is not procfs" ? 0 : 1;
  });
  if (ending.exit_code == 77) MESSAGE("skipped: no mount namespace here");
  if (ending.exit_code != 77) CHECK(ending.exit_code == 0);
}

TEST_CASE("an ordinary user changes what is theirs, and nothing else") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  tree.directory("/home/alice/shared", alice, 0755);
  tree.file("/roots", 0, 0644);
  tree.file("/hers", alice, 0644);
  tree.file("/home/alice/roots", 0, 0644);
  tree.directory("/home/mallory", mallory);
  tree.file("/home/mallory/hers", alice, 0644);
  REQUIRE(chown(tree.at("/home/alice/shared").c_str(), alice, 0) == 0);
  REQUIRE(chmod(tree.at("/home/alice/shared").c_str(), 02770) == 0);
  const auto ending = in_child([&] {
    if (setgid(alice) != 0 || setuid(alice) != 0) return 99;
    int step = 1;
    for (const std::string path : {"/home/alice/token", "/home/alice", "/hers"}) {
      const Looked own = looked(tree.path(), path);
      if (told(own.change_to(plain(0700 & own.present().permissions.mode, alice, alice))) !=
          "changed") {
        return step;
      }
      ++step;
    }
    const std::string refusal =
        "untouched: it is not yours, and this process may not act as its owner";
    for (const std::string path : {"/roots", "/home/alice/roots", "/home/mallory/hers"}) {
      const Looked object = looked(tree.path(), path);
      Attributes after = object.present();
      after.permissions.mode = 0600;
      if (told(object.change_to(after)) != refusal) return step;
      ++step;
    }
    const Looked shared = looked(tree.path(), "/home/alice/shared");
    const std::string said = told(shared.change_to(plain(02700, alice, 0)));
    return said.find("setgid") != std::string::npos ? 0 : step;
  });
  CHECK(ending.exit_code == 0);
}

bool give_up_setuid() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  sets[0].effective &= ~(1U << CAP_SETUID);
  sets[0].permitted &= ~(1U << CAP_SETUID);
  return syscall(SYS_capset, &header, sets) == 0;
}

TEST_CASE("root that cannot become the user changes nothing in the user's directory") {
  if (needs_root()) return;
  Tree tree;
  alices_file(tree);
  tree.file("/home/alice/roots", 0, 0644);
  tree.file("/roots", 0, 0644);
  const auto ending = in_child([&] {
    if (!give_up_setuid()) return 99;
    int step = 1;
    for (const std::string path : {"/home/alice/token", "/home/alice/roots"}) {
      const Looked object = looked(tree.path(), path);
      Attributes after = object.present();
      after.permissions.mode = 0600;
      if (told(object.change_to(after)).find("it is not yours") == std::string::npos) return step;
      ++step;
    }
    const Looked own = looked(tree.path(), "/roots");
    return told(own.change_to(plain(0600, 0, 0))) == "changed" ? 0 : step;
  });
  CHECK(ending.exit_code == 0);
}

TEST_SUITE_END();

constexpr long fchmodat2_call = 452;

// The whole suite again, in a program that lacks the calls.
TEST_CASE("where fchmodat2 and openat2 are refused, every change is made all the same") {
  for (const int error : {ENOSYS, EPERM}) {
    CAPTURE(error);
    const auto ending = in_child([&] {
      if (!refuse_call(fchmodat2_call, error) || !refuse_call(SYS_openat2, error)) return 77;
      execl("/proc/self/exe", "test", "--test-suite=change", "--no-intro", nullptr);
      return 78;
    });
    CHECK(ending.exit_code == 0);
  }
}

}  // namespace
}  // namespace cfwarden
