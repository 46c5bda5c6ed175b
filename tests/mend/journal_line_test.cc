#include "cfwarden/mend/journal_line.h"

#include "records.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace cfwarden;

namespace {

template <class Record>
Record read_back(const Record& record) {
  std::string text = text_of_line({record});
  CHECK(text.back() == '\n');
  text.pop_back();
  CHECK(std::ranges::all_of(text, [](char byte) { return byte >= ' ' && byte <= '~'; }));
  const Result<JournalLine> line = parse_line(text);
  REQUIRE_MESSAGE(line, line.error().what);
  const auto* read = std::get_if<Record>(&line->record);
  REQUIRE(read != nullptr);
  return *read;
}

void check_same(const InodeIdentity& a, const InodeIdentity& b) {
  CHECK(a.id == b.id);
  CHECK(a.born_nanoseconds == b.born_nanoseconds);
  CHECK(a.generation == b.generation);
}

void check_same(const Intent& a, const Intent& b) {
  CHECK(a.number == b.number);
  CHECK(a.path == b.path);
  CHECK(a.type == b.type);
  check_same(a.identity, b.identity);
  CHECK(a.changed_nanoseconds == b.changed_nanoseconds);
  CHECK(a.before == b.before);
  CHECK(a.after == b.after);
  CHECK(a.first == b.first);
}

void check_same(const MovedFile& a, const MovedFile& b) {
  CHECK(a.path == b.path);
  check_same(a.identity, b.identity);
  CHECK(a.changed_nanoseconds == b.changed_nanoseconds);
  CHECK(a.modified_nanoseconds == b.modified_nanoseconds);
  CHECK(a.size == b.size);
  CHECK(a.permissions == b.permissions);
}

void check_same(const TokenMove& a, const TokenMove& b) {
  CHECK(a.number == b.number);
  CHECK(a.unit_path == b.unit_path);
  CHECK(a.token_path == b.token_path);
  CHECK(a.unit_temporary == b.unit_temporary);
  CHECK(a.token_temporary == b.token_temporary);
  check_same(a.unit_before, b.unit_before);
  REQUIRE(a.unit_after.has_value() == b.unit_after.has_value());
  REQUIRE(a.token_after.has_value() == b.token_after.has_value());
  if (a.unit_after) check_same(*a.unit_after, *b.unit_after);
  if (a.token_after) check_same(*a.token_after, *b.token_after);
}

std::string what_is_wrong(const std::string& line) {
  const Result<JournalLine> parsed = parse_line(line);
  return parsed ? "nothing" : parsed.error().what;
}

std::string why_not_written(const JournalLine& line) {
  const Result<std::string> text = line_of(line);
  return text ? "nothing" : text.error().what;
}

constexpr std::string_view end_record = R"({"op":"end"})";

std::string replaced(std::string text, std::string_view old, std::string_view with) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), with);
}

// Without its checksum.
std::string record_of(const JournalLine& line) {
  const std::string text = text_of_line(line);
  return text.substr(0, text.rfind(",\"crc\"")) + "}";
}

}  // namespace

TEST_CASE("the checksum is the CRC-32 that everybody knows") {
  CHECK(crc32_hex("123456789") == "cbf43926");
  CHECK(text_of_line({RunEnd{}}) == sealed(std::string{end_record}) + "\n");
}

TEST_CASE("an intent keeps every byte of a hostile path, and every value at its limit") {
  for (const std::string& path : hostile_paths()) {
    CAPTURE(path);
    check_same(read_back(some_intent(1, path)), some_intent(1, path));
    check_same(read_back(extreme_intent(4711, path)), extreme_intent(4711, path));
  }
}

TEST_CASE("an inode without birth or generation has none when it is read back") {
  Intent intent = some_intent(1);
  intent.identity.born_nanoseconds = std::nullopt;
  check_same(read_back(intent), intent);
  intent.identity.born_nanoseconds = 0;
  intent.identity.generation = 0;
  check_same(read_back(intent), intent);
}

TEST_CASE("a move keeps both files, before it and after it") {
  check_same(read_back(some_move(3)), some_move(3));
  check_same(read_back(MovedToken{some_moved(3)}).move, some_moved(3));
}

TEST_CASE("a run keeps who ran it, on which root, and when") {
  JournalRun run = some_run();
  run.root = "/srv/\xff\n";
  run.euid = 0xffffffff;
  run.started = -1;
  const JournalRun read = read_back(run);
  CHECK(read.tool_version == run.tool_version);
  CHECK(read.user == run.user);
  CHECK(read.euid == run.euid);
  CHECK(read.root == run.root);
  CHECK(read.root_id == run.root_id);
  CHECK(read.started == run.started);
}

