#include "cfwarden/needs/shell_script.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;

namespace {

using Words = std::vector<std::string>;

Words last_command(const std::string& text, const std::vector<EnvironmentVariable>& given = {}) {
  const ShellScript script = read_shell_script(text, given);
  return script.commands.empty() ? Words{} : script.commands.back().argv;
}

std::string value_of(const std::vector<EnvironmentVariable>& variables, const std::string& name) {
  for (const EnvironmentVariable& variable : variables) {
    if (variable.name == name) return variable.value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("words are split, quoted and joined as a shell does") {
  struct Case {
    std::string text;
    Words words;
  };
  const Case cases[] = {
      {"a b\tc", {"a", "b", "c"}},
      {"'a b' c", {"a b", "c"}},
      {"\"a b\"c d", {"a bc", "d"}},
      {"a\\ b c", {"a b", "c"}},
      {"a \\\n  b", {"a", "b"}},
      {"a '' \"\"", {"a", "", ""}},
      {"a # comment", {"a"}},
      {"a#b", {"a#b"}},
      {"a \"say \\\"x\\\" \\n\"", {"a", "say \"x\" \\n"}},
      {"a $'x\\ty'", {"a", "x\ty"}},
      {"a > /var/log/x 2>&1", {"a"}},
      {"a >>x b", {"a", "b"}},
      {"a 2> /dev/null b", {"a", "b"}},
      {"a <<< word b", {"a", "b"}},
      {"a &> x", {"a"}},
      {"a b2>x", {"a", "b2"}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(last_command(one.text) == one.words);
  }
}

TEST_CASE("commands are told apart by what ends them, with their lines") {
  const ShellScript script = read_shell_script("a 1; b 2 & c && d || e | f\n( g )\n{ h; }\n");
  Words names;
  for (const ShellCommand& command : script.commands) names.push_back(command.argv.front());
  CHECK(names == Words{"a", "b", "c", "d", "e", "f", "g", "h"});
  CHECK(script.commands[5].line == 1);
  CHECK(script.commands[6].line == 2);
  CHECK(script.commands[7].line == 3);
}

TEST_CASE("a command over several lines has the line where it begins") {
  const ShellScript script =
      read_shell_script("#!/bin/sh\n\nexec cloudflared \\\n  tunnel \\\n run\n");
  REQUIRE(script.commands.size() == 1);
  CHECK(script.commands[0].line == 3);
  CHECK(script.commands[0].argv == Words{"exec", "cloudflared", "tunnel", "run"});
}

TEST_CASE("commands inside of blocks, cases and functions are found") {
  const std::string text =
      "start() {\n  if [ -x /x ]; then\n    in_function\n  fi\n}\n"
      "case \"$1\" in\n  start|restart)\n    in_case ;;\n  (stop) other\n  ;;\n  *) usage\nesac\n"
      "for i in a b; do in_for; done\nwhile true; do in_while; done\nafter\n";
  Words names;
  for (const ShellCommand& command : read_shell_script(text).commands) {
    names.push_back(command.argv.front());
  }
  CHECK(names == Words{"[", "in_function", "in_case", "other", "usage", "in_for", "true",
                       "in_while", "after"});
}

TEST_CASE("variables are replaced by what was assigned before") {
  struct Case {
    std::string text;
    Words words;
  };
  const Case cases[] = {
      {"A=x\nrun $A ${A}y \"$A z\" '$A'", {"run", "x", "xy", "x z", "$A"}},
      {"A='x y'\nrun $A \"$A\"", {"run", "x", "y", "x y"}},
      {"A=\nrun $A z", {"run", "z"}},
      {"run $UNKNOWN z", {"run", "", "z"}},
      {"run a$UNKNOWN", {"run", "a"}},
      {"run ${A:-default} ${B-b}", {"run", "default", "b"}},
      {"A=\nrun ${A:-default} ${A-b}", {"run", "default"}},
      {"A=x\nrun ${A:+given} ${B:+given}", {"run", "given"}},
      {": ${A:=x}\nrun $A", {"run", "x"}},
      {"run ${A:-${B:-deep}}", {"run", "deep"}},
      {"A=x\nA+=y\nrun $A", {"run", "xy"}},
      {"A=(one 'two three')\nA+=(four)\nrun \"${A[@]}\"", {"run", "one", "two", "three", "four"}},
      {"run \"$(cat /x \")\" y)\" z", {"run", "", "z"}},
      {"run `cat /x` z", {"run", "", "z"}},
      {"export A=x B=y\nrun $A$B", {"run", "xy"}},
      {"local A=x\nreadonly B=y\nrun $A$B", {"run", "xy"}},
      {"A=x\nunset A\nrun ${A:-gone}", {"run", "gone"}},
      {"A=x run $A", {"A=x", "run", ""}},
      {"run ${A%.conf} z", {"run", "", "z"}},
      {"run $ $", {"run", "$", "$"}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(last_command(one.text) == one.words);
  }
}

TEST_CASE("variables that are given count as assigned, and the script knows its own name") {
  CHECK(last_command("run $A", {{"A", "x"}}) == Words{"run", "x"});
  CHECK(last_command("name=$(basename $(readlink -f $0))\nrun $name ${0##*/}",
                     {{"0", "/etc/init.d/cloudflared"}}) ==
        Words{"run", "cloudflared", "cloudflared"});
  CHECK(last_command("run ~/x ~ a~", {{"HOME", "/root"}}) ==
        Words{"run", "/root/x", "/root", "a~"});
}

TEST_CASE("a function sees what is assigned behind it") {
  CHECK(last_command("start() {\n  run $A ${B:-b}\n}\nA=x\n") == Words{"run", "x", "b"});
}

TEST_CASE("only what is exported is given to commands") {
  const ShellScript script = read_shell_script(
      "A=1\nexport B=2\nC=3\nexport C\nset -a\nD=4\nset +a\nE=5\ndeclare -x F=6\n", {{"G", "7"}});
  Words names;
  for (const EnvironmentVariable& variable : script.exported) names.push_back(variable.name);
  CHECK(names == Words{"B", "C", "D", "F", "G"});
  CHECK(value_of(script.variables, "A") == "1");
  CHECK(value_of(script.variables, "G") == "(none)");
}

TEST_CASE("here-documents are skipped") {
  const std::string text =
      "cat > x <<EOF\ncloudflared\nEOF\ncat <<-'END' >y\n\tnot $A\n\tEND\nrun\n";
  const ShellScript script = read_shell_script(text);
  REQUIRE(script.commands.size() == 3);
  CHECK(script.commands[2].argv == Words{"run"});
  CHECK(script.commands[2].line == 7);
}

TEST_CASE("files that are taken in are named, and read where their text is known") {
  const std::string script = "A=old\n[ -e /etc/sysconfig/x ] && . /etc/sysconfig/x\nrun $A\n";
  CHECK(read_shell_script(script).sourced == Words{"/etc/sysconfig/x"});
  const std::string known = "A=new\nfunction_of_it() { other; }\n";
  const ShellScript read = read_shell_script(
      script, {}, [&](const std::string& path) -> std::optional<std::string_view> {
        if (path == "/etc/sysconfig/x") return known;
        return std::nullopt;
      });
  REQUIRE(read.commands.size() == 2);
  CHECK(read.commands.back().argv == Words{"run", "new"});
}

TEST_CASE("a file that takes itself in ends") {
  const std::string text = ". /x\n. /x\n. /x\nrun\n";
  const ShellScript script = read_shell_script(
      text, {}, [&](const std::string&) -> std::optional<std::string_view> { return text; });
  CHECK(script.sourced == Words{"/x"});
}

TEST_CASE("what is not closed, and what doubles itself, ends within bounds") {
  std::string doubling = "A=xxxxxxxxxxxxxxxx\n";
  for (int i = 0; i < 64; ++i) doubling += "A=\"$A$A\"\nrun $A $A\n";
  std::string brackets;
  for (int i = 0; i < 100000; ++i) brackets += "a[ ";
  std::string braces;
  for (int i = 0; i < 100000; ++i) braces += "${a:-";
  std::string tildes;
  for (int i = 0; i < 100000; ++i) tildes += "~ ";
  const std::string hostile[] = {"'",
                                 "\"",
                                 "`",
                                 "$(",
                                 "${",
                                 "case x in",
                                 "case x in a",
                                 "a() {",
                                 "for",
                                 "a <<EOF\nx",
                                 "A=(",
                                 "\\",
                                 "((",
                                 "function",
                                 "a <(",
                                 "$'",
                                 "${a[@]",
                                 "a <<",
                                 "&>",
                                 "2>",
                                 ";;",
                                 doubling,
                                 brackets,
                                 braces,
                                 tildes,
                                 std::string(1 << 20, '('),
                                 std::string(1 << 20, '$'),
                                 std::string(1 << 20, '{'),
                                 std::string(100, '\0')};
  for (const std::string& text : hostile) {
    CAPTURE(text.substr(0, 40));
    const ShellScript script = read_shell_script(text, {{"HOME", std::string(16000, 'h')}});
    CHECK(script.commands.size() <= max_shell_commands);
    std::size_t bytes = 0;
    for (const ShellCommand& command : script.commands) {
      for (const std::string& word : command.argv) bytes += word.size();
    }
    CHECK(bytes <= max_shell_bytes + 65536);
  }
}

TEST_CASE("one line is split without operators and comments") {
  CHECK(shell_words("a 'b c' d;e #f", {}) == Words{"a", "b c", "d;e", "#f"});
  CHECK(shell_words("a $X", {{"X", "1 2"}}) == Words{"a", "1", "2"});
  CHECK(shell_words("", {}).empty());
}
