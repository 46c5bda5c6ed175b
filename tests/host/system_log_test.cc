#include "cfwarden/host/system_log.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>
#include <string>
#include <vector>

using namespace cfwarden;

TEST_CASE("a stderr that the variable does not name is not the journal's") {
  for (const char* stream : {"", "0:0", "1", "x:y", "8:1:2"}) {
    CAPTURE(stream);
    REQUIRE(setenv("JOURNAL_STREAM", stream, 1) == 0);
    CHECK_FALSE(system_log_of_stderr().is_open());
  }
  REQUIRE(unsetenv("JOURNAL_STREAM") == 0);
  CHECK_FALSE(system_log_of_stderr().is_open());
}

TEST_CASE("an entry is one datagram, and the first that is not taken is the last that is sent") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  const Descriptor log{ends[0]};
  {
    const Descriptor journal{ends[1]};
    const std::vector<std::string> entries{"MESSAGE=one\n", "MESSAGE=two\n"};
    CHECK(send_to_log(log, entries) == 2);
    char bytes[64];
    CHECK(std::string(bytes, static_cast<std::size_t>(read(journal.get(), bytes, sizeof bytes))) ==
          entries[0]);
    CHECK(std::string(bytes, static_cast<std::size_t>(read(journal.get(), bytes, sizeof bytes))) ==
          entries[1]);
    const std::vector<std::string> many(100'000, "MESSAGE=more\n");
    CHECK(send_to_log(log, many) < many.size());
  }
  CHECK(send_to_log(log, std::vector<std::string>{"MESSAGE=gone\n"}) == 0);
}
