#include "cfwarden/sweep/file_reader.h"

#include "../host/in_child.h"
#include "../host/tree.h"
#include "heard.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t chunk = FileReader::chunk_bytes;

std::string noise(std::size_t length) {
  std::mt19937_64 random{length};
  std::string text(length, '\0');
  for (char& byte : text) byte = static_cast<char>('a' + random() % 26);
  return text;
}

// Every stretch of `length` bytes of a file lies whole in one of its chunks.
bool cover(std::vector<HeardChunk> chunks, std::uint64_t size, std::uint64_t length) {
  std::ranges::sort(chunks, {}, &HeardChunk::begin);
  std::uint64_t next = 0;  // Where the first stretch begins that no chunk holds yet.
  for (const HeardChunk& one : chunks) {
    if (one.begin > next) return false;
    if (one.end >= length) next = std::max(next, one.end - length + 1);
  }
  return next + length > size;
}

TEST_CASE("every byte of a file of any size is handed out, once but for the overlaps") {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{4096}, chunk - 1, chunk, chunk + 1, 5 * chunk + 17,
        std::size_t{8 << 20}, std::size_t{(8 << 20) + 1}, std::size_t{(21 << 20) + 4711}}) {
    CAPTURE(size);
    Tree tree;
    const std::string content = noise(size);
    const std::string path = tree.file("/file", 0, 0600, content);
    for (const unsigned threads : {1U, 4U}) {
      Heard heard;
      sweep_into(heard, {.paths = {path}, .threads = threads, .overlap = 300},
                 contents_into(heard));
      CHECK((heard.contents.at(path) == content));
      CHECK(heard.progress.bytes == size);
      CHECK(cover(heard.chunks.at(path), size, 301));
      std::uint64_t fresh = 0;
      for (const HeardChunk& one : heard.chunks.at(path))
        fresh += one.end - one.begin - one.repeated;
      CHECK(fresh == size);
      CHECK(std::ranges::count_if(heard.chunks.at(path), &HeardChunk::is_last) == 1);
    }
  }
}

TEST_CASE("a marker at each place around a border of chunks stands whole in one of them") {
  const std::string marker = "eyJhIjoiTHISisTHEmarkerEYJhijOI";
  Tree tree;
  const std::string filling(3 * chunk, '.');
  for (std::size_t before = 0; before <= marker.size(); ++before) {
    std::string content = filling;
    content.replace(chunk - before, marker.size(), marker);
    content.replace(2 * chunk - before, marker.size(), marker);
    tree.file("/" + std::to_string(before), 0, 0600, content);
  }
  std::mutex mutex;
  std::map<std::string, std::set<std::uint64_t>> found;
  SweepEvents events;
  events.chunk = [&](const SweptFile& file, const SweptChunk& one) {
    const std::lock_guard lock{mutex};
    for (auto at = one.bytes.find(marker); at != std::string_view::npos;
         at = one.bytes.find(marker, at + 1))
      found[std::string{file.facts().name}].insert(one.offset + at);
    return Wanted::no;
  };
  SweepProgress progress;
  (void)sweep({.paths = {tree.path()}, .threads = 4, .overlap = marker.size() - 1}, events,
              progress);
  for (std::size_t before = 0; before <= marker.size(); ++before) {
    CAPTURE(before);
    CHECK(found[std::to_string(before)] ==
          std::set<std::uint64_t>{chunk - before, 2 * chunk - before});
  }
}

TEST_CASE("bytes behind a chunk may be read up to the slack") {
  Tree tree;
  const std::string path = tree.file("/file", 0, 0600, noise(3 * chunk));
  std::uint64_t sum = 0;
  SweepEvents events;
  events.chunk = [&](const SweptFile&, const SweptChunk& one) {
    for (std::size_t i = 0; i < SweptChunk::slack; ++i)
      sum += static_cast<unsigned char>(one.bytes.data()[one.bytes.size() + i]);
    return Wanted::no;
  };
  SweepProgress progress;
  (void)sweep({.paths = {path}, .overlap = FileReader::longest_overlap}, events, progress);
  CHECK(progress.bytes == 3 * chunk);
}

std::string sparse_file(Tree& tree, off_t size, std::initializer_list<off_t> places) {
  const std::string path = tree.file("/sparse", 0, 0600, "");
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(ftruncate(fd, size) == 0);
  for (const off_t place : places) REQUIRE(pwrite(fd, "content", 7, place) == 7);
  close(fd);
  return path;
}

