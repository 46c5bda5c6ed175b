#include "cfwarden/host/opener.h"

#include "in_child.h"
#include "refused_call.h"
#include "tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// The audited host is the tree: its own directory is "/", root's and closed to others.
struct Host {
  Tree tree;
  Opener opener() const {
    auto made = Opener::at(tree.path());
    REQUIRE(made.has_value());
    return std::move(*made);
  }
};

void add_home(Tree& tree, const std::string& name, std::uint32_t uid) {
  tree.directory("/home/" + name, uid);
  tree.directory("/home/" + name + "/.cloudflared", uid, 0700);
  tree.file("/home/" + name + "/.cloudflared/cert.pem", uid);
}

void add_two_homes(Tree& tree) {
  tree.directory("/home");
  add_home(tree, "alice", alice);
  add_home(tree, "mallory", mallory);
  tree.directory("/root", 0, 0700);
  tree.file("/root/shadow");
  tree.directory("/etc");
  tree.directory("/etc/cloudflared");
  tree.file("/etc/cloudflared/cert.pem");
}

std::vector<std::string> ancestor_paths(const Opened& opened) {
  std::vector<std::string> paths;
  const FileFacts facts = complete_facts(opened);
  for (const DirectoryFacts& directory : facts.ancestors) paths.push_back(directory.path);
  return paths;
}

int error_code(const Result<Opened>& opened) {
  return opened ? 0 : opened.error().code;
}

std::string error_text(const Result<Opened>& opened) {
  return opened ? "opened" : opened.error().what;
}

TEST_SUITE_BEGIN("opener");

TEST_CASE("a file is reached with its facts, its territory and every directory above it") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  const auto opened = host.opener().open("/home/alice//./.cloudflared/cert.pem");
  REQUIRE(opened.has_value());
  CHECK(opened->path == "/home/alice/.cloudflared/cert.pem");
  CHECK(opened->location == opened->path);
  CHECK(opened->facts.id.inode == inode_of(host.tree.at(opened->path)));
  CHECK(opened->facts.type == FileType::regular);
  CHECK(opened->facts.permissions.mode == 0600);
  CHECK(opened->facts.permissions.uid == alice);
  CHECK(opened->facts.links == 1);
  CHECK(opened->facts.size == 8);
  CHECK(opened->territory == Territory{.trusted = false, .uid = alice});
  CHECK(ancestor_paths(*opened) ==
        std::vector<std::string>{"/", "/home", "/home/alice", "/home/alice/.cloudflared"});
  CHECK(opened->facts.ancestors[3].permissions.mode == 0700);
  CHECK(opened->facts.ancestors[3].permissions.uid == alice);
}

TEST_CASE("a directory's ancestors do not hold itself, and the root has none") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  const Opener opener = host.opener();
  const auto home = opener.open("/home/alice");
  REQUIRE(home.has_value());
  CHECK(ancestor_paths(*home) == std::vector<std::string>{"/", "/home"});
  CHECK(home->territory == Territory{.trusted = false, .uid = alice});
  const auto root = opener.open("/");
  REQUIRE(root.has_value());
  CHECK(complete_facts(*root).ancestors.empty());
  CHECK(root->territory == Territory{});
}

TEST_CASE("a second look at a remembered directory gives the same facts") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  const Opener opener = host.opener();
  CHECK(error_code(opener.open("/home/alice/.cloudflare-warp")) == ENOENT);
  CHECK(error_code(opener.open("/home/alice/.cloudflare-warp/cert.pem")) == ENOENT);
  for (int i = 0; i < 2; ++i) {
    const auto opened = opener.open("/home/alice/.cloudflared/cert.pem");
    REQUIRE(opened.has_value());
    CHECK(opened->facts.id.inode == inode_of(host.tree.at(opened->path)));
    CHECK(opened->facts.ancestors.size() == 4);
  }
}

TEST_CASE("more directories than are remembered are all found again") {
  Host host;
  const Opener opener = host.opener();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string path = "/d" + std::to_string(i);
      if (round == 0) {
        host.tree.directory(path);
        host.tree.file(path + "/token");
      }
      CAPTURE(path);
      const auto opened = opener.open(path + "/token");
      REQUIRE(opened.has_value());
      CHECK(opened->facts.id.inode == inode_of(host.tree.at(path + "/token")));
    }
  }
}

