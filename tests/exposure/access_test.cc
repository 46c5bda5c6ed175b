#include "cfwarden/exposure/access.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

// Uids and gids without accounts, few enough that every class is met often.
constexpr std::uint32_t uids[] = {51001, 51002, 51003};
constexpr std::uint32_t gids[] = {52001, 52002, 52003};

const std::vector<Principal> principals{
    {.uid = 51001, .gids = {52001}}, {.uid = 51002, .gids = {52001, 52002}},
    {.uid = 51003, .gids = {52003}}, {.uid = 51004, .gids = {52002, 52003}},
    {.uid = 51005, .gids = {52004}}, {.uid = 51001, .gids = {52004, 52001, 52002, 52003}},
};

using Random = std::mt19937;

unsigned below(Random& random, unsigned limit) {
  return std::uniform_int_distribution<unsigned>{0, limit - 1}(random);
}

std::uint32_t one_of(Random& random, const std::uint32_t (&ids)[3]) {
  return ids[below(random, 3)];
}

// In the order the kernel demands.
std::vector<AclEntry> random_acl(Random& random) {
  std::vector<AclEntry> acl{{AclTag::owner, 0, below(random, 8)}};
  for (const std::uint32_t uid : uids) {
    if (below(random, 2) == 0) acl.push_back({AclTag::user, uid, below(random, 8)});
  }
  acl.push_back({AclTag::group, 0, below(random, 8)});
  for (const std::uint32_t gid : gids) {
    if (below(random, 2) == 0) acl.push_back({AclTag::named_group, gid, below(random, 8)});
  }
  acl.push_back({AclTag::mask, 0, below(random, 4) == 0 ? 0 : below(random, 8)});
  acl.push_back({AclTag::others, 0, below(random, 8)});
  return acl;
}

void append_number(std::string& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>((number >> (8 * i)) & 0xff);
}

std::string xattr_of(const std::vector<AclEntry>& acl) {
  constexpr std::uint32_t tags[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20};
  std::string bytes;
  append_number(bytes, 2, 4);
  for (const AclEntry& entry : acl) {
    const bool named = entry.tag == AclTag::user || entry.tag == AclTag::named_group;
    append_number(bytes, tags[static_cast<std::size_t>(entry.tag)], 2);
    append_number(bytes, entry.permissions, 2);
    append_number(bytes, named ? entry.id : 0xffffffff, 4);
  }
  return bytes;
}

enum class Acls { possible, unsupported };

// Gives the object a random owner, group, mode and perhaps an ACL, and says what it then has.
Permissions decorate(Random& random, const std::string& path, Acls& acls) {
  Permissions permissions{
      .mode = 0, .uid = one_of(random, uids), .gid = one_of(random, gids), .acl = {}};
  REQUIRE(chown(path.c_str(), permissions.uid, permissions.gid) == 0);
  REQUIRE(chmod(path.c_str(), below(random, 01000)) == 0);
  if (below(random, 3) != 0 && acls == Acls::possible) {
    permissions.acl = random_acl(random);
    const std::string bytes = xattr_of(permissions.acl);
    const int failed =
        setxattr(path.c_str(), "system.posix_acl_access", bytes.data(), bytes.size(), 0);
    if (failed != 0) acls = Acls::unsupported;
    if (failed != 0) permissions.acl.clear();
  }
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  permissions.mode = status.st_mode & 07777;
  return permissions;
}

struct Case {
  std::string path;
  FileFacts facts;
};

class Forest {
 public:
  Forest() {
    // In memory where that is possible: tens of thousands of small changes.
    path_ = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    path_ += "/cfwarden-access-XXXXXX";
    REQUIRE(mkdtemp(path_.data()) != nullptr);
    REQUIRE(chmod(path_.c_str(), 0755) == 0);
  }
  Forest(const Forest&) = delete;
  Forest& operator=(const Forest&) = delete;
  ~Forest() {
    const std::string command = "rm -rf -- " + path_;
    if (std::system(command.c_str()) != 0) MESSAGE("left behind: " << path_);
  }