TEST_CASE("holes cost nothing: of 8 TiB only what is written is read, by any number of threads") {
  Tree tree;
  constexpr off_t tebibyte = off_t{1} << 40;
  const std::string path = sparse_file(tree, 8 * tebibyte, {0, 3 * tebibyte + 5, 8 * tebibyte - 7});
  for (const unsigned threads : {1U, 4U}) {
    std::mutex mutex;
    std::set<std::uint64_t> found;
    SweepEvents events;
    events.chunk = [&](const SweptFile&, const SweptChunk& one) {
      const std::lock_guard lock{mutex};
      const auto at = one.bytes.find("content");
      if (at != std::string_view::npos) found.insert(one.offset + at);
      return Wanted::no;
    };
    SweepProgress progress;
    const SweepOutcome outcome = sweep({.paths = {path}, .threads = threads}, events, progress);
    CHECK(found == std::set<std::uint64_t>{0, 3 * tebibyte + 5, 8 * tebibyte - 7});
    CHECK(progress.bytes < (1 << 20));
    CHECK(outcome.gaps.empty());
  }
}

TEST_CASE("a file of nothing but a hole is done at once") {
  Tree tree;
  const std::string path = sparse_file(tree, off_t{1} << 42, {});
  Heard heard;
  sweep_into(heard, {.paths = {path}, .threads = 2}, contents_into(heard));
  CHECK(heard.chunks.empty());
  CHECK(heard.outcome.gaps.empty());
}

TEST_CASE("a file that grows while it is read is read a little further, not for ever") {
  for (const std::size_t size : {std::size_t{100}, 3 * chunk, std::size_t{9 << 20}}) {
    CAPTURE(size);
    Tree tree;
    const std::string path = tree.file("/log", 0, 0600, noise(size));
    const int log = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const std::string more = noise(2 * chunk);
    SweepEvents events;
    events.chunk = [&](const SweptFile&, const SweptChunk&) {
      CHECK(write(log, more.data(), more.size()) == static_cast<ssize_t>(more.size()));
      return Wanted::no;
    };
    SweepProgress progress;
    const SweepOutcome outcome = sweep({.paths = {path}}, events, progress);
    CHECK(progress.bytes >= size);
    CHECK(progress.bytes <= size + FileReader::growth);
    CHECK(outcome.gaps.empty());
    close(log);
  }
}

TEST_CASE("a file that shrinks while it is read ends there") {
  Tree tree;
  const std::string path = tree.file("/log", 0, 0600, noise(10 * chunk));
  SweepEvents events;
  events.chunk = [&](const SweptFile&, const SweptChunk&) {
    CHECK(truncate(path.c_str(), 5) == 0);
    return Wanted::no;
  };
  SweepProgress progress;
  const SweepOutcome outcome = sweep({.paths = {path}}, events, progress);
  CHECK(progress.bytes == chunk);
  CHECK(outcome.gaps.empty());
}

TEST_CASE("a file with several names is read once, and tells how many it has") {
  Tree tree;
  tree.file("/a", 0, 0600, "content");
  tree.directory("/d");
  REQUIRE(link(tree.at("/a").c_str(), tree.at("/b").c_str()) == 0);
  REQUIRE(link(tree.at("/a").c_str(), tree.at("/d/c").c_str()) == 0);
  tree.file("/other", 0, 0600, "other");
  std::vector<std::uint64_t> links;
  std::set<std::uint64_t> inodes;
  SweepEvents events;
  events.name = [&](const SweptName& name) {
    if (name.type == FileType::regular) inodes.insert(name.inode);
  };
  events.chunk = [&](const SweptFile& file, const SweptChunk&) {
    links.push_back(file.facts().links);
    return Wanted::no;
  };
  SweepProgress progress;
  (void)sweep({.paths = {tree.path()}}, events, progress);
  std::ranges::sort(links);
  CHECK(links == std::vector<std::uint64_t>{1, 3});
  CHECK(inodes == std::set<std::uint64_t>{inode_of(tree.at("/a")), inode_of(tree.at("/other"))});
}

TEST_CASE("a file beyond the size limit is a gap") {
  Tree tree;
  tree.file("/small", 0, 0600, "1234");
  tree.file("/large", 0, 0600, "12345");
  Heard heard;
  sweep_into(heard, {.paths = {tree.path()}, .max_size = 4}, contents_into(heard));
  CHECK(heard.contents.size() == 1);
  CHECK(heard.gaps() == std::map<std::string, std::string>{
                            {tree.at("/large"), "is larger than 4 bytes: not read"}});
}

