#include "cfwarden/sweep/child_process.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;

Result<ChildProcess> sleeping_child() {
  return ChildProcess::start([] {
    while (true) pause();
  });
}

TEST_CASE("a child that comes back ends well, and one that throws does not") {
  auto good = ChildProcess::start([] {});
  REQUIRE(good);
  CHECK(good->reap(milliseconds{5000}) == 0);
  auto bad = ChildProcess::start([] { throw std::runtime_error{"expected"}; });
  REQUIRE(bad);
  const auto status = bad->reap(milliseconds{5000});
  REQUIRE(status);
  CHECK(WEXITSTATUS(*status) == 1);
  CHECK(how_it_ended(status) == "failed");
}

TEST_CASE("who does not end within the patience is not waited for, and can be killed") {
  auto child = sleeping_child();
  REQUIRE(child);
  CHECK_FALSE(child->reap(milliseconds{20}));
  child->kill();
  CHECK(how_it_ended(child->reap(milliseconds{5000})) == "was killed");
  // Its number may be another's by now.
  child->kill();
  CHECK(child->reap(milliseconds{0}));
}

TEST_CASE("a child is gone with its owner, though it was stopped") {
  pid_t pid = -1;
  {
    const auto child = sleeping_child();
    REQUIRE(child);
    pid = child->pid();
    REQUIRE(::kill(pid, SIGSTOP) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("how a child ended is told in words") {
  CHECK(how_it_ended(std::nullopt) == "did not end");
  auto child = sleeping_child();
  REQUIRE(child);
  ::kill(child->pid(), SIGSYS);
  CHECK(how_it_ended(child->reap(milliseconds{5000})) == "made a forbidden system call");
  auto other = sleeping_child();
  REQUIRE(other);
  ::kill(other->pid(), SIGUSR1);
  CHECK(how_it_ended(other->reap(milliseconds{5000})) == "crashed (signal 10)");
}

}  // namespace
}  // namespace cfwarden