TEST_CASE("what is absent says so") {
  Host host;
  host.tree.file("/plain");
  const Opener opener = host.opener();
  CHECK(error_code(opener.open("/nowhere")) == ENOENT);
  CHECK(error_code(opener.open("/nowhere/below")) == ENOENT);
  CHECK(error_code(opener.open("/plain/below")) == ENOTDIR);
  CHECK(error_code(opener.open("relative")) == EINVAL);
  CHECK(Opener::at(host.tree.at("/nowhere")).error().code == ENOENT);
  CHECK(Opener::at(host.tree.at("/plain")).error().code == ENOTDIR);
}

TEST_CASE("a user's link into what is another's is refused, and the error names its target") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.file("/root-readable", 0, 0644);
  host.tree.directory("/home/alice/dot", alice);
  host.tree.link("/root/shadow", "/home/alice/to-shadow", alice);
  host.tree.link("/root-readable", "/home/alice/to-readable", alice);
  host.tree.link("../../root-readable", "/home/alice/relative", alice);
  host.tree.link("/etc/cloudflared", "/home/alice/.cloudflare-warp", alice);
  host.tree.link("/home/mallory/.cloudflared", "/home/alice/cloudflare-warp", alice);
  host.tree.link("/root/shadow", "/home/alice/dot/hop", alice);
  host.tree.link("dot/hop", "/home/alice/two-hops", alice);
  const Opener opener = host.opener();
  for (const std::string name :
       {"to-shadow", "to-readable", "relative", ".cloudflare-warp", ".cloudflare-warp/cert.pem",
        "cloudflare-warp", "cloudflare-warp/cert.pem", "two-hops"}) {
    CAPTURE(name);
    const auto opened = opener.open("/home/alice/" + name);
    const bool to_directory = name.find("warp") != std::string::npos;
    CHECK(error_code(opened) == (to_directory ? EISDIR : ELOOP));
    CHECK(error_text(opened).find("uid 54321 to ") != std::string::npos);
  }
  CHECK(error_text(opener.open("/home/alice/to-shadow")).find("to /root/shadow") !=
        std::string::npos);
}

TEST_CASE("a user's link does not tell what lies in a directory that is closed to the user") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.link("/root/shadow", "/home/alice/present", alice);
  host.tree.link("/root/nothing", "/home/alice/absent", alice);
  const Opener opener = host.opener();
  CHECK(error_code(opener.open("/home/alice/present")) == ELOOP);
  CHECK(error_code(opener.open("/home/alice/absent")) == ELOOP);
}

TEST_CASE("links of root or of another user are not followed in a user's directory") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.link("/etc/cloudflared/cert.pem", "/home/alice/roots", 0);
  host.tree.link(".cloudflared/cert.pem", "/home/alice/mallorys", mallory);
  const Opener opener = host.opener();
  CHECK(error_code(opener.open("/home/alice/roots")) == ELOOP);
  CHECK(error_text(opener.open("/home/alice/roots")).find("of root to /etc") != std::string::npos);
  CHECK(error_code(opener.open("/home/alice/mallorys")) == ELOOP);
}

