#include "cfwarden/output/repair.h"

#include "golden.h"
#include "repair_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace cfwarden;

namespace {

std::string screen(const Repair& repair, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_repair(repair, terminal, out);
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool says(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

// A command of a step stands whole, however long; so does a word of one that is written by hand.
bool may_be_wider(const std::string& line) {
  if (line == "           " + samples::RandomRepairs::command) return true;
  const std::string word = line.substr(line.find_first_not_of(' '));
  return line.starts_with("           '/home/") && word.find(' ') == std::string::npos;
}

// What may begin a line, by how deep it stands. Every random name begins with /home/.
bool begins_as_it_may(const std::string& line) {
  const auto depth = line.find_first_not_of(' ');
  if (depth == std::string::npos || depth >= 10) return true;
  const std::string_view text = std::string_view{line}.substr(depth);
  const auto is_one_of = [&](std::initializer_list<const char*> starts) {
    return std::ranges::any_of(starts, [&](const char* start) { return text.starts_with(start); });
  };
  switch (depth) {
    case 0:
      return is_one_of({"DONE", "REFUSED", "FAILED", "NOT REACHED", "Refused, ", "Left for you",
                        "Accepted by ", "Rotate  ", "How  ", "Stopped before",
                        "cfwarden: ", "Nothing ", "Recorded as ", "Run "}) ||
             (text[0] >= '0' && text[0] <= '9');
    case 2:
      return is_one_of({"/home/", "-  ", "+  ", "critical ", "high ", "medium ", "low ", "info ",
                        "steps ", "Apply  ", "Undo later  ", "Take it back  "});
    case 4:
      return is_one_of({"/home/", "1. ", "2. ", "3. ", "4. ", "5. ", "6. "});
    case 5:
      return is_one_of({"because ", "mends ", "mended ", "leaves ", "loses access ", "lost access ",
                        "keeps access ", "not tighter ", "by hand", "excepted ", "accepted "});
    case 7:
      return true;  // The prose of a step goes on: nothing begins there.
    case 8:
      return is_one_of({"/home/"});
    case 9:
      return is_one_of({"sudo chmod ", "too long"});
    default:
      return false;
  }
}

}  // namespace

TEST_CASE("the screens of fix are as they were agreed") {
  check_golden("fix-plan-100.txt", screen(samples::messy_plan(), {.program = "sudo cfwarden"}));
  check_golden("fix-plan-80.txt", screen(samples::messy_plan(), {.columns = 80}));
  check_golden("fix-plan-80-ascii.txt",
               screen(samples::messy_plan(), {.charset = Charset::ascii, .columns = 80}));
  check_golden("fix-plan-color.txt", screen(samples::messy_plan(), {.color = Color::on}));
  check_golden("fix-plan-quiet.txt", screen(samples::messy_plan(), {.quiet = true}));
  check_golden("fix-plan-verbose.txt", screen(samples::messy_plan(), {.verbose = true}));
  check_golden("fix-clean.txt", screen(samples::sound_plan()));
  check_golden("fix-refused.txt", screen(samples::refused_plan()));
  check_golden("fix-applied.txt", screen(samples::applied_run(), {.program = "sudo cfwarden"}));
  check_golden("fix-interrupted.txt", screen(samples::interrupted_run()));
  check_golden("fix-interrupted-80-ascii.txt",
               screen(samples::interrupted_run(), {.charset = Charset::ascii, .columns = 80}));
}

TEST_CASE("no line of a repair is wider than asked, whatever the names") {
  samples::RandomRepairs random{1};
  for (int i = 0; i < 300; ++i) {
    const Repair repair = random.next();
    for (const std::size_t columns : {std::size_t{80}, std::size_t{93}, std::size_t{100}}) {
      for (const Charset charset : {Charset::utf8, Charset::ascii}) {
        for (const bool quiet : {false, true}) {
          const Terminal terminal{
              .charset = charset, .columns = columns, .verbose = i % 2 == 0, .quiet = quiet};
          for (const std::string& line : lines_of(screen(repair, terminal))) {
            if (columns_of(line) <= columns || may_be_wider(line)) continue;
            CAPTURE(line);
            CHECK(columns_of(line) <= columns);
          }
        }
      }
    }
  }
}

TEST_CASE("no name begins a line of a repair") {
  samples::RandomRepairs random{2};
  for (int i = 0; i < 500; ++i) {
    const Terminal terminal{.columns = 80, .verbose = i % 2 == 0, .quiet = i % 5 == 0};
    for (const std::string& line : lines_of(screen(random.next(), terminal))) {
      if (begins_as_it_may(line)) continue;
      CAPTURE(line);
      CHECK(begins_as_it_may(line));
    }
  }
}

TEST_CASE("the newline is the only control byte of a repair, and ESC only colours") {
  samples::RandomRepairs random{3};
  for (int i = 0; i < 200; ++i) {
    const Repair repair = random.next();
    const std::string plain = screen(repair);
    CHECK(std::ranges::all_of(
        plain, [](unsigned char byte) { return byte == '\n' || (byte >= 0x20 && byte != 0x7f); }));
    CHECK(is_valid_utf8(plain));
    for (const char* hidden : {"\u202E", "\u2066", "\u061C", "\uFEFF", "\u009B", "\u0085"}) {
      CHECK_FALSE(says(plain, hidden));
    }
    std::string colored = screen(repair, {.color = Color::on});
    for (const std::string color :
         {"\x1b[1;31m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"}) {
      for (auto at = colored.find(color); at != std::string::npos; at = colored.find(color)) {
        colored.erase(at, color.size());
      }
    }
    CHECK(colored == plain);
  }
}

TEST_CASE("a repair on an ASCII terminal is ASCII") {
  samples::RandomRepairs random{4};
  for (int i = 0; i < 200; ++i) {
    const std::string text = screen(random.next(), {.charset = Charset::ascii, .verbose = true});
    CHECK(std::ranges::all_of(text, [](unsigned char byte) { return byte < 0x80; }));
  }
}

TEST_CASE("a plan says that nothing has been changed, and how to apply this very plan") {
  Repair repair = samples::messy_plan();
  CHECK(says(screen(repair, {.program = "sudo cfwarden"}),
             "Nothing has been changed. Apply: sudo cfwarden fix --apply     "
             "Undo later: sudo cfwarden undo\n"));
  repair.root = "/mnt/my disk";
  CHECK(says(screen(repair), "  Apply        cfwarden fix --root '/mnt/my disk' --apply"));
  repair.arguments = {"--root=/mnt", "--only", "readable-by-everyone", "my tokens"};
  CHECK(says(screen(repair),
             "  Apply        cfwarden fix --root=/mnt --only readable-by-everyone "
             "'my tokens' --apply\n"));
  for (const char* argument : {"a\nb", "-$(reboot)", "\u00fc", "--user=\u202E"}) {
    CAPTURE(argument);
    repair.arguments = {argument};
    CHECK(says(screen(repair, {.charset = Charset::ascii}),
               "  Apply        run the same command again with --apply"));
  }
}

TEST_CASE("a command too wide for the screen is broken where a shell puts it together again") {
  Repair repair = samples::refused_plan();
  repair.plan.refusals[0].command =
      "sudo setfacl --remove-all -- '/home/eve/a name of many words' /home/eve/another-long-name "
      "/home/eve/and-one-more";
  CHECK(says(screen(repair, {.columns = 80}),
             "\n         sudo setfacl --remove-all -- '/home/eve/a name of many words' \\\n"
             "           /home/eve/another-long-name /home/eve/and-one-more\n"));
  repair.plan.refusals[0].command = "sudo chmod 0600 '" + std::string(90, ' ') + "DONE  /x'";
  const std::string text = screen(repair, {.columns = 80});
  CHECK(says(text, "\n         too long for this screen: see --json\n"));
  CHECK_FALSE(says(text, "DONE"));
}

TEST_CASE("a command is broken inside a substitution, never inside a quoted name") {
  Repair repair = samples::refused_plan();
  const std::string file = "/home/carol/.cloudflared/3e4f5a6b-7c8d-4e9f-8a0b-1c2d3e4f5a6b.json";
  repair.plan.refusals[0].command =
      "sudo find \"$(sudo stat --format=%m '/home/c d' " + file + ")\" -xdev -samefile " + file;
  CHECK(says(screen(repair, {.columns = 80}),
             "\n         sudo find \"$(sudo stat --format=%m '/home/c d' \\\n           " + file +
                 ")\" \\\n           -xdev -samefile \\\n           " + file + "\n"));
  const std::string word = "/home/" + std::string(200, 'x');
  repair.plan.refusals[0].command = "sudo chmod 0600 " + word;
  CHECK(says(screen(repair), "\n         sudo chmod 0600 \\\n           " + word + "\n"));
}

TEST_CASE("what is done, refused, failed and not reached is told apart, with the reasons") {
  const std::string text = screen(samples::interrupted_run());
  CHECK(says(text, "DONE         /home/alice/.cloudflared\n"));
  CHECK(says(text, "REFUSED      /root/.cloudflared\n     because        changed since"));
  CHECK(says(text, "FAILED       /etc/cloudflared/6f1b"));
  CHECK(says(text, "NOT REACHED  /etc/cloudflared/token\n"));
  CHECK(says(text, "Stopped before the end: what was not reached is as it was\n"));
  CHECK(says(text, "1 fixed, 3 refused, 1 failed, 1 not reached, 4 left for you\n"));
}

TEST_CASE("a change that nothing is known of was not reached") {
  Repair repair = samples::applied_run();
  repair.applied.resize(3);
  CHECK(says(screen(repair), "NOT REACHED  /etc/cloudflared/token\n"));
  CHECK(says(screen(repair), "3 fixed, 2 refused, 0 failed, 1 not reached"));
}

TEST_CASE("who loses access is named; nobody is nobody, and strangers are everyone else") {
  Repair repair = samples::sound_plan();
  repair.plan.changes = {samples::service_file()};
  Change& change = repair.plan.changes[0];
  CHECK(says(screen(repair), "loses access   everyone else (alice, backup, bin and 11 more)\n"));
  CHECK(says(screen(repair, {.verbose = true}), "www-data, zoe and zulu)"));
  change.losers.clear();
  CHECK(says(screen(repair), "loses access   everyone else\n"));
  change.everyone_loses = false;
  CHECK(says(screen(repair), "loses access   nobody\n"));
  change.losers = {"bob"};
  CHECK(says(screen(repair), "loses access   bob\n"));
}

TEST_CASE("many that keep access are counted, and all named with -v") {
  Repair repair = samples::sound_plan();
  repair.plan.changes = {samples::service_file()};
  for (int i = 0; i < 20; ++i) {
    const std::string unit = "cloudflared@" + std::to_string(i) + ".service";
    repair.plan.changes[0].keepers.push_back({unit, "root", "as root"});
  }
  CHECK(says(screen(repair), "and 13 more, all checked\n"));
  CHECK(says(screen(repair, {.verbose = true}), "cloudflared@19.service (root), as root: checked"));
}

TEST_CASE("with -v advices with the same steps share them") {
  const std::string text = screen(samples::messy_plan(), {.verbose = true});
  CHECK(says(text, "1. Revoke its API token"));
  CHECK(text.find("1. Revoke its API token") == text.rfind("1. Revoke its API token"));
  Repair repair = samples::messy_plan();
  repair.plan.advice[1].steps[0] = "Something else";
  const std::string apart = screen(repair, {.verbose = true});
  CHECK(says(apart, "1. Something else"));
  CHECK(says(apart, "1. Revoke its API token"));
}

TEST_CASE("what is left stands worst first, each rule once, and how to see its steps") {
  Repair repair = samples::sound_plan();
  repair.root = "/mnt";
  repair.plan.advice = {
      {.finding = {"credential-old", Severity::info}, .path = "/a", .title = "Old"},
      {.finding = {"tunnel-secret-published", Severity::critical}, .path = "/b", .title = "Known"},
      {.finding = {"credential-old", Severity::info}, .path = "/c", .title = "Old"}};
  const std::string text = screen(repair);
  CHECK(says(text,
             "  critical tunnel-secret-published   Known\n    /b\n"
             "  info     credential-old   Old\n    /a\n    /c\n"
             "  steps    cfwarden explain RULE --root /mnt\n"));
}

TEST_CASE("-q leaves out why and how") {
  Repair repair = samples::messy_plan();
  const std::string text = screen(repair, {.quiet = true});
  CHECK_FALSE(says(text, "1. "));
  CHECK_FALSE(says(text, "mends"));
  CHECK_FALSE(says(text, "Nothing has been changed"));
  CHECK(screen(samples::sound_plan(), {.quiet = true}).empty());
}

TEST_CASE("secrets that others could read are to be rotated, by the rule that tells of readers") {
  Repair repair = samples::sound_plan();
  repair.plan.changes = {samples::open_directory()};
  CHECK_FALSE(says(screen(repair), "Rotate"));
  repair.plan.changes.push_back(samples::service_file());
  repair.plan.changes.back().mends = {{"replaceable-by-others", Severity::high},
                                      {"readable-by-group", Severity::medium}};
  const std::string text = screen(repair);
  CHECK(says(text,
             "Rotate    These files were readable by others. Tightening stops new readers; "
             "it does not call back\n          copies: rotate.\n"
             "  /etc/cloudflared/6f1b2c3d-0000-4000-8000-00000000c0de.json\n"
             "How       cfwarden explain readable-by-group\n"));
}

TEST_CASE("of a directory that was open the files are to be rotated, or it where there is none") {
  Repair repair = samples::sound_plan();
  repair.plan.changes = {samples::open_directory()};
  repair.plan.changes[0].held_secret = true;
  const std::string rotate = "copies: rotate.\n  ";
  CHECK(says(screen(repair), rotate + "/home/alice/.cloudflared\nHow "));
  Change token = samples::stray_owner();
  token.path = "/home/alice/.cloudflared/token";
  repair.plan.changes.push_back(token);
  CHECK(says(screen(repair), rotate + "/home/alice/.cloudflared/token\nHow "));
}

TEST_CASE("a host with nothing to mend is told so, with what is left; a stopped look is not") {
  Repair repair = samples::sound_plan();
  CHECK(screen(repair) == "cfwarden: nothing to mend by mode, owner or ACL\n");
  repair.is_applied = true;
  CHECK(screen(repair) == "cfwarden: nothing to mend by mode, owner or ACL\n");
  repair.plan.advice = samples::advice();
  CHECK(says(screen(repair), "nothing to mend by mode, owner or ACL; 4 left for you\n"));
  repair.interrupted = true;
  CHECK(says(screen(repair), "Stopped before the end"));
  CHECK(says(screen(repair), "nothing to mend by mode, owner or ACL in what was looked at"));
  CHECK_FALSE(says(screen(samples::refused_plan()), "nothing to mend"));
}

TEST_CASE("a run that recorded nothing offers nothing to take back") {
  Repair repair = samples::applied_run();
  repair.run.clear();
  for (Applied& applied : repair.applied) applied = {Outcome::refused, "changed since"};
  CHECK(says(screen(repair), "\nNothing was changed.\n"));
  CHECK_FALSE(says(screen(repair), "undo"));
}

TEST_CASE("quietly, too, it is said as what a run was recorded, and how to take it back") {
  const std::string text = screen(samples::applied_run(), {.quiet = true});
  CHECK(says(text, "Recorded as 20261122T022050Z-4711."));
  CHECK(says(text, "cfwarden undo 20261122T022050Z-4711"));
  CHECK_FALSE(says(screen(samples::messy_plan(), {.quiet = true}), "Recorded as"));
  Repair nothing = samples::applied_run();
  nothing.run.clear();
  CHECK_FALSE(says(screen(nothing, {.quiet = true}), "Recorded as"));
}

TEST_CASE("an earlier run that was interrupted is named, with what becomes of it") {
  Repair repair = samples::messy_plan();
  repair.interrupted_runs = {"20261121T081501Z-90011"};
  const std::string run = "Run 20261121T081501Z-90011 was interrupted: ";
  const std::string back = "cfwarden undo 20261121T081501Z-90011 takes it back\n";
  const auto flat = [](std::string text) {
    for (auto at = text.find("\n          "); at != std::string::npos;
         at = text.find("\n          ")) {
      text.replace(at, 11, " ");
    }
    return text;
  };
  CHECK(says(flat(screen(repair)), run + "--apply finishes it; " + back));
  repair.is_applied = true;
  CHECK(says(flat(screen(repair)), run + "this run finishes it; " + back));
  repair = samples::sound_plan();
  repair.interrupted_runs = {"20261121T081501Z-90011"};
  CHECK(says(flat(screen(repair)), run + back));
}

TEST_CASE("a token in a unit of the system is told with the command that moves it") {
  Repair repair = samples::messy_plan();
  const std::string command = "        move it   cfwarden fix --move-token cloudflared.service";
  CHECK(says(screen(repair), command + "\n"));
  repair.root = "/mnt/disk";
  CHECK(says(screen(repair), command + " --root /mnt/disk\n"));
  for (const char* path :
       {"/etc/init.d/cloudflared", "/usr/lib/systemd/system/cloudflared.service",
        "/etc/systemd/system/cloudflared.timer", "/etc/systemd/system/-x.service",
        "/home/alice/.config/systemd/user/cloudflared.service"}) {
    CAPTURE(path);
    repair.plan.advice[2].path = path;
    CHECK_FALSE(says(screen(repair), "--move-token"));
  }
}
