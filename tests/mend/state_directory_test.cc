#include "cfwarden/mend/state_directory.h"

#include "../host/in_child.h"
#include "state_home.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cfwarden;

namespace {

std::string error_of(const Result<StateDirectory>& state) {
  return state ? "no error" : state.error().what;
}

constexpr int no_namespaces = 77;

// In a child whose /var/lib is empty and its own. `steps` returns 0, or the number of the one that
// failed.
template <class Steps>
void as_root_with_an_empty_var_lib(const Steps& steps) {
  const Ending ending = in_child([&] {
    const bool is_ready = unshare(CLONE_NEWNS) == 0 &&
                          mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                          mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=0755") == 0;
    return is_ready ? steps() : no_namespaces;
  });
  if (ending.exit_code == no_namespaces) {
    MESSAGE("skipped: no mount namespace here");
  } else {
    CHECK(ending.exit_code == 0);
  }
}

bool says(const Result<StateDirectory>& state, const std::string& what) {
  return !state && state.error().what == what;
}

bool is_absent(const char* path) {
  return access(path, F_OK) != 0 && errno == ENOENT;
}

}  // namespace

TEST_CASE("a user's state lies in XDG_STATE_HOME and is closed to everybody else") {
  const StateHome home;
  const mode_t before = umask(0);
  const Result<StateDirectory> state = StateDirectory::locked();
  umask(before);
  REQUIRE_MESSAGE(state, error_of(state));
  CHECK(state->path() == home.at("/cfwarden"));
  CHECK(mode_of(home.at("/cfwarden")) == 0700);
  CHECK(mode_of(home.at("/cfwarden/journal")) == 0700);
  CHECK(mode_of(home.at("/cfwarden/lock")) == 0600);
  struct stat named {};
  struct stat opened {};
  REQUIRE(stat(home.at("/cfwarden/journal").c_str(), &named) == 0);
  REQUIRE(fstat(state->journals().get(), &opened) == 0);
  CHECK(named.st_ino == opened.st_ino);
}

TEST_CASE("without XDG_STATE_HOME, or with a relative one, it lies below the home") {
  const StateHome home;
  const KeptVariable kept_home{"HOME"};
  setenv("HOME", home.at("").c_str(), 1);
  for (const char* elsewhere : {"", "state", "./state"}) {
    CAPTURE(elsewhere);
    setenv("XDG_STATE_HOME", elsewhere, 1);
    const Result<StateDirectory> state = StateDirectory::locked();
    REQUIRE_MESSAGE(state, error_of(state));
    CHECK(state->path() == home.at("/.local/state/cfwarden"));
  }
  CHECK(mode_of(home.at("/.local")) == 0700);
  CHECK(mode_of(home.at("/.local/state")) == 0700);
}

TEST_CASE("a user without a home is told what to set, and has no journals yet") {
  const StateHome home;
  const KeptVariable kept_home{"HOME"};
  unsetenv("XDG_STATE_HOME");
  for (const char* value : {"", "relative"}) {
    setenv("HOME", value, 1);
    CHECK(error_of(StateDirectory::locked()) ==
          "there is no place for a journal: set HOME or XDG_STATE_HOME to an absolute path");
    const auto existing = StateDirectory::existing();
    CHECK((existing && !*existing));
  }
}

TEST_CASE("looking for the state makes nothing and needs no lock") {
  const StateHome home;
  const auto nothing = StateDirectory::existing();
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
  CHECK(access(home.at("/cfwarden").c_str(), F_OK) != 0);

  const auto running = StateDirectory::locked();
  REQUIRE(running);
  const auto existing = StateDirectory::existing();
  REQUIRE(existing);
  REQUIRE(*existing);
  CHECK((*existing)->path() == home.at("/cfwarden"));
}

