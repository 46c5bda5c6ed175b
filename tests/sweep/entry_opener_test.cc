#include "cfwarden/sweep/entry_opener.h"

#include "../host/tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace cfwarden {
namespace {

TEST_CASE("no link is followed, with openat2 or without, on this mount or across") {
  Tree tree;
  tree.directory("/d");
  tree.file("/file");
  tree.link("d", "/to_directory");
  tree.link("file", "/to_file");
  const Descriptor root{open(tree.path().c_str(), O_PATH | O_CLOEXEC)};
  for (const EntryOpener& opener : {EntryOpener{}, EntryOpener{root.get()}}) {
    for (const MountStep step : {MountStep::stay, MountStep::cross}) {
      CAPTURE(opener.sees_mounts());
      CHECK(opener.directory(root.get(), "d", step).has_value());
      CHECK(opener.file(root.get(), "file", step).has_value());
      const auto file = opener.file(root.get(), "to_file", step);
      REQUIRE_FALSE(file.has_value());
      CHECK(file.error().code == ELOOP);
      CHECK(is_gone(file.error()));
      const auto directory = opener.directory(root.get(), "to_directory", step);
      REQUIRE_FALSE(directory.has_value());
      CHECK(is_gone(directory.error()));
    }
    CHECK_FALSE(opener.passage(root.get(), "to_directory").has_value());
  }
}

TEST_CASE("a FIFO without a writer is not waited for") {
  Tree tree;
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0600) == 0);
  const Descriptor root{open(tree.path().c_str(), O_PATH | O_CLOEXEC)};
  CHECK(EntryOpener{root.get()}.file(root.get(), "fifo", MountStep::stay).has_value());
}

}  // namespace
}  // namespace cfwarden