TEST_CASE("a user's own link to what is the user's is followed as that user") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.directory("/home/alice/dot", alice);
  host.tree.file("/home/alice/dot/cert.pem", alice);
  host.tree.directory("/srv");
  host.tree.file("/srv/hers.pem", alice);
  host.tree.link("dot", "/home/alice/.cloudflare-warp", alice);
  host.tree.link("../dot/cert.pem", "/home/alice/.cloudflared/second.pem", alice);
  host.tree.link("/srv/hers.pem", "/home/alice/.cloudflared/third.pem", alice);
  host.tree.link("second.pem", "/home/alice/.cloudflared/chain.pem", alice);
  const Opener opener = host.opener();
  const struct {
    std::string path, location;
  } cases[] = {
      {"/home/alice/.cloudflare-warp/cert.pem", "/home/alice/dot/cert.pem"},
      {"/home/alice/.cloudflared/second.pem", "/home/alice/dot/cert.pem"},
      {"/home/alice/.cloudflared/third.pem", "/srv/hers.pem"},
      {"/home/alice/.cloudflared/chain.pem", "/home/alice/dot/cert.pem"},
  };
  for (const auto& row : cases) {
    const auto& [path, location] = row;
    CAPTURE(row.path);
    const auto opened = opener.open(path);
    REQUIRE_MESSAGE(opened.has_value(), error_text(opened));
    CHECK(opened->path == path);
    CHECK(opened->location == location);
    CHECK(opened->facts.id.inode == inode_of(host.tree.at(location)));
    CHECK(opened->territory == Territory{.trusted = false, .uid = alice});
    const std::string holder = location.substr(0, location.rfind('/'));
    CHECK(opened->facts.ancestors.back().path == holder);
  }
  const auto entry = opener.open_in(*opener.open("/home/alice/.cloudflared"), "second.pem");
  REQUIRE_MESSAGE(entry.has_value(), error_text(entry));
  CHECK(entry->location == "/home/alice/dot/cert.pem");
  CHECK(entry->path == "/home/alice/.cloudflared/second.pem");
  const auto linked = opener.open("/home/alice/.cloudflare-warp");
  REQUIRE(linked.has_value());
  const auto below = opener.open_in(*linked, "cert.pem");
  REQUIRE(below.has_value());
  CHECK(below->path == "/home/alice/.cloudflare-warp/cert.pem");
  CHECK(below->location == "/home/alice/dot/cert.pem");
  CHECK(ancestor_paths(*below).back() == "/home/alice/dot");
}

TEST_CASE("the first link of a user on the way is told, root's own is not") {
  if (needs_root()) return;
  Host host;
  host.tree.directory("/usr");
  host.tree.directory("/usr/home");
  host.tree.link("/usr/home", "/home");
  host.tree.directory("/usr/home/alice", alice);
  host.tree.directory("/usr/home/alice/dot", alice);
  host.tree.directory("/usr/home/alice/dot/below", alice);
  host.tree.file("/usr/home/alice/dot/below/token", alice);
  host.tree.link("dot", "/usr/home/alice/first", alice);
  host.tree.link("below", "/usr/home/alice/dot/second", alice);
  host.tree.link("/home/alice/first/below/token", "/usr/token");
  const Opener opener = host.opener();
  const std::string first = "symbolic link /usr/home/alice/first of uid 54321 to dot";
  CHECK(opener.open("/home/alice/dot/below/token")->link == "");
  CHECK(opener.open("/home/alice")->link == "");
  for (int look = 0; look < 2; ++look) {  // The second time directories are remembered.
    CHECK(opener.open("/home/alice/first")->link == first);
    CHECK(opener.open("/home/alice/first/second/token")->link == first);
    CHECK(opener.open("/usr/token")->link == first);
  }
  CHECK(opener.open("/home/alice/dot/second")->link ==
        "symbolic link /usr/home/alice/dot/second of uid 54321 to below");
  const auto entry = opener.open_in(*opener.open("/home/alice"), "first");
  REQUIRE(entry.has_value());
  CHECK(entry->link == first);
  const auto below = opener.open_in(*entry, "below");
  REQUIRE(below.has_value());
  CHECK(below->link == first);
  CHECK(opener.open_in(*below, "token")->link == first);
}

TEST_CASE("an entry that is a link is not taken for a path from the root") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.directory("/home/alice/dot", alice);
  host.tree.directory("/home/alice/dot/cloudflared", alice);
  host.tree.link("dot", "/home/alice/etc", alice);
  host.tree.link("dot/nothing", "/home/alice/home", alice);
  const Opener opener = host.opener();
  const auto home = opener.open("/home/alice");
  CHECK(opener.open_in(*home, "etc").has_value());
  CHECK(error_code(opener.open_in(*home, "home")) == ENOENT);
  CHECK(error_code(opener.open_in(*home, "root")) == ENOENT);
  CHECK(opener.open("/etc/cloudflared")->location == "/etc/cloudflared");
  CHECK(opener.open("/home/mallory").has_value());
  CHECK(opener.open("/root").has_value());
}

