#include "cfwarden/output/blocks.h"
#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace cfwarden;

namespace {

std::string screen(const Report& report, const Terminal& terminal) {
  std::ostringstream out;
  find_format("text")->write(report, terminal, out);
  return out.str();
}

std::vector<Report> all_samples() {
  return {samples::empty(),   samples::clean(), samples::incomplete(), samples::messy(),
          samples::hostile(), samples::stock(), samples::needed()};
}

bool says(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("screens are as they were agreed") {
  check_golden("messy-100.txt", screen(samples::messy(), {}));
  check_golden("messy-80.txt", screen(samples::messy(), {.columns = 80}));
  check_golden("messy-80-ascii.txt",
               screen(samples::messy(), {.charset = Charset::ascii, .columns = 80}));
  check_golden("messy-color.txt", screen(samples::messy(), {.color = Color::on}));
  check_golden("messy-verbose.txt", screen(samples::messy(), {.verbose = true}));
  check_golden("messy-quiet.txt", screen(samples::messy(), {.quiet = true}));
  check_golden("clean.txt", screen(samples::clean(), {}));
  check_golden("empty.txt", screen(samples::empty(), {}));
  check_golden("incomplete.txt", screen(samples::incomplete(), {}));
  check_golden("stock.txt", screen(samples::stock(), {}));
  check_golden("swept-100.txt", screen(samples::swept(), {}));
  check_golden("swept-80.txt", screen(samples::swept(), {.columns = 80}));
  check_golden("swept-verbose.txt", screen(samples::swept(), {.verbose = true}));
  check_golden("swept-names.txt", screen(samples::swept_names(), {}));
  check_golden("needed-100.txt", screen(samples::needed(), {}));
  check_golden("needed-80-ascii.txt",
               screen(samples::needed(), {.charset = Charset::ascii, .columns = 80}));
  check_golden("needed-verbose.txt", screen(samples::needed(), {.verbose = true}));
  check_golden("hostile.txt", screen(samples::hostile(), {.columns = 80}));
  check_golden("hostile-ascii.txt",
               screen(samples::hostile(), {.charset = Charset::ascii, .verbose = true}));
}

TEST_CASE("no line is wider than the terminal") {
  for (const std::size_t columns : {std::size_t{80}, std::size_t{93}, std::size_t{100}}) {
    for (const Report& report : all_samples()) {
      for (const bool verbose : {false, true}) {
        for (const std::string& line :
             lines_of(screen(report, {.columns = columns, .verbose = verbose}))) {
          CAPTURE(line);
          CHECK(columns_of(line) <= columns);
        }
      }
    }
  }
}

TEST_CASE("a wide terminal is used to 100 columns only") {
  for (const std::string& line : lines_of(screen(samples::hostile(), {.columns = 400}))) {
    CHECK(columns_of(line) <= 100);
  }
}

TEST_CASE("the newline is the only control byte, and ESC only colours") {
  for (const Report& report : all_samples()) {
    for (const char byte : screen(report, {.verbose = true})) {
      const auto code = static_cast<unsigned char>(byte);
      CHECK((code == '\n' || (code >= 0x20 && code != 0x7f)));
    }
    std::string colored = screen(report, {.color = Color::on});
    for (const std::string color :
         {"\x1b[1;31m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"}) {
      for (auto at = colored.find(color); at != std::string::npos; at = colored.find(color)) {
        colored.erase(at, color.size());
      }
    }
    CHECK(colored == screen(report, {}));
  }
}

TEST_CASE("an ASCII terminal gets ASCII only") {
  for (const Report& report : all_samples()) {
    const std::string text = screen(report, {.charset = Charset::ascii, .verbose = true});
    CHECK(std::ranges::all_of(text,
                              [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }));
  }
}

TEST_CASE("no bidi control, C1 or byte order mark reaches the screen") {
  const std::string text = screen(samples::hostile(), {.verbose = true});
  for (const char* hidden :
       {"\u202E", "\u2066", "\u2069", "\u061C", "\u200E", "\uFEFF", "\u009B", "\u0085"}) {
    CHECK_FALSE(says(text, hidden));
  }
  CHECK(is_valid_utf8(text));
}

TEST_CASE("a name cannot forge a line") {
  for (const std::string& line : lines_of(screen(samples::hostile(), {.verbose = true}))) {
    CAPTURE(line);
    CHECK_FALSE(line.starts_with("OK        Tunnel token   /etc"));
    CHECK_FALSE(line.starts_with("NOT READ\\"));
    const bool forged = says(line, "readable-by-everyone") && line.starts_with("  high");
    CHECK_FALSE(forged);
  }
}

TEST_CASE(
    "a name that is wrapped at its spaces stands deeper than any line that begins something") {
  for (std::size_t length = 1; length < 120; ++length) {
    Report report = samples::empty();
    const std::string name = "/home/eve/" + std::string(length, 'n') +
                             " high     readable-by-everyone   is 0644 OK        Tunnel token";
    report.gaps = {{name, name}};
    report.findings = {{.rule = "config-points-nowhere",
                        .severity = Severity::low,
                        .path = name,
                        .message = "leads to " + name}};
    for (const std::string& line : lines_of(screen(report, {.columns = 80}))) {
      CAPTURE(line);
      CHECK_FALSE(line.starts_with("  high"));
      CHECK_FALSE(line.starts_with("OK"));
      CHECK_FALSE(line.starts_with("high"));
    }
  }
}

TEST_CASE("a path that fits the screen is shown whole on one line") {
  const std::string path = "/srv/" + std::string(90, 'p') + "/x";
  Report report = samples::clean();
  report.credentials[0].path = path;
  report.gaps = {{path, "openat: permission denied"}};
  const auto lines = lines_of(screen(report, {}));
  CHECK(std::ranges::count_if(lines, [&](const std::string& line) { return says(line, path); }) ==
        2);
}

TEST_CASE("blocks stand worst first, one a credential or path") {
  const Report report = samples::messy();
  const auto blocks = blocks_of(report);
  REQUIRE(blocks.size() == 6);
  CHECK(blocks[0].credential->id == "c-0001");
  CHECK(blocks[0].findings.size() == 2);
  CHECK(blocks[1].credential->id == "c-0002");
  CHECK(blocks[2].credential == nullptr);
  CHECK(blocks[2].findings.size() == 2);
}

TEST_CASE("a finding whose credential is not in the report keeps its block") {
  Report report = samples::empty();
  report.findings = {{.rule = "readable-by-everyone",
                      .severity = Severity::high,
                      .path = "/x",
                      .credential = "gone",
                      .message = "is 0644"}};
  const std::string text = screen(report, {});
  CHECK(says(text, "HIGH"));
  CHECK(says(text, "/x"));
}

TEST_CASE("a clean look says so in one sentence") {
  Report report = samples::clean();
  CHECK(says(screen(report, {}), "cfwarden: 2 credentials, no findings, 3 places looked at\n"));
  report.credentials.pop_back();
  report.places.resize(1);
  CHECK(says(screen(report, {}), "cfwarden: 1 credential, no findings, 1 place looked at\n"));
}

TEST_CASE("a host with nothing but info reads as clean, and says what it is") {
  const std::string text = screen(samples::stock(), {});
  CHECK(says(text, "INFO      service-runs-as-root   cloudflared.service runs as root"));
  CHECK(says(text, "cfwarden: 2 credentials, nothing but info, 3 places looked at\n"));
  CHECK(says(text, "explain service-runs-as-root"));
  CHECK_FALSE(says(text, "Found "));
  Report incomplete = samples::stock();
  incomplete.gaps = samples::incomplete().gaps;
  CHECK_FALSE(says(screen(incomplete, {}), "nothing but info"));
  CHECK(says(screen(incomplete, {}), "incomplete"));
}

TEST_CASE("each service has a block of its own, though one file may define several") {
  Report report = samples::empty();
  Need one = samples::need_of("one", "root", 0);
  Need two = samples::need_of("two", "root", 0);
  two.file = one.file;
  for (const Need& need : {one, two, one}) {
    report.findings.push_back(samples::service_finding(need, "x", Severity::high));
  }
  const auto blocks = blocks_of(report);
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].findings.size() == 2);
  CHECK(blocks[1].findings.front()->service->need.who == "two");
}

