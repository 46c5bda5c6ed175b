#include "cfwarden/output/rows.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

using namespace cfwarden;

namespace {

// The path of the only gap, as the table has it.
std::string gap_path(const std::string& path) {
  Report report;
  report.gaps = {{path, "why"}};
  const std::string line = parted(written_as("csv", report), '\n')[1];
  const std::string begin = "gap,,,,";
  REQUIRE(line.starts_with(begin));
  return line.substr(begin.size(), line.find(",,,,,,,,,,why") - begin.size());
}

}  // namespace

TEST_CASE("tables for spreadsheets stay as they are") {
  check_golden("formats-messy.csv", written_as("csv", samples::messy()));
  check_golden("formats-markup.csv", written_as("csv", samples::markup()));
}

TEST_CASE("what a spreadsheet would take for a formula begins with an apostrophe") {
  for (const char* path : {"=1+1", "+1", "-1", "@x",
                           "\xEF\xBC\x9D"
                           "1"}) {
    CHECK(gap_path(path) == "\"'" + std::string{path} + "\"");
  }
  CHECK(gap_path("  =1") == "\"'  =1\"");
  CHECK(gap_path("'=1") == "\"''=1\"");
  CHECK(gap_path("\t=1") == "\\t=1");
}

TEST_CASE("a cell that holds a separator, a quote or a space is quoted") {
  CHECK(gap_path("/a,b") == "\"/a,b\"");
  CHECK(gap_path("/a;b") == "\"/a;b\"");
  CHECK(gap_path("/a\"b\"") == "\"/a\"\"b\"\"\"");
  CHECK(gap_path("/a b") == "\"/a b\"");
  CHECK(gap_path("/a") == "/a");
  CHECK(gap_path("/a\r\nb") == "/a\\r\\nb");
}

TEST_CASE("the first line of a table names its columns, and lines end as RFC 4180 has it") {
  const std::string table = written_as("csv", samples::messy());
  const auto lines = lines_of(table);
  CHECK(parted(lines[0], ',').size() == row_columns.size());
  CHECK(lines[0].starts_with("record,host,severity,rule,path,line,"));
  for (const std::string& line : lines) CHECK(line.ends_with('\r'));
}
