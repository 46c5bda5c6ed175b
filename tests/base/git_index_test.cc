#include "cfwarden/base/git_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

struct Entry {
  std::string name;
  std::uint32_t mode = 0100644;
  unsigned stage = 0;
  bool is_extended = false;
};

struct Form {
  std::uint32_t version = 2;
  std::size_t id_bytes = 20;
};

std::string entry_bytes(const Entry& entry, const Form& form, std::string_view before) {
  std::string bytes(24, '\1');
  bytes += big_endian(entry.mode) + std::string(12, '\2') + std::string(form.id_bytes, '\3');
  const std::size_t length = std::min<std::size_t>(entry.name.size(), 0xfff);
  const unsigned flags =
      (entry.is_extended ? 0x4000U : 0U) | entry.stage << 12U | static_cast<unsigned>(length);
  bytes += big_endian(flags).substr(2);
  if (entry.is_extended) bytes += std::string("\x20\x00", 2);
  if (form.version == 4) {
    const auto shared =
        static_cast<std::size_t>(std::ranges::mismatch(before, entry.name).in1 - before.begin());
    REQUIRE(before.size() - shared < 128);
    bytes += static_cast<char>(before.size() - shared);
    return bytes + entry.name.substr(shared) + '\0';
  }
  bytes += entry.name;
  return bytes + std::string(8 - bytes.size() % 8, '\0');
}

// As git writes it; its checksum is not looked at.
std::string index_of(const std::vector<Entry>& entries, const Form& form = {},
                     const std::string& extensions = {}) {
  std::string bytes =
      "DIRC" + big_endian(form.version) + big_endian(static_cast<std::uint32_t>(entries.size()));
  std::string before;
  for (const Entry& entry : entries) {
    bytes += entry_bytes(entry, form, before);
    before = entry.name;
  }
  return bytes + extensions + std::string(form.id_bytes, '\4');
}

std::string extension(const std::string& name, const std::string& content) {
  return name + big_endian(static_cast<std::uint32_t>(content.size())) + content;
}

}  // namespace

TEST_CASE(
    "an index of every version, with short ids and long ones, lists its files and no others") {
  const std::vector<std::string> asked{".env", "deploy/compose.yml", "deploy/none", "z"};
  for (const std::uint32_t version : {2U, 3U, 4U}) {
    for (const std::size_t id_bytes : {20U, 32U}) {
      CAPTURE(version);
      CAPTURE(id_bytes);
      const std::string index =
          index_of({{".env"}, {"a"}, {"deploy/chart.yaml"}, {"deploy/compose.yml"}, {"deploy/x"}},
                   {version, id_bytes}, extension("TREE", "whatever"));
      const auto listed = listed_by_git(index, asked);
      REQUIRE(listed);
      CHECK(*listed == std::vector<bool>{true, true, false, false});
    }
  }
}

TEST_CASE("a conflict's several stages of a file, and one with more flags, are that file") {
  const std::vector<std::string> asked{"a", "b"};
  const std::string index =
      index_of({{"a", 0100644, 1}, {"a", 0100644, 2}, {.name = "b", .is_extended = true}}, {3, 20});
  const auto listed = listed_by_git(index, asked);
  REQUIRE(listed);
  CHECK(*listed == std::vector<bool>{true, true});
}

TEST_CASE("what a sparse index has as a directory stands for all below it") {
  const std::vector<std::string> asked{"ab", "a/b", "a/b/c"};
  std::vector<std::string> sorted = asked;
  std::ranges::sort(sorted);
  const auto listed =
      listed_by_git(index_of({{"a/", 0040000}}, {4, 20}, extension("sdir", "")), sorted);
  REQUIRE(listed);
  CHECK(sorted == std::vector<std::string>{"a/b", "a/b/c", "ab"});
  CHECK(*listed == std::vector<bool>{true, true, false});
}

TEST_CASE("a name that is longer than its field can say is found all the same") {
  const std::string name(4090, 'n');
  const std::vector<std::string> asked{name + "00000", name + "x"};
  const auto listed = listed_by_git(index_of({{name + "00000"}}), std::vector{asked.front()});
  REQUIRE(listed);
  CHECK(*listed == std::vector<bool>{true});
}

TEST_CASE("an empty index lists nothing") {
  const std::vector<std::string> asked{"a"};
  const auto listed = listed_by_git(index_of({}), asked);
  REQUIRE(listed);
  CHECK(*listed == std::vector<bool>{false});
}

TEST_CASE("what is no index, or leaves its names elsewhere, is not understood") {
  const std::vector<std::string> asked{"a"};
  const std::string sound = index_of({{"a"}, {"b"}});
  REQUIRE(listed_by_git(sound, asked));
  std::string other_version = sound;
  other_version[7] = 5;
  std::string more_entries = sound;
  more_entries[11] = 9;
  for (const std::string& bytes :
       {std::string{}, std::string{"DIRC"}, sound.substr(1), other_version, more_entries,
        index_of({{"b"}, {"a"}}), index_of({{"a"}, {"a"}}), index_of({{""}}),
        index_of({{std::string(5000, 'n')}}),
        index_of({{"a"}}, {2, 20}, extension("link", std::string(20, '\0'))),
        index_of({{"a"}}, {2, 20}, "TREE" + big_endian(1000))}) {
    CAPTURE(bytes.size());
    CHECK_FALSE(listed_by_git(bytes, asked));
  }
  for (std::size_t size = 0; size < sound.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(listed_by_git(std::string_view{sound}.substr(0, size), asked));
  }
}

TEST_CASE("the file in place of .git says where the directory is") {
  CHECK(git_directory_of("gitdir: ../.git/worktrees/x\n") == "../.git/worktrees/x");
  CHECK(git_directory_of("gitdir: /srv/x y\r\n") == "/srv/x y");
  CHECK(git_directory_of("gitdir:/srv/x").empty());
  CHECK(git_directory_of("gitdir: ").empty());
  CHECK(git_directory_of("").empty());
  CHECK(git_directory_of("gitdir: " + std::string(5000, 'x')).empty());
  CHECK(git_directory_of(std::string{"gitdir: a\0b", 11}).empty());
}

TEST_CASE("every entry is told with its object, whatever the index's version") {
  for (const Form form : {Form{2, 20}, Form{3, 20}, Form{4, 20}, Form{2, 32}, Form{4, 32}}) {
    CAPTURE(form.version);
    const std::string index = index_of({{.name = "a/b"}, {.name = "c", .mode = 0120000}}, form);
    const auto entries = entries_in_git_index(index);
    REQUIRE(entries);
    REQUIRE(entries->size() == 2);
    CHECK((*entries)[0].name == "a/b");
    CHECK((*entries)[1].mode == 0120000);
    std::string id;
    for (std::size_t i = 0; i < form.id_bytes; ++i) id += "03";
    CHECK((*entries)[1].id == id);
    CHECK_FALSE((*entries)[0].is_only_intended);
  }
}

TEST_CASE("an entry that is only intended has no content yet") {
  const auto entries =
      entries_in_git_index(index_of({{.name = "a", .is_extended = true}}, {.version = 3}));
  REQUIRE(entries);
  CHECK(entries->front().is_only_intended);
}

TEST_CASE("of what is no index no entry is told") {
  CHECK_FALSE(entries_in_git_index(""));
  const std::string index = index_of({{.name = "a"}});
  CHECK_FALSE(entries_in_git_index(index.substr(0, index.size() - 1)));
}