  // A file below two directories, each closed or open to somebody else.
  Case grow(Random& random, std::size_t number, Acls& acls) {
    const std::string outer = path_ + "/" + std::to_string(number);
    const std::string inner = outer + "/inner";
    Case made{.path = inner + "/file", .facts = {}};
    REQUIRE(mkdir(outer.c_str(), 0700) == 0);
    REQUIRE(mkdir(inner.c_str(), 0700) == 0);
    const int file = open(made.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    close(file);
    made.facts.permissions = decorate(random, made.path, acls);
    for (const std::string& directory : {outer, inner}) {
      made.facts.ancestors.push_back({.path = directory,
                                      .id = {},
                                      .permissions = decorate(random, directory, acls),
                                      .default_acl = {}});
    }
    return made;
  }

 private:
  std::string path_;
};

// The kernel's answers for one principal: bits 4 and 2, whether a file opens for reading, writing;
// 1, whether it is reached; 8, whether names can be made beside it.
void ask_kernel(const std::vector<Case>& cases, unsigned char* answers) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    answers[i] = 0;
    for (const auto& [flags, bit] : {std::pair{O_RDONLY, 4}, std::pair{O_WRONLY, 2}}) {
      const int file = open(cases[i].path.c_str(), flags | O_CLOEXEC);
      if (file < 0) continue;
      answers[i] = static_cast<unsigned char>(answers[i] | bit);
      close(file);
    }
    const bool searched = access(cases[i].path.c_str(), F_OK) == 0;
    if (searched) answers[i] |= 1;
    const std::string beside = cases[i].path + "-beside";
    if (mkdir(beside.c_str(), 0700) != 0) continue;
    rmdir(beside.c_str());
    answers[i] |= 8;
  }
}

bool become(const Principal& who) {
  const std::vector<gid_t> groups{who.gids.begin(), who.gids.end()};
  return setgroups(groups.size(), groups.data()) == 0 &&
         setresgid(who.gids[0], who.gids[0], who.gids[0]) == 0 &&
         setresuid(who.uid, who.uid, who.uid) == 0;
}

TEST_CASE("access is decided as the kernel decides it, over thousands of modes, owners and ACLs") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can ask the kernel as other users");
    return;
  }
  constexpr std::size_t count = 2000;
  Random random{20240229};
  Forest forest;
  Acls acls = Acls::possible;
  std::vector<Case> cases;
  for (std::size_t i = 0; i < count; ++i) cases.push_back(forest.grow(random, i, acls));
  if (acls == Acls::unsupported) MESSAGE("without ACLs: this file system has none");

  void* shared = mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  auto* answers = static_cast<unsigned char*>(shared);
  std::size_t granted = 0;
  std::size_t changed = 0;
  for (const Principal& who : principals) {
    const pid_t child = fork();
    if (child == 0) {
      if (!become(who)) _exit(1);
      ask_kernel(cases, answers);
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    for (std::size_t i = 0; i < count; ++i) {
      const FileFacts& facts = cases[i].facts;
      const bool reads = can_open(facts, who, Access::read);
      const bool writes = can_open(facts, who, Access::write);
      const bool reaches = closed_directory(facts, who) == nullptr;
      const bool changes =
          reaches && permits(facts.ancestors.back().permissions, who, Access::change);
      const int ours = (changes ? 8 : 0) | (reads ? 4 : 0) | (writes ? 2 : 0) | (reaches ? 1 : 0);
      granted += reads ? 1U : 0U;
      changed += changes ? 1U : 0U;
      if (ours == answers[i]) continue;
      CAPTURE(i);
      CAPTURE(who.uid);
      CAPTURE(facts.permissions.mode);
      CHECK(ours == answers[i]);
    }
  }
  munmap(shared, count);
  CHECK(granted > 300);  // Else the trees are too closed to say anything.
  CHECK(granted < count * principals.size() / 2);
  CHECK(changed > 300);
}

FileFacts plain_file(unsigned mode, std::uint32_t uid, std::uint32_t gid) {
  return {.id = {},
          .type = FileType::regular,
          .permissions = {.mode = mode, .uid = uid, .gid = gid, .acl = {}},
          .default_acl = {},
          .ancestors = {}};
}

