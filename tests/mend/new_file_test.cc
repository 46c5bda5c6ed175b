#include "cfwarden/mend/new_file.h"

#include "../host/in_child.h"
#include "token_tree.h"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

using namespace cfwarden;

namespace {

Descriptor opened(const std::string& path) {
  return Descriptor{open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

// As an old kernel or a container's filter answers. For this process, and for good.
bool refuse_renameat2(unsigned error) {
  std::array<sock_filter, 4> program{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_renameat2},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("a temporary name is one, and never the same twice") {
  const auto one = new_temporary_name();
  const auto other = new_temporary_name();
  REQUIRE(one);
  REQUIRE(other);
  CHECK(is_temporary_name(*one));
  CHECK(*one != *other);
  for (const std::string& name :
       {std::string{}, std::string{".cfwarden-"}, std::string{".cfwarden-0123456789abcde"},
        std::string{".cfwarden-0123456789abcdef0"}, std::string{".cfwarden-0123456789abcdeX"},
        std::string{".cfwarden-../../../../etc"}, std::string{"cfwarden-0123456789abcdef"},
        std::string{"token"}}) {
    CAPTURE(name);
    CHECK_FALSE(is_temporary_name(name));
  }
}

TEST_CASE("a new file is its owner's alone, whatever the umask, and is not made twice") {
  Tree tree;
  const Descriptor directory = opened(tree.path());
  const mode_t before = umask(0);
  const auto file = create_closed(directory, "new");
  umask(before);
  REQUIRE(file);
  CHECK(fill_with(*file, std::string(100'000, 'x')));
  CHECK(mode_of(tree.at("/new")) == 0600);
  CHECK(content_of(tree.at("/new")) == std::string(100'000, 'x'));
  const auto again = create_closed(directory, "new");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == EEXIST);
}

TEST_CASE("no link is followed to where a new file goes") {
  Tree tree;
  tree.link(tree.at("/victim"), "/new");
  const auto file = create_closed(opened(tree.path()), "new");
  REQUIRE_FALSE(file);
  CHECK_FALSE(is_there(tree.at("/victim")));
}

TEST_CASE("a file gets a name that is free, and never another's") {
  // 0: the kernel's own way; else what it is made to answer to renameat2.
  for (const unsigned error : {0U, unsigned{ENOSYS}, unsigned{EPERM}, unsigned{EINVAL}}) {
    CAPTURE(error);
    Tree tree;
    tree.file("/temporary", geteuid(), 0600, "new");
    tree.file("/taken", geteuid(), 0600, "old");
    const Ending ending = in_child([&] {
      if (error != 0 && !refuse_renameat2(error)) return 77;
      const Descriptor directory = opened(tree.path());
      const auto refused = name_as_new(directory, "temporary", "taken");
      if (refused || refused.error().code != EEXIST) return 1;
      if (!name_as_new(directory, "temporary", "free")) return 2;
      return 0;
    });
    CHECK(ending.exit_code == 0);
    CHECK(content_of(tree.at("/taken")) == "old");
    CHECK(content_of(tree.at("/free")) == "new");
    CHECK_FALSE(is_there(tree.at("/temporary")));
  }
}

TEST_CASE("a dangling link in the place of a new name stays") {
  Tree tree;
  tree.file("/temporary", geteuid(), 0600, "new");
  tree.link("nowhere", "/taken");
  const auto refused = name_as_new(opened(tree.path()), "temporary", "taken");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EEXIST);
  CHECK_FALSE(is_there(tree.at("/nowhere")));
}

TEST_CASE("what is not there is removed already") {
  Tree tree;
  tree.file("/one", geteuid());
  const Descriptor directory = opened(tree.path());
  CHECK(remove_name(directory, "one"));
  CHECK_FALSE(is_there(tree.at("/one")));
  CHECK(remove_name(directory, "one"));
}