TEST_CASE("what became of a change keeps its number, its ctime or its reason") {
  const FateChange done =
      read_back(FateChange{.number = 1, .fate = Fate::done, .changed_nanoseconds = -5, .why = {}});
  CHECK(done.changed_nanoseconds == -5);
  for (const Fate fate : {Fate::failed, Fate::left}) {
    const FateChange read = read_back(FateChange{
        .number = 7, .fate = fate, .changed_nanoseconds = 0, .why = "chmod: \x1b\n\u202e"});
    CHECK(read.fate == fate);
    CHECK(read.number == 7);
    CHECK(read.why == "chmod: \x1b\n\u202e");
  }
  for (const Fate fate : {Fate::being_undone, Fate::undone}) {
    CHECK(read_back(FateChange{.number = 2, .fate = fate, .changed_nanoseconds = 0, .why = {}})
              .fate == fate);
  }
}

TEST_CASE("a reason or a user that is not UTF-8 is still written, without its wrong bytes") {
  const FateChange read = read_back(FateChange{
      .number = 1, .fate = Fate::failed, .changed_nanoseconds = 0, .why = "is \xff 0640"});
  CHECK(read.why == "is \xef\xbf\xbd 0640");
  JournalRun run = some_run();
  run.user = "\xc3(";
  CHECK(read_back(run).user == "\xef\xbf\xbd(");
}

TEST_CASE("the largest ACLs that the kernel keeps fit in a line, and no more") {
  const AclEntry largest{AclTag::user, 0xffffffff, 7};
  Intent intent = extreme_intent(1, "/" + std::string(4095, '\xff'));
  for (Attributes* attributes : {&intent.before, &intent.after, &intent.first}) {
    attributes->permissions.acl.assign(8192, largest);
    attributes->default_acl.assign(8192, largest);
  }
  check_same(read_back(intent), intent);
  intent.after.default_acl.push_back(largest);
  CHECK(why_not_written({intent}) == "this cannot be recorded: its mode or ACL is impossible");
}

TEST_CASE("what no journal may hold is not written") {
  const auto changed = [](const auto& change) {
    Intent intent = some_intent(1);
    change(intent);
    return why_not_written({intent});
  };
  const std::string path = "this cannot be recorded: its path is not absolute";
  const std::string attributes = "this cannot be recorded: its mode or ACL is impossible";
  CHECK(changed([](Intent& intent) { intent.path = ""; }) == path);
  CHECK(changed([](Intent& intent) { intent.path = "token"; }) == path);
  CHECK(changed([](Intent& intent) { intent.path = std::string{"/a\0b", 4}; }) == path);
  CHECK(changed([](Intent& intent) { intent.type = FileType::symlink; }) ==
        "this cannot be recorded: it is no file or directory");
  CHECK(changed([](Intent& intent) { intent.type = FileType::other; }) ==
        "this cannot be recorded: it is no file or directory");
  CHECK(changed([](Intent& intent) { intent.after.permissions.mode = 010000; }) == attributes);
  CHECK(changed([](Intent& intent) {
          intent.first.permissions.acl = {{AclTag::user, 1, 8}};
        }) == attributes);
  CHECK(changed([](Intent& intent) {
          intent.before.permissions.acl = {{AclTag::mask, 1, 7}};
        }) == attributes);
  CHECK(changed([](Intent& intent) { intent.before.default_acl = every_tag(); }) == attributes);
  CHECK(changed([](Intent& intent) { intent.path = "/" + std::string(1024 * 1024, 'x'); }) ==
        "this cannot be recorded: it takes more than 1 MiB");
  CHECK(why_not_written({FateChange{
            .number = 1, .fate = Fate::intended, .changed_nanoseconds = 0, .why = {}}}) ==
        "this cannot be recorded: it decides nothing");
  TokenMove move = some_move(1);
  move.unit_before.permissions.mode = 070000;
  CHECK(why_not_written({move}) == "this cannot be recorded: one of its files is impossible");
}

TEST_CASE("a line without its checksum, or with a wrong one, is refused") {
  const std::string sound = sealed(std::string{end_record});
  REQUIRE(what_is_wrong(sound) == "nothing");
  for (const std::string& line :
       {std::string{}, std::string{"{}"}, std::string{end_record}, sound.substr(1), sound + " ",
        sound + "\n", sound + sound, replaced(sound, "end", "eNd"), replaced(sound, "crc", "CRC"),
        std::string(1000, '\0'), sound.substr(0, sound.size() - 1)}) {
    CAPTURE(line);
    CHECK(what_is_wrong(line) == "its checksum is wrong");
  }
}