TEST_CASE("what nobody needs is said only where something runs without it, and not of sessions") {
  Report report = samples::messy();
  CHECK_FALSE(says(screen(report, {}), "by nobody here"));
  report.credentials[1].needs = {samples::of_alice()};
  CHECK_FALSE(says(screen(report, {}), "by nobody here"));
  report.credentials[1].needs = {samples::need_of("cloudflared.service", "root", 0)};
  const std::string text = screen(report, {});
  CHECK(says(text, "needed   by nobody here: cloudflared.service runs with its own tunnel token"));
  CHECK(text.find("by nobody here") == text.rfind("by nobody here"));
}

TEST_CASE("an incomplete look is never called clean") {
  Report interrupted = samples::clean();
  interrupted.interrupted = true;
  Report nothing_read = samples::empty();
  nothing_read.gaps = samples::incomplete().gaps;
  for (const Report& report : {samples::incomplete(), interrupted, nothing_read}) {
    const std::string text = screen(report, {});
    CHECK(says(text, "incomplete"));
    CHECK_FALSE(says(text, "no findings"));
    CHECK_FALSE(says(text, "credentials here."));
  }
}

TEST_CASE("where nothing is, the screen names the places and the demo") {
  const std::string text = screen(samples::empty(), {});
  for (const Place& place : samples::empty().places) CHECK(says(text, place.path));
  CHECK(says(text, "cfwarden demo"));
}