TEST_CASE("root's link in a trusted directory is followed, also where a path goes on behind it") {
  if (needs_root()) return;
  Host host;
  host.tree.directory("/usr");
  host.tree.directory("/usr/home");
  host.tree.link("/usr/home", "/home");
  host.tree.directory("/usr/home/alice", alice);
  host.tree.file("/usr/home/alice/cert.pem", alice);
  host.tree.directory("/etc");
  host.tree.link("../usr/home/alice/cert.pem", "/etc/cert.pem");
  const Opener opener = host.opener();
  const auto opened = opener.open("/home/alice/cert.pem");
  REQUIRE_MESSAGE(opened.has_value(), error_text(opened));
  CHECK(opened->path == "/home/alice/cert.pem");
  CHECK(opened->location == "/usr/home/alice/cert.pem");
  CHECK(ancestor_paths(*opened) ==
        std::vector<std::string>{"/", "/usr", "/usr/home", "/usr/home/alice"});
  const auto linked = opener.open("/etc/cert.pem");
  REQUIRE_MESSAGE(linked.has_value(), error_text(linked));
  CHECK(linked->territory == Territory{.trusted = false, .uid = alice});
  CHECK(ancestor_paths(*linked) ==
        std::vector<std::string>{"/", "/etc", "/", "/usr", "/usr/home", "/usr/home/alice"});
}

TEST_CASE("a link of an ordinary user in a trusted directory is not followed") {
  if (needs_root()) return;
  Host host;
  host.tree.file("/target");
  host.tree.link("target", "/link", alice);
  CHECK(error_code(host.opener().open("/link")) == ELOOP);
}

TEST_CASE("links that go in circles end") {
  Host host;
  host.tree.link("two", "/one");
  host.tree.link("one", "/two");
  CHECK(error_code(host.opener().open("/one")) == ELOOP);
}

TEST_CASE("no link leaves the root that is audited") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.file("/etc/passwd", 0, 0644, "inside");
  host.tree.directory("/elsewhere");
  host.tree.link("/etc/passwd", "/elsewhere/absolute");
  host.tree.link("../../../../../../../../etc/passwd", "/elsewhere/upwards");
  host.tree.link("/../../etc/passwd", "/elsewhere/both");
  host.tree.link("/proc/self/root/etc/passwd", "/elsewhere/magic");
  const Opener opener = host.opener();
  const std::uint64_t inside = inode_of(host.tree.at("/etc/passwd"));
  for (const std::string path : {"/elsewhere/absolute", "/elsewhere/upwards", "/elsewhere/both",
                                 "/../../etc/passwd", "/elsewhere/../../../etc/passwd"}) {
    CAPTURE(path);
    const auto opened = opener.open(path);
    REQUIRE_MESSAGE(opened.has_value(), error_text(opened));
    CHECK(opened->facts.id.inode == inside);
    CHECK(opened->location == "/etc/passwd");
  }
  CHECK(error_code(opener.open("/elsewhere/magic")) == ENOENT);
}

TEST_CASE("FIFOs, sockets and devices are seen, never opened") {
  Host host;
  REQUIRE(mkfifo(host.tree.at("/fifo").c_str(), 0600) == 0);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", host.tree.at("/socket").c_str());
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  close(listener);
  const auto before = steady_clock::now();
  const Opener opener = host.opener();
  for (const std::string path : {"/fifo", "/socket"}) {
    CAPTURE(path);
    const auto opened = opener.open(path);
    REQUIRE(opened.has_value());
    CHECK(opened->facts.type == FileType::other);
  }
  CHECK(steady_clock::now() - before < seconds{1});
}

