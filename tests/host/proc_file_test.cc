#include "cfwarden/host/proc_file.h"

#include "tree.h"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <fcntl.h>

namespace cfwarden {
namespace {

TEST_CASE("rights are those by which the kernel judges file access") {
  const Rights rights = rights_of(
      "Name:\tcloudflared\nUmask:\t0022\nUid:\t1000\t1001\t1002\t1003\nGid:\t10\t11\t12\t13\n"
      "Groups:\t4 24 1000 \nNSpid:\t812\t1\nCapInh:\t00000000000000ff\n"
      "CapEff:\t0000000000000006\nCapBnd:\t000001ffffffffff\n");
  CHECK(rights.name == "\tcloudflared");
  CHECK(rights.uid == 1003);
  CHECK(rights.real_uid == 1000);
  CHECK(rights.gid == 13);
  CHECK(rights.groups == std::vector<std::uint32_t>{4, 24, 1000});
  CHECK(rights.capabilities == 6);
  CHECK(rights.numbers == 2);
  CHECK(rights.is_ending);
}

TEST_CASE("a program is called as its bytes are, not as the kernel writes them") {
  CHECK(program_of({.name = "\tcloudflared"}) == "cloudflared");
  CHECK(program_of({.name = "\ta\\\\b\\nc"}) == "a\\b\nc");
  CHECK(program_of({.name = "\t\\011x\\33"}) == "\tx33");
  CHECK(program_of({.name = "\ta\tb\\"}) == "a\tb\\");
  CHECK(program_of({}).empty());
}

TEST_CASE("a process that still has its memory is not about to end") {
  CHECK_FALSE(rights_of("Name:\tx\nVmPeak:\t 4 kB\nVmSize:\t    4096 kB\n").is_ending);
  CHECK(rights_of("").is_ending);
}

TEST_CASE("an old kernel does not tell of namespaces, and a process may be in no group") {
  const Rights rights = rights_of("Name:\tx\nUid:\t0\t0\t0\t0\nGroups:\t \n");
  CHECK(rights.numbers == 1);
  CHECK(rights.groups.empty());
  CHECK(rights.capabilities == 0);
}

TEST_CASE("as much of a file is read as fits, and an error says why there is none") {
  Tree tree;
  const std::string path = tree.file("/file", 0, 0644, "0123456789");
  std::array<char, 4> bytes{};
  CHECK(read_proc_file(AT_FDCWD, path.c_str(), bytes) == 4);
  CHECK(std::string_view{bytes.data(), 4} == "0123");
  CHECK(read_proc_file(AT_FDCWD, tree.at("/none").c_str(), bytes) == -ENOENT);
  CHECK(read_proc_file(AT_FDCWD, tree.path().c_str(), bytes) == -EISDIR);
  const std::string link = tree.link(path, "/link");
  CHECK(read_proc_file(AT_FDCWD, link.c_str(), bytes) == -ELOOP);
}

TEST_CASE("a text is read whole, however long, up to a megabyte") {
  Tree tree;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 20'000U}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    const std::string path = tree.file("/text", 0, 0644, text);
    CHECK(proc_text(AT_FDCWD, path.c_str()) == text);
  }
  const std::string path = tree.file("/text", 0, 0644, std::string(2'000'000, 'x'));
  CHECK(proc_text(AT_FDCWD, path.c_str()).size() == 1024 * 1024);
  CHECK(proc_text(AT_FDCWD, tree.at("/none").c_str()).empty());
}

TEST_CASE("a link is read, not followed") {
  Tree tree;
  const std::string link = tree.link("/nowhere/at all", "/link");
  CHECK(proc_link(AT_FDCWD, link.c_str()) == "/nowhere/at all");
  CHECK(proc_link(AT_FDCWD, tree.path().c_str()).empty());
}

}  // namespace
}  // namespace cfwarden
