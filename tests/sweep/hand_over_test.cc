#include "cfwarden/sweep/hand_over.h"

#include "../host/in_child.h"
#include "../host/tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cfwarden {
namespace {

struct Ends {
  Ends() {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
    sending = Descriptor{ends[0]};
    receiving = Descriptor{ends[1]};
  }
  Descriptor sending;
  Descriptor receiving;
};

Descriptor opened_file(const std::string& path) {
  return Descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
}

std::string content_of(const Descriptor& file) {
  std::string content(64, '\0');
  const ssize_t count = pread(file.get(), content.data(), content.size(), 0);
  content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return content;
}

TEST_CASE(
    "a file arrives with its path, size and sort, and can be read where it came from no name") {
  Tree tree;
  Ends ends;
  {
    const Descriptor file = opened_file(tree.file("/x", 0, 0600, "invented"));
    const HandOver told{.path = "/srv/a\n\xff", .size = 1ULL << 40, .is_process = true};
    REQUIRE(hand_over(ends.sending.get(), file.get(), told));
  }
  const auto got = receive_file(ends.receiving.get());
  REQUIRE(got);
  REQUIRE(*got);
  CHECK((*got)->file.path == "/srv/a\n\xff");
  CHECK((*got)->file.size == 1ULL << 40);
  CHECK((*got)->file.is_process);
  CHECK(content_of((*got)->descriptor) == "invented");
  CHECK(fcntl((*got)->descriptor.get(), F_GETFD) == FD_CLOEXEC);
}

TEST_CASE("paths arrive up to the longest, and none beyond it is sent") {
  Ends ends;
  const Descriptor file = opened_file("/proc/self/exe");
  const std::string longest(longest_handed_path, 'p');
  REQUIRE(hand_over(ends.sending.get(), file.get(), {.path = longest}));
  const auto got = receive_file(ends.receiving.get());
  REQUIRE(got);
  REQUIRE(*got);
  CHECK((*got)->file.path == longest);
  const auto refused = hand_over(ends.sending.get(), file.get(), {.path = longest + "p"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EMSGSIZE);
  CHECK(receive_file(ends.receiving.get(), Receive::at_once).error().code == EAGAIN);
}

TEST_CASE("once nobody can send, what was sent is still received, and then there is nothing") {
  Ends ends;
  const Descriptor file = opened_file("/proc/self/exe");
  REQUIRE(hand_over(ends.sending.get(), file.get(), {.path = "/last"}));
  ends.sending = Descriptor{};
  const auto last = receive_file(ends.receiving.get());
  REQUIRE(last);
  REQUIRE(*last);
  CHECK((*last)->file.path == "/last");
  const auto end = receive_file(ends.receiving.get());
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("a message that is none of ours is refused, with whatever descriptors came along") {
  Ends ends;
  const Descriptor file = opened_file("/proc/self/exe");
  for (const std::string message : {"x", "\2garbage", "0123456789012345"}) {
    REQUIRE(send(ends.sending.get(), message.data(), message.size(), 0) > 0);
    const auto got = receive_file(ends.receiving.get());
    REQUIRE_FALSE(got);
    CHECK(got.error().code == 0);
  }
}

TEST_CASE("whoever does not wait is told when the queue is full") {
  Ends ends;
  const Descriptor file = opened_file("/proc/self/exe");
  int sent = 0;
  while (sent < 100'000 && try_hand_over(ends.sending.get(), file.get(), {.path = "/x"})) ++sent;
  CHECK(sent > 10);
  CHECK(try_hand_over(ends.sending.get(), file.get(), {.path = "/x"}).error().code == EAGAIN);
}

// Of an ordinary user, the kernel keeps no more on the way than it may have open.
int send_more_than_allowed() {
  if (is_root() && (setgid(alice) != 0 || setuid(alice) != 0)) return 1;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) return 2;
  const int file = open("/proc/self/exe", O_RDONLY);
  const rlimit few{20, 20};
  if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 3;
  constexpr int files = 200;
  int refused = 0;
  std::thread receiver{[&] {
    const timespec pause{0, 100'000'000};
    nanosleep(&pause, nullptr);
    for (int i = 0; i < files; ++i) {
      const auto got = receive_file(ends[1]);
      if (!got || !*got || !(*got)->descriptor.is_open()) ++refused;
    }
  }};
  for (int i = 0; i < files; ++i) {
    if (!hand_over(ends[0], file, {.path = "/x"})) return 4;
  }
  receiver.join();
  return refused == 0 ? 0 : 5;
}

TEST_CASE("more files than may be on their way wait for those before them") {
  CHECK(in_child(send_more_than_allowed).exit_code == 0);
}

int send_from_threads() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) return 1;
  const int file = open("/proc/self/exe", O_RDONLY);
  std::vector<std::thread> senders;
  for (int thread = 0; thread < 4; ++thread) {
    senders.emplace_back([&ends, file, thread] {
      for (int i = 0; i < 500; ++i) {
        (void)hand_over(ends[0], file, {.path = std::to_string(thread) + "-" + std::to_string(i)});
      }
    });
  }
  std::set<std::string> received;
  while (received.size() < 2000) {
    const auto got = receive_file(ends[1]);
    if (!got || !*got || !received.insert((*got)->file.path).second) return 2;
  }
  for (std::thread& sender : senders) sender.join();
  return 0;
}

TEST_CASE("several threads hand over at the same time, and each file arrives once") {
  CHECK(in_child(send_from_threads).exit_code == 0);
}

}  // namespace
}  // namespace cfwarden
