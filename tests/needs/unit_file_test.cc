#include "cfwarden/needs/unit_file.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;
using namespace std::string_literals;

namespace {

// "line:key=value" of every assignment, so that a test shows what it expects.
std::vector<std::string> assigned(const std::string& text) {
  std::vector<std::string> all;
  for (const UnitAssignment& one : read_unit_file(text).assignments) {
    all.push_back(std::to_string(one.line) + ":" + one.key + "=" + one.value);
  }
  return all;
}

std::vector<std::string> variables(const std::string& text) {
  std::vector<std::string> all;
  for (const EnvironmentVariable& one : read_environment_file(text)) {
    all.push_back(one.name + "=" + one.value);
  }
  return all;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a unit file gives its assignments with their section and line") {
  const UnitFile file = read_unit_file(
      "# cloudflared\n[Unit]\nDescription=Tunnel\n\n[Service]\n  User = cloudflared  \n");
  REQUIRE(file.assignments.size() == 2);
  CHECK(file.assignments[0].section == "Unit");
  CHECK(file.assignments[0].line == 3);
  CHECK(file.assignments[1].section == "Service");
  CHECK(file.assignments[1].key == "User");
  CHECK(file.assignments[1].value == "cloudflared");
  CHECK(file.assignments[1].line == 6);
  CHECK(file.broken_line == 0);
}

TEST_CASE("a line that ends in a backslash goes on in the next, comments between them or not") {
  CHECK(assigned(
            "[Service]\nExecStart=/bin/a \\\n# no \\\n  tunnel \\\n; nor this\n  run\nUser=x\n") ==
        List{"2:ExecStart=/bin/a    tunnel    run", "7:User=x"});
}

TEST_CASE("a blank line ends a continued line") {
  CHECK(assigned("[Service]\nExecStart=/bin/a \\\n\nUser=x\n") ==
        List{"2:ExecStart=/bin/a", "4:User=x"});
}

TEST_CASE("two backslashes at the end are one that is escaped, and continue nothing") {
  CHECK(assigned("[Service]\nA=x\\\\\nB=y\n") == List{"2:A=x\\\\", "3:B=y"});
}

TEST_CASE("a backslash at the end of the file ends there") {
  CHECK(assigned("[Service]\nA=x\\") == List{"2:A=x"});
}

TEST_CASE("lines end in any of LF, CR, CRLF and NUL") {
  CHECK(assigned("[Service]\r\nA=1\rB=2\r\nC=3\0D=4\n\rE=5"s) ==
        List{"2:A=1", "3:B=2", "4:C=3", "5:D=4", "6:E=5"});
}

TEST_CASE("an empty assignment is one too: it takes back what was before") {
  CHECK(assigned("[Service]\nExecStart=\n") == List{"2:ExecStart="});
}

TEST_CASE("what is no assignment, or in no section, counts for nothing") {
  CHECK(assigned("A=1\n[Service]\nnothing\nC=3\n") == List{"4:C=3"});
}

TEST_CASE("a line that is not UTF-8 breaks the file there, unless it is a comment") {
  const UnitFile file = read_unit_file("[Service]\nA=1\n# \xff\nB=\xff\nC=3\n");
  CHECK(file.assignments.size() == 1);
  CHECK(file.broken_line == 4);
}

TEST_CASE("a byte order mark in front is no part of the first line") {
  CHECK(assigned("\xef\xbb\xbf[Service]\nA=1\n") == List{"2:A=1"});
}

TEST_CASE("a section that is not closed breaks the file there") {
  const UnitFile file = read_unit_file("[Service]\nA=1\n[Install\nB=2\n");
  CHECK(file.assignments.size() == 1);
  CHECK(file.broken_line == 3);
}

TEST_CASE("more assignments than any unit has break the file") {
  std::string text = "[Service]\n";
  for (std::size_t i = 0; i <= max_unit_assignments; ++i) text += "A=1\n";
  const UnitFile file = read_unit_file(text);
  CHECK(file.assignments.size() == max_unit_assignments);
  CHECK(file.broken_line == max_unit_assignments + 2);
}

TEST_CASE("a megabyte of continued lines is read in one go") {
  std::string text = "[Service]\nA=";
  for (int i = 0; i < 500'000; ++i) text += "\\\n";
  const UnitFile file = read_unit_file(text);
  CHECK(file.assignments.size() == 1);
}

TEST_CASE("an environment file gives its variables, with quotes and escapes as systemd has them") {
  CHECK(variables("A=1\n  B = two words  \nC=\"a b\"\nD='a \"b\" c'\n") ==
        List{"A=1", "B=two words", "C=a b", "D=a \"b\" c"});
  CHECK(variables("A=\"x\\\"y\\$z\\n\"\nB=a\\ b\\\\c\nC=one\\\ntwo\n") ==
        List{"A=x\"y$z\\n", "B=a b\\c", "C=onetwo"});
  CHECK(variables("A=\"one\ntwo\"\nB='x'\"y\"z\n") == List{"A=one\ntwo", "B=xyz"});
}

TEST_CASE("an environment file's quotes count only where a value begins") {
  CHECK(variables("A=x\"y\"\nB=\"x\" y\n") == List{"A=x\"y\"", "B=xy"});
}

TEST_CASE(
    "an environment file's comments, names that no variable has and lines without = are left out") {
  CHECK(variables("# A=1\n; B=2\nexport C=3\n4D=4\nnothing\nE=5") == List{"E=5"});
}

TEST_CASE("an empty value in an environment file is a value") {
  CHECK(variables("A=\nB=\"\"\n") == List{"A=", "B="});
}

TEST_CASE("an environment file ends at a NUL and needs no end of line") {
  CHECK(variables("A=1\nB=2 \0\nC=3\n"s) == List{"A=1", "B=2"});
  CHECK(variables("A='open") == List{"A=open"});
}