TEST_CASE("one run at a time holds the lock, and its end releases it, however it ends") {
  const StateHome home;
  const std::string held = home.at("/cfwarden/lock") +
                           ": another run of fix or undo holds this lock: wait until it has ended";
  {
    const auto running = StateDirectory::locked();
    REQUIRE(running);
    const auto second = StateDirectory::locked();
    CHECK(error_of(second) == held);
    CHECK(second.error().code == EWOULDBLOCK);
    CHECK(in_child([] { return StateDirectory::locked() ? 1 : 0; }).exit_code == 0);
  }
  CHECK(StateDirectory::locked());

  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t other = fork();
  REQUIRE(other >= 0);
  if (other == 0) {
    const auto running = StateDirectory::locked();
    (void)!write(ready[1], running ? "y" : "n", 1);
    for (;;) pause();
  }
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK(error_of(StateDirectory::locked()) == held);
  REQUIRE(kill(other, SIGKILL) == 0);
  REQUIRE(waitpid(other, nullptr, 0) == other);
  CHECK(StateDirectory::locked());
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a state that is open to others is refused, and it is said how far to close it") {
  const StateHome home;
  REQUIRE(StateDirectory::locked());
  struct Case {
    std::string below;
    mode_t mode;
    std::string why;
  };
  for (const Case& row : {
           Case{"/cfwarden", 0755, "is open to others (0755); it may be at most 0700"},
           Case{"/cfwarden", 02710, "is open to others (2710); it may be at most 2700"},
           Case{"/cfwarden/journal", 0701, "is open to others (0701); it may be at most 0700"},
           Case{"/cfwarden/lock", 0640, "is open to others (0640); it may be at most 0600"},
       }) {
    CAPTURE(row.below);
    const std::string path = home.at(row.below);
    const unsigned before = mode_of(path);
    REQUIRE(chmod(path.c_str(), row.mode) == 0);
    CHECK(error_of(StateDirectory::locked()) == path + ": " + row.why);
    if (row.below != "/cfwarden/lock") CHECK_FALSE(StateDirectory::existing());
    REQUIRE(chmod(path.c_str(), before) == 0);
  }
  CHECK(StateDirectory::locked());
}

TEST_CASE("a state that belongs to somebody else is refused") {
  if (needs_root()) return;
  const StateHome home;
  REQUIRE(StateDirectory::locked());
  const auto give = [](const std::string& path, std::uint32_t uid) {
    REQUIRE(seteuid(0) == 0);
    REQUIRE(chown(path.c_str(), uid, uid) == 0);
    REQUIRE(seteuid(alice) == 0);
  };
  // Of another owner's 0700 directory and 0600 file the kernel itself keeps alice out.
  for (const std::string below : {"/cfwarden/journal", "/cfwarden/lock", "/cfwarden"}) {
    CAPTURE(below);
    const std::string path = home.at(below);
    give(path, mallory);
    CHECK(error_of(StateDirectory::locked()) == path + ": open: permission denied");
    REQUIRE(seteuid(0) == 0);
    REQUIRE(chmod(path.c_str(), below == "/cfwarden/lock" ? 0666 : 0755) == 0);
    REQUIRE(seteuid(alice) == 0);
    CHECK(error_of(StateDirectory::locked()) ==
          path + ": belongs to uid 54322; it must be the caller's");
    give(path, alice);
    REQUIRE(chmod(path.c_str(), below == "/cfwarden/lock" ? 0600 : 0700) == 0);
  }
  CHECK(StateDirectory::locked());
}

TEST_CASE("a link in place of the state is not followed") {
  const StateHome home;
  const std::string why = ": is no directory, or a symbolic link, which is not followed here";
  REQUIRE(mkdir(home.at("/elsewhere").c_str(), 0700) == 0);
  REQUIRE(symlink("elsewhere", home.at("/cfwarden").c_str()) == 0);
  CHECK(error_of(StateDirectory::locked()) == home.at("/cfwarden") + why);
  CHECK_FALSE(StateDirectory::existing());
  CHECK(access(home.at("/elsewhere/journal").c_str(), F_OK) != 0);

  REQUIRE(unlink(home.at("/cfwarden").c_str()) == 0);
  REQUIRE(mkdir(home.at("/cfwarden").c_str(), 0700) == 0);
  REQUIRE(symlink("../elsewhere", home.at("/cfwarden/journal").c_str()) == 0);
  CHECK(error_of(StateDirectory::locked()) == home.at("/cfwarden/journal") + why);

  REQUIRE(unlink(home.at("/cfwarden/journal").c_str()) == 0);
  REQUIRE(symlink("../elsewhere/lock", home.at("/cfwarden/lock").c_str()) == 0);
  CHECK(error_of(StateDirectory::locked()) ==
        home.at("/cfwarden/lock") + ": is a symbolic link, which is not followed here");
  CHECK(access(home.at("/elsewhere/lock").c_str(), F_OK) != 0);
}

TEST_CASE("what is no directory or no regular file is refused at once") {
  const StateHome home;
  put_bytes(home.at("/cfwarden"), "invented");
  CHECK(error_of(StateDirectory::locked()) ==
        home.at("/cfwarden") + ": is no directory, or a symbolic link, which is not followed here");
  REQUIRE(unlink(home.at("/cfwarden").c_str()) == 0);
  REQUIRE(mkdir(home.at("/cfwarden").c_str(), 0700) == 0);
  REQUIRE(mkfifo(home.at("/cfwarden/lock").c_str(), 0600) == 0);
  CHECK(error_of(StateDirectory::locked()) ==
        home.at("/cfwarden/lock") + ": is not a regular file");
}

