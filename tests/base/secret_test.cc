#include "cfwarden/base/secret.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

// The flags of the mapping that holds an address: "lo" is locked, "dd" is not dumped.
std::string flags_of_mapping(const void* address) {
  std::ifstream maps{"/proc/self/smaps"};
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    const std::size_t dash = line.find('-');
    const bool header = dash != std::string::npos && dash < 17 && line.find(':') > dash;
    if (header) {
      inside = std::stoull(line, nullptr, 16) <= wanted &&
               wanted < std::stoull(line.substr(dash + 1), nullptr, 16);
    }
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

TEST_CASE("a secret begins as zeros and gives back what was written") {
  Secret secret{5};
  CHECK(secret.reveal() == std::string(5, '\0'));
  std::ranges::copy(std::string_view{"hush!"}, secret.writable().begin());
  CHECK(secret.reveal() == "hush!");
}

TEST_CASE("an empty secret is empty") {
  CHECK(Secret{}.empty());
  CHECK(Secret{0}.reveal().empty());
  CHECK(Secret::copy_of({}).size() == 0);
}

TEST_CASE("a moved-from secret holds nothing, and moving onto one replaces it") {
  Secret first = Secret::copy_of("invented one");
  Secret second = Secret::copy_of("invented two");
  second = std::move(first);
  CHECK(second.reveal() == "invented one");
  CHECK(first.empty());
  const Secret third{std::move(second)};
  CHECK(third.reveal() == "invented one");
  CHECK(second.empty());
}

TEST_CASE("shrinking wipes the tail") {
  Secret secret = Secret::copy_of("hush hush");
  const char* const start = secret.reveal().data();
  secret.shrink(4);
  CHECK(secret.reveal() == "hush");
  CHECK(std::string_view{start + 4, 5} == std::string_view{"\0\0\0\0\0", 5});
  secret.shrink(40);
  CHECK(secret.size() == 4);
}

TEST_CASE("the pages of a secret are left out of core dumps") {
  const Secret secret = Secret::copy_of("hush");
  CHECK(flags_of_mapping(secret.reveal().data()).find(" dd ") != std::string::npos);
}

TEST_CASE("a page that held a secret comes to the next one as zeros, and locked in a fork too") {
  const auto is_locked = [](const Secret& secret) {
    return flags_of_mapping(secret.reveal().data()).find(" lo ") != std::string::npos;
  };
  const bool can_lock = is_locked(Secret::copy_of("hush hush"));
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    Secret secret{9};
    CHECK(secret.reveal() == std::string(9, '\0'));
    CHECK(is_locked(secret) == can_lock);
    std::ranges::fill(secret.writable(), 'x');
  }
  const pid_t child = fork();
  if (child == 0) _exit(is_locked(Secret{9}) == can_lock ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace
}  // namespace cfwarden
