#include "cfwarden/sweep/large_file.h"

#include "../host/tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::uint64_t block = 1 << 16;

std::vector<FilePart> parts_of(int descriptor, std::uint64_t size, std::uint64_t longest) {
  PartCursor cursor{descriptor, size, longest};
  std::vector<FilePart> parts;
  while (const auto part = cursor.next()) parts.push_back(*part);
  return parts;
}

TEST_CASE("parts leave holes out, and say whether what stands before them was one") {
  Tree tree;
  const std::string path = tree.file("/file", 0, 0600, std::string(3 * block, 'x'));
  const Descriptor file{open(path.c_str(), O_RDWR | O_CLOEXEC)};
  REQUIRE(ftruncate(file.get(), 10 * block) == 0);
  REQUIRE(pwrite(file.get(), std::string(block, 'y').data(), block, 8 * block) == block);
  const auto parts = parts_of(file.get(), 10 * block, 2 * block);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].begin == 0);
  CHECK(parts[0].end == 2 * block);
  CHECK_FALSE(parts[0].continues);
  CHECK(parts[1].end == 3 * block);
  CHECK(parts[1].continues);
  CHECK(parts[2].begin == 8 * block);
  CHECK(parts[2].end == 9 * block);
  CHECK_FALSE(parts[2].continues);
}

TEST_CASE("what cannot tell its holes has none") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Descriptor reading{ends[0]};
  const Descriptor writing{ends[1]};
  const auto parts = parts_of(reading.get(), 10, 7);
  REQUIRE(parts.size() == 2);
  CHECK(parts[1].begin == 7);
  CHECK(parts[1].end == 10);
}

TEST_CASE("only the last part of a large file to be finished tells that all have been") {
  Tree tree;
  constexpr std::uint64_t size = 3 * LargeFile::part_bytes;
  const std::string path = tree.file("/file", 0, 0600, std::string(size, 'x'));
  LargeFile file{DirectoryRef::start(tree.path()),
                 "file",
                 Descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)},
                 {},
                 size,
                 1};
  CHECK(file.take().has_value());
  CHECK(file.finish(true) == LargeFile::After::more);
  CHECK(file.take().has_value());
  CHECK(file.take().has_value());
  CHECK_FALSE(file.take().has_value());
  CHECK(file.finish(false) == LargeFile::After::more);
  CHECK(file.finish(false) == LargeFile::After::all_and_wanted);
}

}  // namespace
}  // namespace cfwarden
