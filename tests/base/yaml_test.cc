#include "cfwarden/base/yaml.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using cfwarden::scan_yaml;
using cfwarden::YamlNode;
using cfwarden::YamlStep;
using cfwarden::YamlValue;

namespace {
using namespace std::string_literals;

std::string path_text(const YamlValue& value) {
  std::string text;
  for (const YamlStep& step : value.path) {
    if (!text.empty()) text += '.';
    switch (step.type) {
      case YamlStep::Type::key:
        text += step.key;
        break;
      case YamlStep::Type::item:
        text += std::to_string(step.index);
        break;
      case YamlStep::Type::opaque_key:
        text += "(opaque)";
        break;
    }
  }
  return text;
}

struct Seen {
  std::vector<std::string> values;  // "path=text@line", or "path:mapping@line".
  std::string problem;
};

Seen scan(std::string_view text) {
  Seen seen;
  const auto show = [&seen](const YamlValue& value) {
    std::string shown = path_text(value);
    switch (value.node) {
      case YamlNode::scalar:
        shown += "=" + std::string{value.text};
        break;
      case YamlNode::mapping:
        shown += ":mapping";
        break;
      case YamlNode::sequence:
        shown += ":sequence";
        break;
      case YamlNode::alias:
        shown += ":alias";
        break;
    }
    seen.values.push_back(shown + "@" + std::to_string(value.line));
  };
  seen.problem = scan_yaml(text, show).problem;
  return seen;
}

using Values = std::vector<std::string>;
}  // namespace

TEST_CASE("every value is shown with the keys that lead to it and its line") {
  const Seen seen = scan(
      "tunnel: web\n"
      "ingress:\n"
      "  - hostname: a.example\n"
      "    service: http://x\n"
      "  - service: http_status:404\n"
      "token: |\n"
      "  line\n");
  CHECK(seen.problem == "");
  CHECK(seen.values == Values{":mapping@1", "tunnel=web@1", "ingress:sequence@3",
                              "ingress.0:mapping@3", "ingress.0.hostname=a.example@3",
                              "ingress.0.service=http://x@4", "ingress.1:mapping@5",
                              "ingress.1.service=http_status:404@5", "token=line\n@6"});
}

TEST_CASE("JSON, quotes, escapes and a byte order mark are read as YAML has them") {
  CHECK(scan("{\"a\": \"x\\u0041\", \"b\": 'it''s'}").values ==
        Values{":mapping@1", "a=xA@1", "b=it's@1"});
  CHECK(scan("\xEF\xBB\xBFtoken: x\n").values == Values{":mapping@1", "token=x@1"});
  CHECK(scan("").values.empty());
  CHECK(scan("").problem == "");
  CHECK(scan("# nothing\n").values.empty());
}

TEST_CASE("only a plain scalar can mean null") {
  struct Case {
    std::string_view text;
    bool plain;
  };
  for (const Case& row : {Case{"~", true}, Case{"''", false}, Case{"\"~\"", false},
                          Case{"!!str ~", false}, Case{"|\n  x", false}}) {
    CAPTURE(row.text);
    bool seen = !row.plain;
    CHECK(scan_yaml(row.text, [&seen](const YamlValue& value) { seen = value.plain; }).problem ==
          "");
    CHECK(seen == row.plain);
  }
}

TEST_CASE("aliases, merges and keys that are no text are shown and not followed") {
  const Seen seen = scan(
      "base: &b {token: x}\n"
      "<<: *b\n"
      "token: *b\n"
      "*b : y\n"
      "? [k, k2]\n"
      ": z\n"
      "after: w\n");
  CHECK(seen.problem == "");
  CHECK(seen.values == Values{":mapping@1", "base:mapping@1", "base.token=x@1", "<<:alias@2",
                              "token:alias@3", "(opaque)=y@4", "(opaque)=z@6", "after=w@7"});
}

TEST_CASE("documents are numbered") {
  std::vector<std::size_t> documents;
  const auto note = [&documents](const YamlValue& value) { documents.push_back(value.document); };
  CHECK(scan_yaml("--- a\n--- b\n...\n", note).problem == "");
  CHECK(documents == std::vector<std::size_t>{0, 1});
}