TEST_CASE("trust ends at the first directory that is not root's or that others may write in") {
  if (needs_root()) return;
  const Territory trusted{};
  const Territory of_nobody{.trusted = false, .uid = 65534};
  const Territory of_alice{.trusted = false, .uid = alice};
  const struct {
    std::uint32_t uid;
    mode_t mode;
    Territory expected;
  } cases[] = {
      {0, 0755, trusted},   {0, 0700, trusted},    {0, 0775, of_nobody},    {0, 0777, of_nobody},
      {0, 0757, of_nobody}, {0, 01777, of_nobody}, {alice, 0700, of_alice}, {alice, 0777, of_alice},
  };
  for (const auto& row : cases) {
    const auto& [uid, mode, expected] = row;
    CAPTURE(row.uid);
    CAPTURE(row.mode);
    Host host;
    host.tree.directory("/d", uid, mode);
    host.tree.file("/d/file");
    host.tree.directory("/d/below");
    host.tree.file("/d/below/file");
    const Opener opener = host.opener();
    CHECK(opener.open("/d/file")->territory == expected);
    CHECK(opener.open("/d")->territory == expected);
    // Nobody can rename or replace root's directory in a sticky one.
    const Territory below = mode == 01777 ? trusted : expected;
    CHECK(opener.open("/d/below/file")->territory == below);
    const auto directory = opener.open("/d");
    CHECK(opener.open_in(*directory, "file")->territory == expected);
    CHECK(opener.open_in(*directory, "below")->territory == below);
  }
}

TEST_CASE("a user's directory in a sticky one is that user's, and a link in it is nobody's") {
  if (needs_root()) return;
  Host host;
  host.tree.directory("/tmp", 0, 01777);
  host.tree.directory("/tmp/hers", alice);
  host.tree.file("/tmp/hers/file", alice);
  host.tree.directory("/tmp/open", 0, 0777);
  host.tree.directory("/tmp/open/closed");
  host.tree.file("/tmp/open/closed/file");
  host.tree.directory("/untrusted", 0, 0777);
  host.tree.directory("/untrusted/tmp", 0, 01777);
  host.tree.directory("/untrusted/tmp/closed");
  host.tree.directory("/tmp/sticky", 0, 01777);
  host.tree.directory("/tmp/sticky/closed");
  host.tree.link("/root", "/tmp/link", 0);
  const Opener opener = host.opener();
  CHECK(opener.open("/tmp/hers/file")->territory == Territory{.trusted = false, .uid = alice});
  CHECK(opener.open("/tmp/open/closed/file")->territory.trusted == false);
  CHECK(opener.open("/tmp/sticky/closed")->territory.trusted == false);
  CHECK(opener.open("/untrusted/tmp/closed")->territory.trusted == false);
  const auto sticky = opener.open("/untrusted/tmp");
  CHECK(opener.open_in(*sticky, "closed")->territory.trusted == false);
  CHECK(error_code(opener.open("/tmp/link")) == ELOOP);
}

TEST_CASE("ACLs of the file and of every directory above it are read") {
  Host host;
  host.tree.directory("/d");
  const std::string file = host.tree.file("/d/file", 0, 0640);
  // Version 2; owner rw-, user 54321 r--, group ---, mask r--, others ---.
  const std::string_view acl{
      "\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x31\xd4\0\0\x04\0\0\0\xff\xff\xff\xff"
      "\x10\0\x04\0\xff\xff\xff\xff\x20\0\0\0\xff\xff\xff\xff",
      44};
  const std::vector<AclEntry> expected{{AclTag::owner, 0, 6},
                                       {AclTag::user, alice, 4},
                                       {AclTag::group, 0, 0},
                                       {AclTag::mask, 0, 4},
                                       {AclTag::others, 0, 0}};
  CHECK(parse_acl(acl) == expected);
  for (std::size_t length = 0; length < acl.size(); ++length) {
    CAPTURE(length);
    if (length % 8 != 4) CHECK(parse_acl(acl.substr(0, length)).empty());
  }
  if (setxattr(file.c_str(), access_acl_attribute, acl.data(), acl.size(), 0) != 0) {
    MESSAGE("skipped: no ACLs on this file system");
    return;
  }
  const std::string directory = host.tree.at("/d");
  REQUIRE(setxattr(directory.c_str(), access_acl_attribute, acl.data(), acl.size(), 0) == 0);
  REQUIRE(setxattr(directory.c_str(), default_acl_attribute, acl.data(), acl.size(), 0) == 0);
  REQUIRE(chmod(directory.c_str(), 0750) == 0);
  const auto opened = host.opener().open("/d/file");
  REQUIRE(opened.has_value());
  CHECK(opened->facts.permissions.acl == expected);
  CHECK(opened->facts.default_acl.empty());
  const DirectoryFacts& above = opened->facts.ancestors.back();
  CHECK(above.permissions.acl[1] == AclEntry{AclTag::user, alice, 4});
  CHECK(above.default_acl == expected);
  const auto found = host.opener().open("/d");
  REQUIRE(found.has_value());
  CHECK(own_facts(*found).default_acl == expected);
  CHECK(complete_facts(*found).default_acl == expected);
}

