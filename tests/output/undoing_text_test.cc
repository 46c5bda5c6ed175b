#include "cfwarden/output/undoing.h"

#include "golden.h"
#include "repair_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace cfwarden;

namespace {

std::string screen(const Undoing& undoing, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_undoing(undoing, terminal, out);
  return out.str();
}

std::string list(const RecordedRuns& runs, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_recorded_runs(runs, terminal, out);
  return out.str();
}

bool says(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

bool is_plain(const std::string& text) {
  return std::ranges::all_of(
      text, [](unsigned char byte) { return byte == '\n' || (byte >= 0x20 && byte != 0x7f); });
}

// What may begin a line less deep than a continued one stands. Every random name begins with
// /home/.
bool begins_as_it_may(const std::string& line) {
  const auto depth = line.find_first_not_of(' ');
  if (depth == std::string::npos || depth >= 10) return true;
  const std::string_view text = std::string_view{line}.substr(depth);
  for (const char* start : {"Run",
                            "RESTORED",
                            "LEFT ALONE",
                            "FAILED",
                            "NOT REACHED",
                            "Stopped before",
                            "Nothing to take back",
                            "/home/",
                            "-  ",
                            "+  ",
                            "because ",
                            "token ",
                            "opens to ",
                            "cfwarden: ",
                            "RUN ",
                            "root /home/",
                            "Now, for you",
                            "Afterwards, for you",
                            "opened to ",
                            "1. Let systemd",
                            "systemctl restart cloudflared.service"}) {
    if (text.starts_with(start)) return true;
  }
  return depth == 0 && text[0] >= '0' && text[0] <= '9';
}

void check_lines(const std::string& text, std::size_t columns) {
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (columns_of(line) <= columns && begins_as_it_may(line)) continue;
    CAPTURE(line);
    CHECK(columns_of(line) <= columns);
    CHECK(begins_as_it_may(line));
  }
}

}  // namespace

TEST_CASE("the screens of undo are as they were agreed") {
  check_golden("undo-plan-100.txt", screen(samples::planned_undoing()));
  check_golden("undo-plan-80.txt", screen(samples::planned_undoing(), {.columns = 80}));
  check_golden("undo-applied.txt", screen(samples::applied_undoing()));
  check_golden("undo-applied-80-ascii.txt",
               screen(samples::applied_undoing(), {.charset = Charset::ascii, .columns = 80}));
  check_golden("undo-list-100.txt", list(samples::recorded_runs()));
  check_golden("undo-list-80.txt", list(samples::recorded_runs(), {.columns = 80}));
}

TEST_CASE("no line of an undoing is wider than asked or begun by a name") {
  samples::RandomRepairs random{5};
  for (int i = 0; i < 400; ++i) {
    const Undoing undoing = random.next_undoing();
    const RecordedRuns runs{.runs = {random.run(), random.run()}, .unsound = {}};
    for (const std::size_t columns : {std::size_t{80}, std::size_t{100}}) {
      for (const Charset charset : {Charset::utf8, Charset::ascii}) {
        const Terminal terminal{.charset = charset, .columns = columns};
        for (const std::string& text : {screen(undoing, terminal), list(runs, terminal)}) {
          check_lines(text, columns);
          CHECK(is_plain(text));
          CHECK(is_valid_utf8(text));
        }
      }
    }
  }
}

TEST_CASE("where nothing is recorded, undo says so") {
  CHECK(screen({}) == "cfwarden: nothing to take back\n");
  CHECK(list({}) == "cfwarden: no run of fix is recorded\n");
  CHECK(screen({.passed_over = 1}) ==
        "cfwarden: nothing to take back; of 1 run the root is gone, see cfwarden undo --list\n");
  CHECK(list({.runs = {}, .unsound = {{.path = "/x", .why = "x"}}}) ==
        "cfwarden: no run of fix is recorded where its record can be trusted\n");
}

TEST_CASE("a run whose objects are as they were before leaves nothing to take back") {
  Undoing undoing = samples::planned_undoing();
  undoing.restorations.clear();
  CHECK(says(screen(undoing), "Nothing to take back: everything is as it was before.\n"));
}

TEST_CASE("what an undoing opens is said of every object that comes back") {
  const std::string text = screen(samples::planned_undoing());
  CHECK(says(text, "opens to       alice, deploy, ops\n"));
  CHECK(says(text, "opens to       everyone\n"));
  CHECK(says(text, "opens to       nobody new\n"));
  CHECK(says(text, "4 to restore, 1 left alone, 2 already as before\n"));
  CHECK_FALSE(says(text, "RESTORED"));
}

TEST_CASE("a moved token comes back from its file, and no mode is told of the unit") {
  Undoing undoing = samples::planned_undoing();
  undoing.restorations = {undoing.restorations[2]};
  const std::string text = screen(undoing);
  CHECK(says(text, "token          comes back from /etc/cloudflared/token, which is removed\n"));
  CHECK_FALSE(says(text, "0000"));
}

TEST_CASE("where a token comes back, systemd is to be told, in the plan and in the result") {
  Undoing undoing = samples::planned_undoing();
  const std::string commands =
      "         systemctl daemon-reload\n         systemctl restart cloudflared.service\n";
  CHECK(says(screen(undoing), "Afterwards, for you\n"));
  CHECK(says(screen(undoing), commands));
  CHECK(says(screen(undoing), "which will be gone:\n"));
  undoing = samples::applied_undoing();
  CHECK(says(screen(undoing), "Now, for you\n"));
  CHECK(says(screen(undoing), commands));
  CHECK(says(screen(undoing), "which is gone:\n"));
  undoing.run.root = "/mnt/disk";
  CHECK(says(screen(undoing), "Now, for you, on the host itself\n"));
  undoing.restorations[2].commands.clear();
  CHECK_FALSE(says(screen(undoing), "for you"));
}

TEST_CASE("what came back is told as done") {
  const std::string text = screen(samples::applied_undoing());
  CHECK(says(text, "token          came back from /etc/cloudflared/token, which was removed\n"));
  CHECK(says(text, "opened to      everyone\n"));
  CHECK_FALSE(says(text, "opens to"));
}

TEST_CASE("each restoration ends as restored, left alone, failed or not reached") {
  const Undoing undoing = samples::applied_undoing();
  const Comeback ends[] = {Comeback::restored, Comeback::left_alone, Comeback::restored,
                           Comeback::failed, Comeback::not_reached};
  for (std::size_t i = 0; i < undoing.restorations.size(); ++i) {
    CAPTURE(i);
    CHECK(comeback_of(undoing.restorations[i], undoing) == ends[i]);
  }
  CHECK(says(screen(undoing),
             "2 restored, 1 left alone, 2 already as before, 1 failed, 1 not reached\n"));
  CHECK(says(screen(undoing), "Stopped before the end"));
}

TEST_CASE("the list of runs says of each whether it can be taken back, and where it worked") {
  const std::string text = list(samples::recorded_runs(), {.columns = 80});
  CHECK(says(text, "  undone\n"));
  CHECK(says(list(samples::recorded_runs()), "  undone, 1 left alone\n"));
  CHECK(says(text, "  left alone\n"));
  CHECK(says(text, "  its root is gone\n  root /mnt/disk\n"));
  CHECK(says(text, "  interrupted\n  root /mnt/image\n"));
  CHECK(says(text, "  can be taken back\n"));
  CHECK_FALSE(says(text, "root /\n"));
}
