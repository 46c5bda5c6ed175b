#include "cfwarden/output/log_entries.h"

#include "formats.h"
#include "samples.h"

#include "cfwarden/base/printable.h"

#include <algorithm>

using namespace cfwarden;

namespace {

std::string field(const std::string& entry, const std::string& name) {
  for (const std::string& line : lines_of(entry)) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  return "";
}

std::size_t count_of(const std::vector<std::string>& entries, const std::string& record) {
  return static_cast<std::size_t>(std::ranges::count_if(entries, [&](const std::string& entry) {
    return field(entry, "CFWARDEN_RECORD") == record;
  }));
}

}  // namespace

TEST_CASE("a finding's entry has its cells as fields") {
  const std::string entry = log_entries(samples::messy())[1];
  CHECK(field(entry, "MESSAGE") ==
        "high replaceable-by-others: /etc/cloudflared/config.yml:9: the file is group-writable: "
        "alice, deploy");
  CHECK(field(entry, "PRIORITY") == "3");
  CHECK(field(entry, "CFWARDEN_RULE") == "replaceable-by-others");
  CHECK(field(entry, "CFWARDEN_LINE") == "9");
  CHECK(field(entry, "CFWARDEN_KIND") == "tunnel-token");
  CHECK(field(entry, "CFWARDEN_TUNNEL") == samples::tunnel);
  CHECK(field(entry, "CFWARDEN_RUN") == "2026-11-22T02:20:50Z");
}

TEST_CASE("an entry that is the last one tells the run, and whether it saw everything") {
  const auto clean = log_entries(samples::clean());
  REQUIRE(clean.size() == 1);
  CHECK(field(clean[0], "MESSAGE") == "2 credentials, 0 findings");
  CHECK(field(clean[0], "CFWARDEN_COMPLETE") == "yes");
  CHECK(field(clean[0], "PRIORITY") == "6");

  const auto incomplete = log_entries(samples::incomplete());
  REQUIRE(incomplete.size() == 2);
  CHECK(field(incomplete[0], "MESSAGE") ==
        "not read: /mnt/nfs/home/bob/.cloudflared: openat: permission denied");
  CHECK(field(incomplete[1], "CFWARDEN_COMPLETE") == "no");
  CHECK(field(incomplete[1], "CFWARDEN_NOT_READ") == "1");
  CHECK(field(incomplete[1], "PRIORITY") == "4");
  CHECK(field(incomplete[1], "MESSAGE").find("incomplete") != std::string::npos);

  const auto names = log_entries(samples::swept_names());
  REQUIRE(names.size() == 1);
  CHECK(field(names[0], "MESSAGE").find("no file was opened") != std::string::npos);
}

TEST_CASE("what is excepted, or known, alarms nobody who watches by priority") {
  Report report = samples::excepted();
  report.findings[0].novelty = Novelty::known;
  report.findings[1].novelty = Novelty::fresh;
  const auto entries = log_entries(report);
  CHECK(field(entries[0], "PRIORITY") == "6");
  CHECK(field(entries[0], "MESSAGE").starts_with("known high replaceable-by-others: "));
  CHECK(field(entries[0], "CFWARDEN_SEVERITY") == "high");
  CHECK(field(entries[1], "PRIORITY") == "3");
  CHECK(field(entries[1], "MESSAGE").starts_with("high config-writable-by-others: "));
  const std::string& excepted = entries[report.findings.size() - 1];
  CHECK(field(excepted, "PRIORITY") == "6");
  CHECK(field(excepted, "MESSAGE")
            .starts_with("excepted critical account-certificate-readable-by-everyone: "));
  CHECK(field(excepted, "CFWARDEN_EXCEPTED_UNTIL") == "2026-12-31");
}

TEST_CASE("a finding that is both excepted and known is told as excepted") {
  Report report = samples::excepted();
  report.findings.back().novelty = Novelty::known;
  CHECK(field(log_entries(report)[report.findings.size() - 1], "MESSAGE").starts_with("excepted "));
}

TEST_CASE("the entry of a run counts what is excepted apart") {
  const std::string entry = log_entries(samples::excepted()).back();
  CHECK(field(entry, "MESSAGE") ==
        "5 credentials, 7 findings, 2 excepted; incomplete (1 not read)");
  CHECK(field(entry, "CFWARDEN_EXCEPTED") == "2");
  CHECK(field(log_entries(samples::clean()).back(), "CFWARDEN_EXCEPTED") == "0");
}

TEST_CASE("no name adds a field, a line or an entry") {
  for (const Report& report : {samples::hostile(), samples::markup()}) {
    const auto entries = log_entries(report);
    CHECK(entries.size() == report.findings.size() + report.gaps.size() + 1);
    for (const std::string& entry : entries) {
      CAPTURE(entry);
      CHECK(is_valid_utf8(entry));
      for (const std::string& line : lines_of(entry)) {
        const std::string name = line.substr(0, line.find('='));
        CHECK((name == "MESSAGE" || name == "PRIORITY" || name == "MESSAGE_ID" ||
               name == "SYSLOG_IDENTIFIER" || name.starts_with("CFWARDEN_")));
      }
    }
  }
}

TEST_CASE("values and entries are bounded, and the run says what was left out") {
  Report report = samples::clean();
  const std::string long_name = "/" + std::string(3000, 'x') + "\xff\xff";
  for (std::size_t i = 0; i < 2 * most_log_entries; ++i) {
    report.gaps.push_back({long_name + std::string(3000, '\x01'), "why"});
  }
  const auto entries = log_entries(report);
  CHECK(count_of(entries, "gap") == most_log_entries);
  CHECK(field(entries.back(), "MESSAGE").ends_with("; 500 of these are not in this log"));
  for (const std::string& line : lines_of(entries.front())) CHECK(line.size() < 5000);
  CHECK(field(entries.front(), "CFWARDEN_PATH").ends_with("..."));
}