TEST_CASE("all nine bits decide for owner, group and others, and for nobody else") {
  const Principal owner{.uid = 1, .gids = {10}};
  const Principal member{.uid = 2, .gids = {30, 10}};
  const Principal other{.uid = 3, .gids = {30}};
  for (unsigned mode = 0; mode < 01000; ++mode) {
    CAPTURE(mode);
    const Permissions file = plain_file(mode, 1, 10).permissions;
    for (const Access access : {Access::read, Access::write, Access::search}) {
      const auto bit = static_cast<unsigned>(access);
      CHECK(permits(file, owner, access) == ((mode >> 6 & bit) != 0));
      CHECK(permits(file, member, access) == ((mode >> 3 & bit) != 0));
      CHECK(permits(file, other, access) == ((mode & bit) != 0));
      CHECK(permits(file, {.uid = 0, .gids = {}}, access));
    }
  }
}

TEST_CASE("an empty mask takes the ACL out of the decision: the named user gets others' bits") {
  Permissions file = plain_file(0604, 1, 10).permissions;
  file.acl = {{AclTag::owner, 0, 6},
              {AclTag::user, 2, 0},
              {AclTag::group, 0, 4},
              {AclTag::mask, 0, 0},
              {AclTag::others, 0, 4}};
  CHECK(permits(file, {.uid = 2, .gids = {20}}, Access::read));
  CHECK_FALSE(permits(file, {.uid = 3, .gids = {10}}, Access::read));
}

TEST_CASE("a ruling names the class or entry that gave it") {
  Permissions file = plain_file(0640, 1, 10).permissions;
  file.acl = {{AclTag::owner, 0, 6},        {AclTag::user, 2, 4}, {AclTag::group, 0, 4},
              {AclTag::named_group, 20, 4}, {AclTag::mask, 0, 4}, {AclTag::others, 0, 0}};
  const struct {
    Principal who;
    bool granted;
    AclTag by;
    std::uint32_t id;
  } cases[] = {
      {{.uid = 1, .gids = {}}, true, AclTag::owner, 0},
      {{.uid = 2, .gids = {}}, true, AclTag::user, 2},
      {{.uid = 3, .gids = {10}}, true, AclTag::group, 0},
      {{.uid = 3, .gids = {20}}, true, AclTag::named_group, 20},
      {{.uid = 3, .gids = {}}, false, AclTag::others, 0},
  };
  for (const auto& row : cases) {
    const auto& [who, granted, by, id] = row;
    CAPTURE(row.who.uid);
    const Ruling ruling = ruling_of(file, who, Access::read);
    CHECK(ruling.granted == granted);
    CHECK(ruling.by == by);
    CHECK(ruling.id == id);
  }
}

TEST_CASE("the first directory that is closed is named") {
  FileFacts file = plain_file(0644, 1, 10);
  for (const auto& [path, mode] :
       {std::pair{"/", 0755U}, std::pair{"/a", 0700U}, std::pair{"/a/b", 0700U}}) {
    file.ancestors.push_back({.path = path,
                              .id = {},
                              .permissions = {.mode = mode, .uid = 0, .gid = 0, .acl = {}},
                              .default_acl = {}});
  }
  const Principal who{.uid = 2, .gids = {2}};
  REQUIRE(closed_directory(file, who) != nullptr);
  CHECK(closed_directory(file, who)->path == "/a");
  CHECK(closed_directory(file, {.uid = 0, .gids = {}}) == nullptr);
}

TEST_CASE("root without its capabilities is judged as any owner, member or other") {
  const Permissions closed{.mode = 0040, .uid = 0, .gid = 52001};
  const Permissions foreign{.mode = 0604, .uid = 51001, .gid = 52001};
  const Principal root{.uid = 0, .gids = {52001}};
  const Principal powerless{.uid = 0, .gids = {52001}, .is_powerless = true};
  CHECK(permits(closed, root, Access::read));
  CHECK(permits(foreign, root, Access::read));
  CHECK_FALSE(permits(closed, powerless, Access::read));
  CHECK_FALSE(permits(foreign, powerless, Access::read));
  CHECK(permits(foreign, {.uid = 0, .gids = {0}, .is_powerless = true}, Access::read));
}

TEST_CASE("an account's primary group and its others both count") {
  const Principal who =
      principal_of({.name = "bob", .uid = 2, .gid = 10, .home = "", .groups = {20, 30}});
  CHECK(who.uid == 2);
  CHECK(who.gids == std::vector<std::uint32_t>{10, 20, 30});
}

}  // namespace
}  // namespace cfwarden
