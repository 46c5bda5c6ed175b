// Archives that would cost too much: bombs, endless nests, wide windows, crowds.
#include "cfwarden/archives/archive.h"

#include "../host/in_child.h"
#include "archives.h"
#include "cfwarden/host/sandbox.h"

#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using Misses = std::vector<std::pair<std::string, ArchiveMiss>>;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int at = 0; at < bytes; ++at) text += static_cast<char>(number >> (8 * at));
  return text;
}

// `bytes` bytes of zeros in about a thousandth.
std::string zeros_in_gzip(std::size_t bytes) {
  return packed(archive_write_add_filter_gzip, std::string(bytes, '\0'),
                "gzip:compression-level=9,gzip:!timestamp");
}

// One member of a zip, of so many zeros, with no directory behind it.
std::string zip_member(const std::string& gzip, std::size_t zeros) {
  constexpr std::size_t gzip_header = 10;
  constexpr std::size_t gzip_end = 8;
  const std::string deflated = gzip.substr(gzip_header, gzip.size() - gzip_header - gzip_end);
  const std::string sum = gzip.substr(gzip.size() - gzip_end, 4);
  std::string member{"PK\3\4\x14\0\0\0\x08\0\0\0\0\0", 14};
  member += sum + little_endian(deflated.size(), 4) + little_endian(zeros, 4);
  member += little_endian(4, 2) + little_endian(0, 2);
  return member + "zero" + deflated;
}

TEST_CASE("a small bomb is a miss as soon as it is larger than a small file may become") {
  const std::string bytes = packed(archive_write_add_filter_zstd, std::string(100 * mebibyte, '0'));
  REQUIRE(bytes.size() < 100'000);
  const ArchiveHeard heard = heard_in(bytes, "x.zst");
  CHECK(heard.bytes > 63 * mebibyte);
  CHECK(heard.bytes <= 64 * mebibyte);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::ratio}});
}

TEST_CASE("a bomb with a hole behind it may become no larger than without") {
  const std::string bytes = packed(archive_write_add_filter_zstd, std::string(100 * mebibyte, '0'));
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  REQUIRE(write(fileno(file), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  REQUIRE(ftruncate(fileno(file), off_t{1} << 40) == 0);
  ArchiveHeard heard;
  read_archive(fileno(file), "x.zst", {}, events_into(heard));
  std::fclose(file);
  CHECK(heard.bytes <= 64 * mebibyte);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::ratio}});
}

TEST_CASE("a zip bomb of 10 MB is a miss within the limits") {
  const std::string member = zip_member(zeros_in_gzip(10 * mebibyte), 10 * mebibyte);
  std::string bomb;
  while (bomb.size() < 10 * mebibyte) bomb += member;
  const ArchiveHeard heard = heard_in(bomb, "x.zip");
  CHECK(heard.bytes > 1020 * mebibyte);
  CHECK(heard.bytes <= 1024 * mebibyte);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::size}});
}

TEST_CASE("a log that repeats itself is no bomb, and neither is a large file") {
  const std::string gzip = zeros_in_gzip(10 * mebibyte);
  const ArchiveHeard small = heard_in(gzip, "x.gz");
  CHECK(small.bytes == 10 * mebibyte);
  CHECK(small.misses.empty());

  std::string many;
  for (int stream = 0; stream < 20; ++stream) many += gzip;
  ArchiveLimits limits;
  limits.free_bytes = mebibyte;
  limits.most_ratio = 2000;
  const ArchiveHeard large = heard_in(many, "x.gz", limits);
  CHECK(large.bytes == 200 * mebibyte);
  CHECK(large.misses.empty());
}

TEST_CASE("what is unpacked between levels counts, even if nothing comes out of it") {
  // 1 GiB of frames that a zstd reader skips, packed by gzip, and a byte behind them.
  const std::string frame = "\x50\x2a\x4d\x18" + little_endian(mebibyte - 8, 4);
  std::string frames;
  for (int count = 0; count < 128; ++count) frames += frame + std::string(mebibyte - 8, '\0');
  std::string bytes;
  for (int stream = 0; stream < 8; ++stream) bytes += gzip_of(frames);
  const ArchiveHeard heard = heard_in(bytes, "x.zst.gz", {.most_ratio = 100});
  CHECK(heard.bytes == 0);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::ratio}});
}

TEST_CASE("archives without end inside of each other are looked into so deep only") {
  std::string bytes = "invented";
  for (int level = 0; level < 40; ++level) bytes = gzip_of(bytes);
  const ArchiveHeard heard = heard_in(bytes, "x");
  REQUIRE(heard.files.size() == 1);
  CHECK(heard.files[0].name == "x!x!x");
  CHECK(heard.misses == Misses{{"x!x!x", ArchiveMiss::too_deep}});
}

TEST_CASE("a window larger than 128 MiB is a miss, and one of 128 MiB is read") {
  const std::string text(1000, 'x');
  // The frame of a zstd: magic, no size, the window's exponent, and one raw block.
  const auto frame = [&](int exponent) {
    return std::string{"\x28\xb5\x2f\xfd\0", 5} + static_cast<char>((exponent - 10) << 3) +
           little_endian(text.size() << 3 | 1, 3) + text;
  };
  const ArchiveHeard wide = heard_in(frame(27), "x.zst");
  CHECK(wide.bytes == text.size());
  CHECK(wide.misses.empty());
  for (const int exponent : {28, 31}) {
    CAPTURE(exponent);
    const ArchiveHeard heard = heard_in(frame(exponent), "x.zst");
    CHECK(heard.bytes == 0);
    CHECK(heard.misses == Misses{{"", ArchiveMiss::window}});
  }
}