TEST_CASE("a syntax error names its line and quotes nothing, and what came before stands") {
  for (const std::string& text :
       {"token: a\nCANARY: [\n"s, "token: a\nb: CANARY: c\n"s, "token: a\nCANARY\x01: b\n"s,
        "token: a\n\"CANARY\n"s, "token: a\nx: !<CANARY b\n"s, "token: a\nb: *CANARY\n\t- x\n"s,
        "token: a\nCANARY\0: b\n"s, "token: a\nCANARY: \xff\n"s}) {
    CAPTURE(text);
    const Seen seen = scan(text);
    CHECK(seen.problem.starts_with("line "));
    CHECK(seen.problem.ends_with(": not valid YAML"));
    CHECK(seen.problem.find("CANARY") == std::string::npos);
  }
  const Seen seen = scan("token: a\nb: }\n");
  CHECK(seen.problem == "line 2: not valid YAML");
  CHECK(seen.values == Values{":mapping@1", "token=a@1"});
}

TEST_CASE("text that is not UTF-8 is a problem") {
  for (const std::string& text : {"\xff\xfe\x74\0o\0:\0 \0x\0"s, "\0t\0o\0:\0 \0x"s, "a: \xc3("s}) {
    CAPTURE(text);
    CHECK(scan(text).problem != "");
  }
}

TEST_CASE("each limit stops the scan and is named") {
  struct Case {
    std::string text;
    std::string_view problem;
  };
  std::string items;
  for (int i = 0; i < 20'000; ++i) items += "- x\n";
  std::string directives;
  for (int i = 0; i < 17; ++i) directives += "%TAG !" + std::to_string(i) + "! tag:x\n";
  for (const Case& row : {
           Case{std::string(1024 * 1024 + 1, '#'), "larger than 1 MiB"},
           Case{std::string(65, '[') + std::string(65, ']'), "line 1: nested deeper than 64"},
           Case{"a: " + std::string(64 * 1024 + 1, 'x'), "line 1: a value over 64 KiB"},
           Case{items, "line 19998: more than 20000 nodes"},
           Case{directives + "--- x\n", "more than 16 directives"},
       }) {
    CAPTURE(row.problem);
    CHECK(scan(row.text).problem == row.problem);
  }
  CHECK(scan(std::string(64, '[') + std::string(64, ']')).problem == "");
  CHECK(scan("a: " + std::string(64 * 1024, 'x')).problem == "");
  CHECK(scan(std::string(1024 * 1024, '#')).problem == "");
}

// Without the limits libyaml hangs here.
TEST_CASE("bombs end at a limit, or are small when they are read") {
  std::string aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const std::string before{static_cast<char>(name - 1)};
    aliases += std::string{name} + ": &" + name;
    aliases += " [*" + before + ",*" + before + ",*" + before + "]\n";
  }
  std::string directives;
  for (int i = 0; i < 60'000; ++i) directives += "%TAG !" + std::to_string(i) + "! t\n";
  std::string separated;
  for (int i = 0; i < 60'000; ++i) separated += "%TAG !" + std::to_string(i) + "! t\xC2\x85";
  std::string dashes;
  for (int i = 0; i < 500'000; ++i) dashes += "- ";
  std::string questions;
  for (int i = 0; i < 500'000; ++i) questions += "? ";
  struct Case {
    std::string text;
    std::string problem;
  };
  const std::string too_deep = "line 1: nested deeper than 64";
  const std::string too_long = "line 1: a value over 64 KiB";
  const Case cases[] = {
      {aliases, ""},
      {directives, "more than 16 directives"},
      {separated, "more than 16 directives"},
      {dashes, too_deep},
      {questions, too_deep},
      {std::string(200'000, '['), too_deep},
      {std::string(1'000'000, '{'), too_deep},
      {std::string(1'000'000, '\n'), ""},
      {std::string(1'000'000, ' '), ""},
      {std::string(1'000'000, '!'), ""},
      {"a: " + std::string(1'000'000, 'x'), too_long},
      {std::string(1'000'000, ':'), too_long},
      {std::string(1'000'000, '\t'), "line 1: not valid YAML"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text.substr(0, 20));
    CHECK(scan(c.text).problem == c.problem);
  }
}