TEST_CASE("names are bytes") {
  Host host;
  const Opener opener = host.opener();
  for (const std::string name : {"-rf", "$(id)", "a b", "\"'", "\x1b[31m", "line\nforged",
                                 "\xff\xfe", "\xe2\x80\xae", "back\\slash"}) {
    CAPTURE(name);
    host.tree.file("/" + name);
    const auto opened = opener.open("/" + name);
    REQUIRE(opened.has_value());
    CHECK(opened->path == "/" + name);
    CHECK(opener.open_in(*opener.open("/"), name).has_value());
  }
  for (const std::string name : {"", ".", "..", "a/b"}) {
    CAPTURE(name);
    CHECK(error_code(opener.open_in(*opener.open("/"), name)) == EINVAL);
  }
}

TEST_CASE("a mount below a user's directory is only crossed when it is named") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  host.tree.directory("/home/alice/mount", alice);
  const auto ending = in_child([&] {
    const std::string target = host.tree.at("/home/alice/mount");
    const std::string trusted = host.tree.at("/etc");
    if (unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (mount(trusted.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    if (mount(trusted.c_str(), trusted.c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    const auto opener = Opener::at(host.tree.path());
    if (error_code(opener->open("/home/alice/mount")) != EXDEV) return 1;
    if (error_code(opener->open("/home/alice/mount/cloudflared/cert.pem")) != EXDEV) return 2;
    const auto home = opener->open("/home/alice");
    if (!home || error_code(opener->open_in(*home, "mount")) != EXDEV) return 3;
    if (!opener->open("/home/alice/mount/cloudflared/cert.pem", Named::yes)) return 4;
    if (!opener->open_in(*home, "mount", Named::yes)) return 5;
    return opener->open("/etc/cloudflared/cert.pem") ? 0 : 6;  // Local, in trusted territory.
  });
  if (ending.exit_code == 77) {
    MESSAGE("skipped: no mount namespace here");
  } else {
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("a hung user-space file system is not touched") {
  if (needs_root()) return;
  Host host;
  host.tree.directory("/home");
  host.tree.directory("/home/hung", alice);
  const auto ending = in_child([&] {
    alarm(5);  // Touching it would never end.
    const int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0 || unshare(CLONE_NEWNS) != 0) return 77;
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    const std::string options =
        "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0";
    const std::string target = host.tree.at("/home/hung");
    if (mount("hung", target.c_str(), "fuse", 0, options.c_str()) != 0) return 77;
    const auto opener = Opener::at(host.tree.path());
    const auto opened = opener->open("/home/hung/.cloudflared/cert.pem");
    if (error_code(opened) != EXDEV) return 1;
    if (error_text(opened).find("fuse") == std::string::npos) return 2;
    const auto home = opener->open("/home");
    if (!home || error_code(opener->open_in(*home, "hung")) != EXDEV) return 5;
    _exit(0);
  });
  if (ending.exit_code == 77) {
    MESSAGE("skipped: no FUSE here");
  } else {
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("an ordinary user is told which directory is closed") {
  if (needs_root()) return;
  Host host;
  add_two_homes(host.tree);
  const auto ending = in_child([&] {
    if (setgid(mallory) != 0 || setuid(mallory) != 0) return 9;
    const auto opener = Opener::at(host.tree.path());
    const auto opened = opener->open("/home/alice/.cloudflared/cert.pem");
    if (error_code(opened) != EACCES) return 1;
    if (error_text(opened) != "cannot search /home/alice/.cloudflared: permission denied") return 2;
    return opener->open("/home/mallory/.cloudflared/cert.pem") ? 0 : 3;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("descriptors that have run out cost the remembered directories, not the look") {
  Host host;
  for (int i = 0; i < 40; ++i) {
    const std::string directory = "/d" + std::to_string(i);
    host.tree.directory(directory);
    host.tree.file(directory + "/token");
  }
  const auto ending = in_child([&] {
    const auto opener = Opener::at(host.tree.path());
    for (int i = 0; i < 40; ++i) {
      if (!opener->open("/d" + std::to_string(i) + "/token")) return 1;
    }
    while (dup(0) >= 0) {
    }
    return opener->open("/d3/token") && opener->open("/d39/token") ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

struct Swaps {
  std::atomic<std::size_t> count{0};
  std::atomic<bool> stop{false};
};

// Exchanges the files, then the directories, as fast as the kernel can.
void swap_until_stopped(const Tree& tree, Swaps& swaps) {
  const std::string pairs[][2] = {
      {tree.at("/home/alice/sub/cert.pem"), tree.at("/home/alice/sub/link")},
      {tree.at("/home/alice/sub"), tree.at("/home/alice/evil")},
  };
  while (!swaps.stop) {
    for (const auto& [one, other] : pairs) {
      for (int i = 0; i < 7; ++i) {
        const long failed = syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(),
                                    2 /* RENAME_EXCHANGE */);
        if (failed == 0) ++swaps.count;
      }
    }
  }
}

TEST_CASE("in a hundred thousand swaps of a file and of its parent the victim is never opened") {
  if (needs_root()) return;
  Host host;
  Tree& tree = host.tree;
  tree.directory("/home");
  tree.directory("/home/alice", alice);
  tree.directory("/home/alice/sub", alice);
  tree.file("/home/alice/sub/cert.pem", alice);
  tree.directory("/victim");
  tree.file("/victim/cert.pem", 0, 0644);
  tree.link("/victim/cert.pem", "/home/alice/sub/link", alice);
  tree.link("/victim", "/home/alice/evil", alice);
  const std::uint64_t hers = inode_of(tree.at("/home/alice/sub/cert.pem"));
  void* shared =
      mmap(nullptr, sizeof(Swaps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  Swaps& swaps = *new (shared) Swaps;
  const pid_t swapper = fork();
  if (swapper == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setgid(alice) == 0 && setuid(alice) == 0) swap_until_stopped(tree, swaps);
    _exit(0);
  }
  std::size_t opened_hers = 0;
  std::size_t refused = 0;
  std::size_t others = 0;
  const auto deadline = steady_clock::now() + seconds{20};
  for (std::size_t i = 0; swaps.count < 100'000 || i < 2'000; ++i) {
    if (steady_clock::now() > deadline) break;
    const Opener opener = host.opener();
    for (int k = 0; k < 8; ++k) {
      const auto opened = opener.open("/home/alice/sub/cert.pem");
      if (opened) {
        ++(opened->facts.id.inode == hers ? opened_hers : others);
      } else if (opened.error().code == ELOOP) {
        ++refused;
      }
    }
  }
  swaps.stop = true;
  waitpid(swapper, nullptr, 0);
  MESSAGE(swaps.count.load() << " swaps, " << opened_hers << " opened, " << refused
                             << " links refused");
  CHECK(others == 0);
  CHECK(swaps.count >= 100'000);
  CHECK(opened_hers > 0);
  CHECK(refused > 0);
  munmap(shared, sizeof(Swaps));
}

TEST_SUITE_END();

TEST_CASE("where openat2 is refused, every behaviour of the opener is the same") {
  for (const int error : {ENOSYS, EPERM}) {
    CAPTURE(error);
    const auto ending = in_child([&] {
      if (!refuse_call(SYS_openat2, error)) return 77;
      execl("/proc/self/exe", "test", "--test-suite=opener", "--no-intro", nullptr);
      return 78;
    });
    CHECK(ending.exit_code == 0);
  }
}

}  // namespace
}  // namespace cfwarden