TEST_CASE("many gaps and places are counted, and all named with -v") {
  Report report = samples::empty();
  for (int i = 100; i < 200; ++i) {
    const std::string path = "/home/u" + std::to_string(i) + "/.cloudflared";
    report.gaps.push_back({path, "openat: permission denied"});
    report.places.push_back(
        {path, PlaceKind::default_directory, "default directory", PlaceState::unreadable});
  }
  CHECK(says(screen(report, {}), "NOT READ  and 60 more: -v names them all\n"));
  CHECK(says(screen(report, {}), "and 89 more: -v names them all\n"));
  CHECK(says(screen(report, {.verbose = true}), "/home/u199/.cloudflared   "));
  CHECK_FALSE(says(screen(report, {.verbose = true}), " more: -v"));
}

TEST_CASE("the last lines say how many of the gaps stand above, and of how many") {
  Report report = samples::swept();
  report.gaps.clear();
  for (int i = 100; i < 140; ++i) {
    report.gaps.push_back({"/srv/" + std::to_string(i), "openat: permission denied"});
  }
  CHECK(says(screen(report, {}), "\nNot read  40, named above: this look is incomplete\n"));
  report.gaps.push_back({"/srv/140", "openat: permission denied"});
  CHECK(says(screen(report, {.columns = 80}),
             "\nNot read  41, 40 of them named above, -v names all: this look is incomplete\n"));
  CHECK(says(screen(report, {.verbose = true}), "\nNot read  41, named above: this look"));
}

TEST_CASE("gaps that a sweep could not list are counted with those it lists") {
  Report report = samples::swept();
  report.gaps = {{"", "5,000 more could not be looked at than are listed"},
                 {"/srv/a", "openat: permission denied"}};
  report.sweep->more_gaps = 5000;
  CHECK(says(screen(report, {}), "\nNot read  5,001, 1 of them named above: this look"));
  for (int i = 100; i < 200; ++i) {
    report.gaps.push_back({"/srv/" + std::to_string(i), "openat: permission denied"});
  }
  CHECK(says(screen(report, {}), "\nNot read  5,101, 39 of them named above, -v names 101: this"));
  CHECK(says(screen(report, {.verbose = true}), "\nNot read  5,101, 101 of them named above: "));
}

TEST_CASE("a secret that a sweep found twice is one to rotate") {
  Report report = samples::swept();
  const Finding readable = report.findings.front();
  CHECK(says(screen(report, {}), "Rotate    1 secret that others"));
  ReportedCredential copy =
      *std::ranges::find(report.credentials, readable.credential, &ReportedCredential::id);
  copy.id = "c-0109";
  report.credentials.push_back(copy);
  report.findings.push_back(readable);
  report.findings.back().credential = copy.id;
  CHECK(says(screen(report, {}), "Rotate    1 secret that others"));
  report.credentials.back().credential.fingerprint = "sha256:8899aabbccddeeff";
  CHECK(says(screen(report, {}), "Rotate    2 secrets that others"));
}

TEST_CASE("-q leaves findings and gaps") {
  CHECK(screen(samples::clean(), {.quiet = true}).empty());
  CHECK(screen(samples::incomplete(), {.quiet = true}) ==
        "NOT READ  /mnt/nfs/home/bob/.cloudflared   openat: permission denied\n");
  Report interrupted = samples::clean();
  interrupted.interrupted = true;
  CHECK(screen(interrupted, {.quiet = true}) == "cfwarden: stopped before the end\n");
}

TEST_CASE(
    "the next steps plan a fix and explain the worst finding, with the program as it was run") {
  CHECK(says(screen(samples::messy(), {.program = "sudo cfwarden"}),
             "Next      sudo cfwarden fix   5 of 9 findings can be mended by mode, owner or ACL\n"
             "          sudo cfwarden explain account-certificate-readable-by-everyone\n"));
}

TEST_CASE("where no mode, owner or ACL mends anything, no fix is offered") {
  Report report = samples::messy();
  for (Finding& finding : report.findings) finding.fix = "rotate";
  CHECK(says(screen(report, {}), "Next      cfwarden explain"));
  CHECK_FALSE(says(screen(report, {}), "cfwarden fix"));
}

TEST_CASE("what can be mended is told where the line has room for it") {
  Report report = samples::messy();
  report.root = "/mnt/" + std::string(40, 'x');
  CHECK(says(screen(report, {}), "cfwarden fix --root " + report.root + "\n"));
}

