// Archives of each sort, whole and damaged, inside each other.
#include "cfwarden/archives/archive.h"

#include "../host/in_child.h"
#include "archives.h"
#include "cfwarden/host/sandbox.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Misses = std::vector<std::pair<std::string, ArchiveMiss>>;

struct Compressor {
  const char* suffix;
  int (*filter)(archive*);
};

constexpr Compressor compressors[] = {
    {".gz", archive_write_add_filter_gzip},
    {".zst", archive_write_add_filter_zstd},
    {".xz", archive_write_add_filter_xz},
    {".bz2", archive_write_add_filter_bzip2},
};

// Lines that differ, longer than any buffer.
std::string long_text() {
  std::string text;
  for (int line = 0; text.size() < 700'000; ++line) {
    text += "line " + std::to_string(line) + " of " + std::to_string(line * 7919 % 10'007) + "\n";
  }
  return text;
}

std::string content_of(const ArchiveHeard& heard, const std::string& name) {
  for (const ArchiveFile& file : heard.files) {
    if (file.name == name) return file.content;
  }
  return "no such member";
}

std::vector<std::string> names_of(const ArchiveHeard& heard) {
  std::vector<std::string> names;
  for (const ArchiveFile& file : heard.files) names.push_back(file.name);
  return names;
}

TEST_CASE("a compressed file is one member, named like the file without its suffix") {
  const std::string text = long_text();
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    const std::string bytes = packed(compressor.filter, text);
    REQUIRE(is_archive(bytes));
    const ArchiveHeard heard = heard_in(bytes, std::string{"log/app.log.2"} + compressor.suffix);
    CHECK(names_of(heard) == std::vector<std::string>{"app.log.2"});
    CHECK((content_of(heard, "app.log.2") == text));
    CHECK(heard.misses.empty());
  }
}

TEST_CASE("a compressed tar is a tar") {
  const std::string text = long_text();
  const std::string tar = tar_of({{"etc/token", "invented"}, {"log", text}});
  CHECK(is_archive(tar));
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    const ArchiveHeard heard = heard_in(packed(compressor.filter, tar), "a.tar");
    CHECK(names_of(heard) == std::vector<std::string>{"etc/token", "log"});
    CHECK(content_of(heard, "etc/token") == "invented");
    CHECK((content_of(heard, "log") == text));
    CHECK(heard.misses.empty());
  }
  CHECK((content_of(heard_in(tar, "a.tar"), "log") == text));
}

TEST_CASE("a zip is read however its members are stored") {
  const std::string text = long_text();
  for (const char* options : {"zip:compression=store", "zip:compression=deflate", "zip:zip64",
                              "zip:compression=store,zip:zip64"}) {
    CAPTURE(options);
    const std::string bytes = zip_of({{"a/token", "invented"}, {"log", text}}, options);
    CHECK(is_archive(bytes));
    // With its directory; and without, as inside of another archive.
    for (const ArchiveHeard& heard :
         {heard_in(bytes, "x.zip"), heard_in(gzip_of(bytes), "x.zip.gz")}) {
      REQUIRE(heard.files.size() == 2);
      CHECK(heard.files[0].name.ends_with("a/token"));
      CHECK(heard.files[0].content == "invented");
      CHECK((heard.files[1].content == text));
      CHECK(heard.misses.empty());
    }
  }
}

TEST_CASE("a zip whose sizes stand behind its members is read") {
  // A writer that does not know the size yet: the sizes of both members stand behind them.
  for (const char* options : {"zip:compression=store", "zip:compression=deflate"}) {
    CAPTURE(options);
    ArchiveWriter writer{archive_write_set_format_zip, archive_write_add_filter_none, options};
    for (const char* name : {"one", "two"}) {
      archive_entry* const entry = archive_entry_new();
      archive_entry_set_pathname(entry, name);
      archive_entry_set_filetype(entry, AE_IFREG);
      REQUIRE(archive_write_header(writer.library(), entry) == ARCHIVE_OK);
      archive_entry_free(entry);
      writer.add(std::string{"content of "} + name);
    }
    const std::string bytes = writer.bytes();
    for (const ArchiveHeard& heard :
         {heard_in(bytes, "x.zip"), heard_in(tar_of({{"x.zip", bytes}}), "x.tar")}) {
      REQUIRE(heard.files.size() == 2);
      CHECK(heard.files[0].content == "content of one");
      CHECK(heard.files[1].content == "content of two");
      CHECK(heard.misses.empty());
    }
  }
}