TEST_CASE("a lease is not waited for: the file is a gap") {
  Tree tree;
  tree.file("/free", 0, 0600, "content");
  const std::string path = tree.file("/leased", 0, 0600, "content");
  if (geteuid() == 0) REQUIRE(chown(path.c_str(), 0, 0) == 0);
  std::signal(SIGIO, SIG_IGN);  // How the holder is asked to give it up.
  const int holder = open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fcntl(holder, F_SETLEASE, F_WRLCK) == 0);
  Heard heard;
  sweep_into(heard, {.paths = {tree.path()}}, contents_into(heard));
  CHECK(heard.contents.size() == 1);
  CHECK(heard.gaps() ==
        std::map<std::string, std::string>{{path, "another process holds a lease on it"}});
  close(holder);
  std::signal(SIGIO, SIG_DFL);
}

TEST_CASE("a file that a chunk was wanted of comes again once, with any range, and no chunk more") {
  Tree tree;
  std::string content = noise(20 << 20);
  content.replace(11 << 20, 6, "ANCHOR");
  const std::string path = tree.file("/large", 0, 0600, content);
  tree.file("/small", 0, 0600, "ANCHOR");
  tree.file("/plain", 0, 0600, "nothing");
  for (const unsigned threads : {1U, 4U}) {
    std::atomic<int> chunks{0};
    std::mutex mutex;
    std::multiset<std::string> again;
    SweepEvents events;
    events.chunk = [&](const SweptFile&, const SweptChunk& one) {
      ++chunks;
      return one.bytes.find("ANCHOR") == std::string_view::npos ? Wanted::no : Wanted::again;
    };
    events.again = [&](const SweptFile& file) {
      const std::lock_guard lock{mutex};
      again.insert(std::string{file.facts().name});
      if (file.facts().name != "large") return;
      CHECK((file.window(11 << 20, 6) == "ANCHOR"));
      CHECK((file.window(3, 1000) == content.substr(3, 1000)));
      CHECK((file.window(content.size() - 5, 100) == content.substr(content.size() - 5)));
      CHECK(file.window(0, content.size()).size() == SweptFile::longest_window);
      CHECK(file.window(content.size() + 1, 5).empty());
      CHECK(file.path() == path);
      CHECK(file.facts().id.inode == inode_of(path));
    };
    SweepProgress progress;
    (void)sweep({.paths = {tree.path()}, .threads = threads}, events, progress);
    CHECK(again == std::multiset<std::string>{"large", "small"});
    // Up to the anchor; other threads may have been at all the rest.
    CHECK(chunks >= 3);
    if (threads == 1) CHECK(chunks < 60);
  }
}

TEST_CASE("a read that fails is an error, and ends the reading") {
  Tree tree;
  const std::string path = tree.file("/file", 0, 0600, noise(2 * chunk));
  SweepOptions options;
  SweepEvents events;
  SweepProgress progress;
  int closed = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  events.chunk = [&](const SweptFile&, const SweptChunk&) {
    // From here on it can only be written.
    const int other = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    CHECK(dup2(other, closed) == closed);
    close(other);
    return Wanted::no;
  };
  SweepState state{.options = options,
                   .events = events,
                   .progress = progress,
                   .mounts = {},
                   .opener = {},
                   .budget = DescriptorBudget{0},
                   .starts = {}};
  FileReader reader{state};
  const Descriptor file{closed};
  const auto directory = DirectoryRef::start(tree.path());
  const DirectoryPath in{*directory};
  const SweptFile swept{{.name = "file", .size = 2 * chunk}, file, in, reader.window()};
  const FileRead read = reader.read_all(swept);
  CHECK_FALSE(read.is_wanted);
  REQUIRE(read.error.has_value());
  CHECK(read.error->what == "read: bad file descriptor");
}

TEST_CASE("a sweep leaves the times of access as they were") {
  Tree tree;
  tree.directory("/d");
  tree.file("/d/file", 0, 0600, "content");
  for (const char* below : {"/d/file", "/d"}) {
    const timespec old[2] = {{1000, 0}, {2000, 0}};
    REQUIRE(utimensat(AT_FDCWD, tree.at(below).c_str(), old, 0) == 0);
  }
  Heard heard;
  sweep_into(heard, {.paths = {tree.path()}}, contents_into(heard));
  CHECK(heard.contents.size() == 1);
  for (const char* below : {"/d/file", "/d"}) {
    struct stat status {};
    REQUIRE(stat(tree.at(below).c_str(), &status) == 0);
    CHECK(status.st_atim.tv_sec == 1000);
  }
}

}  // namespace
}  // namespace cfwarden