TEST_CASE("a lock file with another name is refused: closing it would close that one") {
  const StateHome home;
  REQUIRE(mkdir(home.at("/cfwarden").c_str(), 0700) == 0);
  put_bytes(home.at("/notes"), "invented");
  REQUIRE(chmod(home.at("/notes").c_str(), 0600) == 0);
  REQUIRE(link(home.at("/notes").c_str(), home.at("/cfwarden/lock").c_str()) == 0);
  CHECK(error_of(StateDirectory::locked()) ==
        home.at("/cfwarden/lock") + ": has 2 names; it must have one");
}

TEST_CASE("a user's own links above the state are followed") {
  const StateHome home;
  REQUIRE(mkdir(home.at("/disk").c_str(), 0700) == 0);
  REQUIRE(symlink("disk", home.at("/way").c_str()) == 0);
  setenv("XDG_STATE_HOME", home.at("/way/state").c_str(), 1);
  const auto state = StateDirectory::locked();
  REQUIRE_MESSAGE(state, error_of(state));
  CHECK(mode_of(home.at("/disk/state/cfwarden/journal")) == 0700);
}

TEST_CASE("where the state cannot be made, the place is named") {
  const StateHome home;
  REQUIRE(chmod(home.at("").c_str(), 0500) == 0);
  CHECK(error_of(StateDirectory::locked()) == home.at("/cfwarden") + ": mkdir: permission denied");
  REQUIRE(chmod(home.at("").c_str(), 0700) == 0);
}

TEST_CASE("root's state is /var/lib/cfwarden, whatever the environment says") {
  if (needs_root()) return;
  const Tree tree;
  as_root_with_an_empty_var_lib([&] {
    setenv("XDG_STATE_HOME", tree.path().c_str(), 1);
    setenv("HOME", tree.path().c_str(), 1);
    const auto nothing = StateDirectory::existing();
    if (!nothing || *nothing || !is_absent("/var/lib/cfwarden")) return 1;
    const auto state = StateDirectory::locked();
    if (!state || state->path() != "/var/lib/cfwarden") return 2;
    if (mode_of("/var/lib/cfwarden") != 0700) return 3;
    if (mode_of("/var/lib/cfwarden/journal") != 0700) return 4;
    if (mode_of("/var/lib/cfwarden/lock") != 0600) return 5;
    const auto existing = StateDirectory::existing();
    if (!existing || !*existing) return 6;
    return access(tree.at("/cfwarden").c_str(), F_OK) == 0 ? 7 : 0;
  });
}

TEST_CASE("root's state is refused where anybody else owns or can write a directory above") {
  if (needs_root()) return;
  as_root_with_an_empty_var_lib([] {
    if (chmod("/var/lib", 0775) != 0) return 1;
    if (!says(StateDirectory::locked(), "/var/lib: is 0775; it may be at most 0755")) return 2;
    if (chmod("/var/lib", 01777) != 0) return 3;
    if (!says(StateDirectory::locked(), "/var/lib: is 1777; it may be at most 1755")) return 4;
    if (chmod("/var/lib", 0755) != 0 || chown("/var/lib", alice, 0) != 0) return 5;
    if (!says(StateDirectory::locked(),
              "/var/lib: belongs to uid 54321; it must be root's or the caller's")) {
      return 6;
    }
    if (StateDirectory::existing()) return 7;
    if (chown("/var/lib", 0, 0) != 0) return 8;
    return is_absent("/var/lib/cfwarden") && StateDirectory::locked() ? 0 : 9;
  });
}

TEST_CASE("root's state is refused where it is another user's or a link") {
  if (needs_root()) return;
  as_root_with_an_empty_var_lib([] {
    if (mkdir("/var/lib/cfwarden", 0700) != 0) return 1;
    if (chown("/var/lib/cfwarden", alice, alice) != 0) return 2;
    if (!says(StateDirectory::locked(),
              "/var/lib/cfwarden: belongs to uid 54321; it must be root's")) {
      return 3;
    }
    if (rename("/var/lib/cfwarden", "/var/lib/elsewhere") != 0) return 4;
    if (chown("/var/lib/elsewhere", 0, 0) != 0) return 5;
    if (symlink("elsewhere", "/var/lib/cfwarden") != 0) return 6;
    if (!says(StateDirectory::locked(),
              "/var/lib/cfwarden: is no directory, or a symbolic link, which is not followed "
              "here")) {
      return 7;
    }
    return is_absent("/var/lib/elsewhere/journal") ? 0 : 8;
  });
}