TEST_CASE("an encrypted member is a miss") {
  for (const char* options : {"zip:encryption=traditional", "zip:encryption=aes256"}) {
    CAPTURE(options);
    const std::string bytes = zip_of({{"one", long_text()}, {"two", "invented"}}, options);
    const ArchiveHeard heard = heard_in(bytes, "x.zip");
    CHECK(heard.files.empty());
    CHECK(heard.misses == Misses{{"one", ArchiveMiss::encrypted}, {"two", ArchiveMiss::encrypted}});
  }
}

TEST_CASE("members beside an encrypted one are read") {
  std::string bytes = zip_of({{"one", "first"}, {"two", "second"}}, "zip:compression=store");
  // The flag of the first member's header, and in the directory.
  bytes[6] |= 1;
  bytes[bytes.find("PK\1\2") + 8] |= 1;
  const ArchiveHeard heard = heard_in(bytes, "x.zip");
  CHECK(names_of(heard) == std::vector<std::string>{"two"});
  CHECK(content_of(heard, "two") == "second");
  CHECK(heard.misses == Misses{{"one", ArchiveMiss::encrypted}});
}

TEST_CASE("archives in archives are named by all of them") {
  const std::string zip = zip_of({{"c", "invented"}});
  const std::string tar = tar_of({{"dir/b.zip", zip}, {"dir/log.gz", gzip_of("a line")}});
  const ArchiveHeard heard = heard_in(gzip_of(tar), "a.tar.gz");
  CHECK(names_of(heard) == std::vector<std::string>{"dir/b.zip!c", "dir/log.gz!log"});
  CHECK(content_of(heard, "dir/b.zip!c") == "invented");
  CHECK(content_of(heard, "dir/log.gz!log") == "a line");
  CHECK(heard.misses.empty());
}

TEST_CASE("what is too deep inside is handed out as it is, and is a miss") {
  std::string bytes = "invented";
  std::string name = "x";
  for (int level = 0; level < 6; ++level) {
    bytes = zip_of({{name, bytes}}, "zip:compression=store");
    name = std::to_string(level) + ".zip";
  }
  const ArchiveHeard heard = heard_in(bytes, name);
  CHECK(names_of(heard) == std::vector<std::string>{"4.zip!3.zip!2.zip"});
  CHECK(heard.files[0].content.find("invented") != std::string::npos);
  CHECK(heard.misses == Misses{{"4.zip!3.zip!2.zip", ArchiveMiss::too_deep}});
}

TEST_CASE("compressed streams that follow each other are one") {
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    const std::string bytes = packed(compressor.filter, "first,") +
                              packed(compressor.filter, "second,") +
                              packed(compressor.filter, "third");
    const ArchiveHeard heard = heard_in(bytes, "x");
    CHECK(content_of(heard, "x") == "first,second,third");
    CHECK(heard.misses.empty());
  }
}