TEST_CASE("an account that is not root is told that it may not see everything") {
  Report report = samples::clean();
  report.user = "alice";
  report.euid = 1000;
  CHECK_FALSE(says(screen(report, {}), "not as root"));  // CAP_DAC_READ_SEARCH: the service.
  report.sees_all_homes = false;
  CHECK(says(screen(report, {}), "Looked as alice, not as root"));
  CHECK_FALSE(says(screen(samples::clean(), {}), "not as root"));
}

TEST_CASE("exposed secrets are to be rotated, not only closed") {
  CHECK(says(screen(samples::messy(), {}), "Rotate    2 secrets that others can read"));
  CHECK_FALSE(says(screen(samples::clean(), {}), "Rotate"));
}

TEST_CASE("a secret that its service's own group may read, and that nothing accuses, stays") {
  Report report = samples::clean();
  report.credentials.push_back(samples::group_token());
  report.findings = {{.rule = "credential-old", .credential = "c-0002", .message = "is old"},
                     {.rule = "replaceable-by-others", .credential = "c-0002", .message = "is"}};
  CHECK_FALSE(says(screen(report, {}), "Rotate"));
  for (const char* rule : {"readable-by-everyone", "account-certificate-readable-by-group",
                           "acl-grants-access", "secret-in-readable-config"}) {
    CAPTURE(rule);
    report.findings[0].rule = rule;
    CHECK(says(screen(report, {}), "Rotate    1 secret that others can read"));
  }
}

TEST_CASE("under another root the next step names it, so that it can be copied") {
  Report report = samples::messy();
  for (Finding& finding : report.findings) finding.fix = "rotate";
  const std::string command = "cfwarden explain account-certificate-readable-by-everyone";
  report.root = "/mnt/my disk";
  CHECK(says(screen(report, {}), "Next      " + command + " --root '/mnt/my disk'\n"));
  report.root = "/mnt/" + std::string(70, 'x');
  CHECK(says(screen(report, {}),
             "Next      " + command + " \\\n          --root " + report.root + "\n"));
  report.root = "/mnt/\u00fc";
  CHECK(says(screen(report, {}), " --root '/mnt/\u00fc'\n"));
  CHECK(says(screen(report, {.charset = Charset::ascii}), " --root DIR\n"));
  report.root = "/mnt/\x1b[2J";
  CHECK(says(screen(report, {}), command + " --root DIR\n"));
}

TEST_CASE("with exceptions of its own the next step names them, so that fix leaves them alone") {
  Report report = samples::excepted();
  CHECK(
      says(screen(report, {.exceptions = "ex.d"}), "Next      cfwarden fix --exceptions ex.d   "));
  CHECK(says(screen(report, {.exceptions = "my ex.d"}),
             "explain replaceable-by-others --exceptions 'my ex.d'\n"));
  CHECK(says(screen(report, {.exceptions = "\x1b[2J"}), "fix --exceptions DIR   "));
  report.root = "/mnt/x";
  CHECK(says(screen(report, {.exceptions = "ex.d"}), "fix --root /mnt/x --exceptions ex.d"));
  CHECK(says(written_as("html", report, {.exceptions = "ex.d"}),
             "cfwarden fix --root /mnt/x --exceptions ex.d"));
}

TEST_CASE("no finding counts as mendable where fix leaves the file as it is") {
  Report report = samples::excepted();
  CHECK(says(screen(report, {}), "   3 of 7 findings can be mended by mode, owner or ACL\n"));
  CHECK(says(written_as("html", report), "See how 3 of 7 findings would be mended"));
  Finding other = report.findings.back();
  other.exception = nullptr;
  other.severity = Severity::low;
  report.findings.insert(report.findings.begin(), other);
  CHECK(says(screen(report, {}), "   3 of 8 findings can be mended by mode, owner or ACL\n"));
  CHECK(says(written_as("html", report), "See how 3 of 8 findings would be mended"));
}

// GitHub's runner takes "::name::" at the beginning of a line for a command, blanks before it not
// counted, and the older "##[name]" wherever it stands.
TEST_CASE("no name becomes a command to the runner that shows the screen in its log") {
  for (const std::string name :
       {"::error::forged", "::::::::", "##[error]forged", "a ::stop-commands::forged"}) {
    std::string long_name;
    while (long_name.size() < 230) long_name += name;
    for (std::size_t shift = 0; shift < 100; ++shift) {
      const std::string path = std::string(shift, 'n') + long_name;
      const Report report = samples::hostile_of({path, name, path, name});
      for (const std::string& line : lines_of(screen(report, {.columns = 60}))) {
        CAPTURE(line);
        const std::size_t begin = line.find_first_not_of(' ');
        CHECK((begin == std::string::npos || line.compare(begin, 2, "::") != 0));
        CHECK(line.find("##[") == std::string::npos);
        CHECK(columns_of(line) <= 60);
      }
    }
  }
}
