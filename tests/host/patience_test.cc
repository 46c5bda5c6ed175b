#include "cfwarden/host/patience.h"

#include "cfwarden/host/sandbox.h"
#include "in_child.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <ctime>

#include <sched.h>
#include <unistd.h>

namespace cfwarden {
namespace {

struct Count {
  std::atomic<std::size_t> at = 0;
  std::size_t stuck_at = 0;  // 0: nowhere.
  std::size_t end = 10;
  long step_ms = 0;
  std::array<int, 10> seen{};
};

void sleep_ms(long milliseconds) {
  const timespec time{.tv_sec = 0, .tv_nsec = milliseconds * 1'000'000};
  nanosleep(&time, nullptr);
}

void count(void* with) {
  auto& work = *static_cast<Count*>(with);
  for (; work.at < work.end; ++work.at) {
    while (work.stuck_at != 0 && work.at == work.stuck_at) pause();
    if (work.step_ms > 0) sleep_ms(work.step_ms);
    work.seen[work.at] = 1;
  }
}

TEST_CASE("work is done, and what it wrote is there") {
  Count work;
  CHECK(run_with_patience({count, &work, &work.at}));
  for (const int seen : work.seen) CHECK(seen == 1);
}

TEST_CASE("work that does not go on is given up, and what it did before is there") {
  if (under_sanitizer) return;
  Count work{.stuck_at = 3};
  CHECK_FALSE(run_with_patience({count, &work, &work.at}, 50));
  CHECK(work.at == 3);
  CHECK(work.seen[2] == 1);
  CHECK(work.seen[3] == 0);
  work.at = 4;
  CHECK(run_with_patience({count, &work, &work.at}));
  CHECK(work.seen[9] == 1);
}

TEST_CASE("work that goes on slowly is waited for") {
  Count work{.step_ms = 60};
  CHECK(run_with_patience({count, &work, &work.at}, 300));  // 600 in all.
  CHECK(work.seen[9] == 1);
}

TEST_CASE("no child is left behind, and the processors are those of before") {
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  Count work;
  CHECK(run_with_patience({count, &work, &work.at}));
  Count stuck{.stuck_at = 1};
  if (!under_sanitizer) CHECK_FALSE(run_with_patience({count, &stuck, &stuck.at}, 20));
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  cpu_set_t after;
  REQUIRE(sched_getaffinity(0, sizeof after, &after) == 0);
  CHECK(CPU_EQUAL(&before, &after) != 0);
}

void pause_for_ever(void* with) {
  *static_cast<std::atomic<std::size_t>*>(with) = static_cast<std::size_t>(getpid());
  for (;;) pause();
}

TEST_CASE("work does not outlive whoever waits for it") {
  if (under_sanitizer) return;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t waiting = fork();
  if (waiting == 0) {
    close(ends[0]);
    std::atomic<std::size_t> at = 0;
    run_with_patience({pause_for_ever, &at, &at}, 600'000);
    _exit(0);
  }
  close(ends[1]);
  sleep_ms(100);
  kill(waiting, SIGKILL);
  REQUIRE(waitpid(waiting, nullptr, 0) == waiting);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 0);  // The work's own end of the pipe is closed too.
  close(ends[0]);
}

}  // namespace
}  // namespace cfwarden