TEST_CASE("tars that follow each other are one") {
  const ArchiveHeard heard = heard_in(tar_of({{"a", "1"}}) + tar_of({{"b", "2"}}), "x.tar");
  CHECK(names_of(heard) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("what follows a compressed stream and is none does not count") {
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    const std::string bytes = packed(compressor.filter, "invented") + std::string(512, '\0');
    const ArchiveHeard heard = heard_in(bytes, "x");
    CHECK(content_of(heard, "x") == "invented");
    CHECK(heard.misses.empty());
  }
}

TEST_CASE("what came out before a stream is cut off is handed out, however little it is") {
  for (const std::string& text :
       {std::string{"invented, and long enough to be compressed a bit"}, long_text()}) {
    const std::string bytes = gzip_of(text);
    const ArchiveHeard heard = heard_in(bytes.substr(0, bytes.size() - 9), "x.gz");
    CHECK(content_of(heard, "x").size() + 64 > text.size());
    CHECK(text.starts_with(content_of(heard, "x")));
    CHECK(heard.misses == Misses{{"", ArchiveMiss::cut_off}});
  }
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    const std::string text = long_text() + long_text();
    const std::string bytes = packed(compressor.filter, text);
    const ArchiveHeard heard = heard_in(bytes.substr(0, bytes.size() - 30), "x");
    CHECK(heard.misses == Misses{{"", ArchiveMiss::cut_off}});
    CHECK(text.starts_with(content_of(heard, "x")));
  }
}

TEST_CASE("a tar in a stream that is cut off gives its members up to there, and one miss") {
  const std::string text = long_text();
  const std::string bytes = gzip_of(tar_of({{"a", "invented"}, {"b", text}}));
  const ArchiveHeard heard = heard_in(bytes.substr(0, bytes.size() / 2), "x.tar.gz");
  CHECK(content_of(heard, "a") == "invented");
  CHECK(text.starts_with(content_of(heard, "b")));
  CHECK(heard.misses == Misses{{"", ArchiveMiss::cut_off}});
}

TEST_CASE("a damaged stream is a miss") {
  for (const Compressor& compressor : compressors) {
    CAPTURE(compressor.suffix);
    std::string bytes = packed(compressor.filter, long_text());
    for (std::size_t at = bytes.size() / 2; at < bytes.size() / 2 + 64; ++at) bytes[at] ^= '\x5a';
    CHECK(heard_in(bytes, "x").misses.size() == 1);
  }
}

TEST_CASE("a zip without its end gives the members that are there") {
  const std::string bytes = zip_of({{"a", "invented"}, {"b", long_text()}});
  const ArchiveHeard heard = heard_in(bytes.substr(0, bytes.size() * 2 / 3), "x.zip");
  CHECK(content_of(heard, "a") == "invented");
  CHECK(heard.misses == Misses{{"b", ArchiveMiss::damaged}, {"", ArchiveMiss::damaged}});
}

TEST_CASE("a damaged archive in an archive does not keep the others from being read") {
  const std::string inner = gzip_of(long_text());
  const ArchiveHeard heard =
      heard_in(tar_of({{"bad.gz", inner.substr(0, 1000)}, {"good", "invented"}}), "x.tar");
  CHECK(content_of(heard, "good") == "invented");
  CHECK(heard.misses == Misses{{"bad.gz", ArchiveMiss::cut_off}});
}

TEST_CASE("names are the bytes of the archive, whatever they are") {
  const std::vector<std::string> names{"\x1b]52;c;x\x07", "line\nline",  "../../etc/x",
                                       "/etc/x",          "caf\xc3\xa9", "latin\xe9"};
  std::vector<ArchiveFile> files;
  for (const std::string& name : names) files.push_back({name, "invented"});
  CHECK(names_of(heard_in(tar_of(files), "x.tar")) == names);
  CHECK(names_of(heard_in(zip_of(files), "x.zip")) == names);
}

TEST_CASE("a zip that calls its names UTF-8 is believed where they are") {
  const std::vector<ArchiveFile> files{{"caf\xc3\xa9", "one"}, {"latin\xe9", "two"}};
  const ArchiveHeard heard = heard_in(zip_of(files, "zip:hdrcharset=UTF-8"), "x.zip");
  CHECK(names_of(heard) == std::vector<std::string>{"caf\xc3\xa9", "?"});
  CHECK(content_of(heard, "?") == "two");
}

