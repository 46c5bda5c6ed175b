#include "cfwarden/carriers/command_output.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

using Texts = std::vector<std::string>;

Texts texts_of(std::string_view text, const std::vector<CommandOutput>& spans) {
  Texts texts;
  for (const CommandOutput& span : spans) {
    texts.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return texts;
}

Texts outputs(std::string_view text) {
  return texts_of(text, command_outputs(text));
}

Texts spelled_out(std::string_view command) {
  return texts_of(command, words_spelled_out(command));
}

}  // namespace

TEST_CASE("substitutions end where they are closed, those inside of them too") {
  CHECK(outputs("a $(cat x) b `cat y` (c) $d ${e}") == Texts{"$(cat x)", "`cat y`"});
  CHECK(outputs("$(cat $(dirname (x))/t)y)") == Texts{"$(cat $(dirname (x))/t)", "$(dirname (x))"});
  CHECK(outputs("\"$(cat \"x y\")\"z") == Texts{"$(cat \"x y\")"});
  CHECK(outputs("$(\ncat x\n)y") == Texts{"$(\ncat x\n)"});
}

TEST_CASE("what is not closed ends with its line, and a back quote that is not is none") {
  CHECK(outputs("$(sed 's/(//' x) y\nz") == Texts{"$(sed 's/(//' x) y"});
  CHECK(outputs("it`s\n`cat x`") == Texts{"`cat x`"});
  CHECK(outputs("$(") == Texts{"$("});
  CHECK(outputs(")`)\n))") == Texts{});
}

TEST_CASE("what a command spells out is told from what it reads") {
  for (const std::string_view command :
       {"cat /etc/cloudflared/token", "cat token", "cat < Token", "head -c 100 \"$D/token\"",
        "jq -r .TunnelSecret 6f1b2c3d-0000-4000-8000-00000000000a.json", "echo $TOKEN ${TOKEN}",
        "printf '%s' \"$(cat token)\"", "echo /etc/cloudflared/token", "awk '{ print $2 }' token",
        "/usr/local/bin/Show2TheToken tunnel", "echo -n $(cat token)"}) {
    CAPTURE(command);
    CHECK(spelled_out(command) == Texts{});
  }
  CHECK(spelled_out("echo one two; cat three") == Texts{"one", "two"});
  CHECK(spelled_out("printf '%s' 'one'\"two\" | rev") == Texts{"one", "two"});
  CHECK(spelled_out("echo `date` one") == Texts{"one"});
  CHECK(spelled_out("base64 -d <<< one; cat two") == Texts{"one"});
  CHECK(spelled_out("cat <<E\none; two\nE\n") == Texts{"E", "one", "two", "E"});
  CHECK(spelled_out("show Xq7rB2mWk9TzLp4V") == Texts{"Xq7rB2mWk9TzLp4V"});
}

TEST_CASE("paths that hosts have are told from secrets with slashes in them") {
  struct Case {
    std::string_view text;
    std::string_view path;
  };
  for (const Case& row :
       {Case{"/etc/cloudflared/t x", "/etc/cloudflared/t"}, Case{"/root/.cf/t\"", "/root/.cf/t"},
        Case{"/etc/$X/*.json'", "/etc/$X/*.json"}, Case{"$D/token;", "$D/token"},
        Case{"${D}/a/b", "${D}/a/b"}, Case{"/kD+x9/madeUp", ""}, Case{"/etc", ""},
        Case{"/etcX/x", ""}, Case{"$D", ""}, Case{"$/x", ""}, Case{"${D/x", ""}, Case{"", ""},
        Case{"$D/", ""}, Case{"$D/Xq7rB2mWk9TzLp4V", ""}}) {
    CAPTURE(row.text);
    CHECK(row.text.substr(0, host_path_size(row.text)) == row.path);
  }
}