TEST_CASE("a million members are read, and more are a miss") {
  ArchiveWriter header{archive_write_set_format_ustar, archive_write_add_filter_none};
  header.begin("member", 0);
  const std::string one = header.bytes().substr(0, 512);
  std::string thousand;
  for (int member = 0; member < 1000; ++member) thousand += one;
  ArchiveWriter writer{archive_write_set_format_raw, archive_write_add_filter_gzip,
                       "gzip:compression-level=1"};
  writer.begin("x", 1001 * thousand.size());
  for (int block = 0; block < 1001; ++block) writer.add(thousand);
  const std::string bytes = writer.bytes();

  std::uint64_t members = 0;
  ArchiveHeard heard;
  ArchiveEvents events = events_into(heard);
  events.begin = [&](std::string_view) { ++members; };
  events.content = [](std::string_view, std::uint64_t) {};
  events.end = [] {};
  read_archive(bytes, "x.tar.gz", {}, events);
  CHECK(members == 1'000'000);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::members}});
}

TEST_CASE("a hole of 1 GiB in a member costs nothing, and what follows it is read in its place") {
  constexpr std::size_t hole = 1024 * mebibyte;
  ArchiveWriter writer{archive_write_set_format_pax, archive_write_add_filter_none};
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, "disk.img");
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_size(entry, static_cast<la_int64_t>(hole + 8));
  archive_entry_sparse_add_entry(entry, static_cast<la_int64_t>(hole), 8);
  REQUIRE(archive_write_header(writer.library(), entry) == ARCHIVE_OK);
  archive_entry_free(entry);
  const std::string zeros(mebibyte, '\0');
  for (std::size_t written = 0; written < hole; written += mebibyte) writer.add(zeros);
  writer.add("invented");
  const std::string bytes = writer.bytes();
  REQUIRE(bytes.size() < mebibyte);

  std::vector<std::pair<std::string, std::uint64_t>> pieces;
  ArchiveHeard heard;
  ArchiveEvents events = events_into(heard);
  events.content = [&](std::string_view piece, std::uint64_t offset) {
    pieces.emplace_back(piece, offset);
  };
  read_archive(bytes, "x.tar", {}, events);
  CHECK(pieces == std::vector<std::pair<std::string, std::uint64_t>>{{"invented", hole}});
  CHECK(heard.misses.empty());
}

TEST_CASE("whoever asks for it to end is heard soon, and told of the time") {
  const std::string bytes = gzip_of(tar_of({{"a", std::string(50 * mebibyte, 'x')}}));
  int asked = 0;
  ArchiveHeard heard;
  ArchiveEvents events = events_into(heard);
  events.keep_going = [&] { return ++asked < 20; };
  read_archive(bytes, "x.tar.gz", {}, events);
  CHECK(heard.bytes < 20 * 128 * 1024);
  CHECK(heard.misses == Misses{{"", ArchiveMiss::time}});
}

TEST_CASE("misses are listed up to a number, and one says that there are more") {
  std::vector<ArchiveFile> files;
  for (int file = 0; file < 100; ++file) files.push_back({std::to_string(file), "x"});
  const std::string bytes = zip_of(files, "zip:encryption=traditional");
  const ArchiveHeard heard = heard_in(bytes, "x.zip", {.most_misses = 10});
  REQUIRE(heard.misses.size() == 11);
  CHECK(heard.misses[9] == std::pair{std::string{"9"}, ArchiveMiss::encrypted});
  CHECK(heard.misses[10] == std::pair{std::string{}, ArchiveMiss::more});
}

TEST_CASE("memory does not grow with the length of a stream") {
  const std::string gzip = zeros_in_gzip(64 * mebibyte);
  std::string bytes;
  while (bytes.size() < gzip.size() * 32) bytes += gzip;
  const Ending ending = in_child([&] {
    std::uint64_t unpacked = 0;
    ArchiveEvents events;
    events.begin = [](std::string_view) {};
    events.content = [&](std::string_view piece, std::uint64_t) { unpacked += piece.size(); };
    events.end = [] {};
    events.miss = [](std::string_view, ArchiveMiss) {};
    malloc_trim(0);
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    read_archive(bytes, "x.gz", {.most_ratio = 2000, .most_bytes = 4096 * mebibyte}, events);
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    if (unpacked != 2048 * mebibyte) return 1;
    return under_sanitizer || after.ru_maxrss - before.ru_maxrss < 1024 ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("what behind walls has no memory for its window is a miss") {
  if (under_sanitizer) return;  // They reserve more than that for themselves.
  const std::string text(1000, 'x');
  const std::string frame =
      std::string{"\x28\xb5\x2f\xfd\0", 5} + '\x88' + little_endian(text.size() << 3 | 1, 3) + text;
  const Ending ending = in_child([&] {
    const rlimit both{100 * mebibyte, 100 * mebibyte};
    if (setrlimit(RLIMIT_AS, &both) != 0) return 1;
    Misses misses;
    ArchiveEvents events;
    events.begin = [](std::string_view) {};
    events.content = [](std::string_view, std::uint64_t) {};
    events.end = [] {};
    events.miss = [&](std::string_view name, ArchiveMiss why) {
      misses.emplace_back(std::string{name}, why);
    };
    read_archive(frame, "x.zst", {}, events);
    return misses == Misses{{"", ArchiveMiss::window}} ? 0 : 2;
  });
  CHECK(ending.exit_code == 0);
}

}  // namespace
}  // namespace cfwarden