TEST_CASE("a long name is cut") {
  const std::string long_name(100'000, 'n');
  const ArchiveHeard heard = heard_in(tar_of({{long_name, "invented"}}), "x.tar");
  REQUIRE(heard.files.size() == 1);
  CHECK(heard.files[0].name == long_name.substr(0, longest_member));
}

TEST_CASE("directories and links have no content") {
  ArchiveWriter writer{archive_write_set_format_pax, archive_write_add_filter_none};
  for (const auto type : {AE_IFDIR, AE_IFLNK, AE_IFIFO, AE_IFCHR}) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, "x");
    archive_entry_set_filetype(entry, type);
    archive_entry_set_symlink(entry, "y");
    REQUIRE(archive_write_header(writer.library(), entry) == ARCHIVE_OK);
    archive_entry_free(entry);
  }
  writer.add_file({"file", "invented"});
  CHECK(names_of(heard_in(writer.bytes(), "x.tar")) == std::vector<std::string>{"file"});
}

TEST_CASE("what only looks like the beginning of an archive is none") {
  const std::string tar_word = std::string(257, 'x') + "ustar" + std::string(500, 'x');
  for (const std::string& bytes :
       {std::string{}, std::string{"BZh is a word"}, std::string{"PK"}, std::string{"\x1f\x8b"},
        std::string(1024, '\0'), std::string(1024, ' '), tar_word}) {
    CAPTURE(bytes);
    CHECK_FALSE(is_archive(bytes));
    const ArchiveHeard heard = heard_in(bytes, "x");
    CHECK(heard.files.empty());
    CHECK(heard.misses.empty());
  }
}

TEST_CASE("a descriptor is read from its beginning, wherever it stands") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  const std::string bytes = zip_of({{"a", long_text()}});
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  REQUIRE(std::fflush(file) == 0);
  ArchiveHeard heard;
  read_archive(fileno(file), "x.zip", {}, events_into(heard));
  CHECK((content_of(heard, "a") == long_text()));
  CHECK(heard.misses.empty());
  REQUIRE(std::fclose(file) == 0);
}

TEST_CASE("no archive makes anything be opened") {
  const std::string text = long_text();
  const std::vector<ArchiveFile> files{{"caf\xc3\xa9", text}, {"x.gz", gzip_of("inner")}};
  std::vector<std::string> archives{
      tar_of(files), zip_of(files, "zip:hdrcharset=UTF-8"), zip_of(files, "zip:compression=store"),
      zip_of(files, "zip:encryption=traditional"), zip_of(files, "zip:encryption=aes256")};
  for (const Compressor& compressor : compressors) {
    archives.push_back(packed(compressor.filter, archives[0]));
    archives.push_back(packed(compressor.filter, archives[1]));
  }
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  REQUIRE(std::fwrite(archives[1].data(), 1, archives[1].size(), file) == archives[1].size());
  REQUIRE(std::fflush(file) == 0);
  const Ending ending = in_child([&] {
    if (!limit_worker(getppid()) || !forbid_opening()) return 1;
    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
    ArchiveEvents events;
    events.begin = [&](std::string_view) { ++members; };
    events.content = [&](std::string_view piece, std::uint64_t) { bytes += piece.size(); };
    events.end = [] {};
    events.miss = [](std::string_view, ArchiveMiss) {};
    for (const std::string& archive : archives) read_archive(archive, "x", {}, events);
    read_archive(fileno(file), "x", {}, events);
    // Two members in each but the two that are encrypted.
    if (members != 2 * (archives.size() - 2 + 1)) return 2;
    return bytes == (text.size() + 5) * (archives.size() - 2 + 1) ? 0 : 3;
  });
  CHECK(ending.signal == 0);
  CHECK(ending.exit_code == 0);
  REQUIRE(std::fclose(file) == 0);
}

TEST_CASE("every miss has words of its own") {
  std::vector<std::string_view> words;
  for (int miss = 0; miss <= static_cast<int>(ArchiveMiss::more); ++miss) {
    const std::string_view word = name_of(static_cast<ArchiveMiss>(miss));
    CHECK_FALSE(word.empty());
    CHECK(std::find(words.begin(), words.end(), word) == words.end());
    words.push_back(word);
  }
}

}  // namespace
}  // namespace cfwarden