TEST_CASE("a line with a sound checksum is still refused unless cfwarden would write it so") {
  const std::string other_kind = "its kind of record is not known";
  const std::string not_ours = "it is not a record as cfwarden writes it";
  const std::string run = record_of({some_run()});
  const std::string intent = record_of({some_intent(1)});
  REQUIRE(what_is_wrong(sealed(intent)) == "nothing");
  struct Case {
    std::string record;
    std::string why;
  };
  CHECK(what_is_wrong(R"(,"crc":"00000000"})") == "it is not valid JSON");  // Of no bytes.
  for (const Case& row : {
           Case{R"({"op":"end")" + std::string(1, '\xff') + "}", "it is not valid JSON"},
           Case{R"({"op":"end"}})", "it is not valid JSON"},
           Case{R"([1])", "it is not valid JSON"},
           Case{R"({"op":"stop"})", other_kind},
           Case{R"({"op":1})", other_kind},
           Case{R"({"no":"end"})", other_kind},
           Case{R"({"op":"intended","number":1})", other_kind},
           Case{R"({"op": "end"})", not_ours},
           Case{R"({"op":"end","op":"end"})", not_ours},
           Case{R"({"op":"end","more":1})", not_ours},
           Case{R"({"op":"\u0065nd"})", not_ours},
           Case{R"({"op":"undone"})", not_ours},
           Case{R"({"op":"undone","number":-1})", not_ours},
           Case{R"({"op":"undone","number":1.0})", not_ours},
           Case{R"({"op":"undone","number":"1"})", not_ours},
           Case{R"({"op":"undone","number":18446744073709551616})", not_ours},
           Case{R"({"op":"done","number":1,"ctime":9223372036854775808})", not_ours},
           Case{R"({"number":1,"op":"undone"})", not_ours},
           Case{replaced(run, R"("version":1)", R"("version":2)"),
                "another version of cfwarden wrote it"},
           Case{replaced(run, R"("version":1,)", ""), "another version of cfwarden wrote it"},
           Case{replaced(run, R"("euid":0)", R"("euid":4294967296)"), not_ours},
           Case{replaced(run, R"("euid":0)", R"("euid":null)"), not_ours},
           Case{replaced(intent, R"("regular")", R"("symlink")"), not_ours},
           Case{replaced(intent, R"("0644")", R"("644")"), not_ours},
           Case{replaced(intent, R"("0644")", R"("10644")"), not_ours},
           Case{replaced(intent, R"("0644")", R"("0648")"), not_ours},
           Case{replaced(intent, R"("0644")", R"(420)"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":null)"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":[["u",1]])"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":[["x",1,1]])"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":[["m",1,1]])"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":[["u",1,8]])"), not_ours},
           Case{replaced(intent, R"("acl":[])", R"("acl":[["u",4294967296,7]])"), not_ours},
           Case{replaced(intent, R"("default_acl":[])", R"("default_acl":[["o",null,0]])"),
                not_ours},
           Case{replaced(intent, R"("path":"L)", R"("path":"\nL)"), not_ours},
           Case{replaced(intent, R"("path":"L)", R"("path":")"), not_ours},
           Case{replaced(intent, R"("generation":null)", R"("generation":-1)"), not_ours},
           Case{replaced(intent, R"("first":)", R"("last":)"), not_ours},
       }) {
    CAPTURE(row.record);
    CHECK(what_is_wrong(sealed(row.record)) == row.why);
  }
}

TEST_CASE("a record nested a hundred thousand deep is refused like any other") {
  for (const std::string_view opening : {"[", "{\"a\":"}) {
    std::string record = R"({"op":"end","x":)";
    for (int i = 0; i < 100'000; ++i) record += opening;
    CHECK(what_is_wrong(sealed(record + "}")) == "it is not valid JSON");
    record += "1";
    for (int i = 0; i < 100'000; ++i) record += opening == "[" ? "]" : "}";
    CHECK(what_is_wrong(sealed(record + "}")) == "it is not a record as cfwarden writes it");
  }
}

TEST_CASE("an ACL of too many entries is refused when it is read, too") {
  std::string entries = R"(["o",null,0])";
  for (int i = 0; i < 8192; ++i) entries += R"(,["o",null,0])";
  const std::string intent = record_of({some_intent(1)});
  CHECK(what_is_wrong(sealed(replaced(intent, R"("acl":[])", R"("acl":[)" + entries + "]"))) ==
        "it is not a record as cfwarden writes it");
}

TEST_CASE("a line of 1 MiB is refused before it is looked at") {
  CHECK(what_is_wrong(std::string(1024 * 1024, '[')) == "it is longer than 1 MiB");
}
