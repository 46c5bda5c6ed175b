#include "cfwarden/needs/unit_commands.h"

#include <doctest/doctest.h>

using namespace cfwarden;
using List = std::vector<std::string>;

namespace {

// Specifiers that are none: "%%" is a percent sign, "%z" is refused.
std::optional<std::string> plain(std::string_view word) {
  if (word.find("%z") != word.npos) return std::nullopt;
  return std::string{word};
}

List only(const UnitCommands& commands) {
  REQUIRE(commands.all.size() == 1);
  return commands.all[0].argv;
}

}  // namespace

TEST_CASE("a command is its words without their quotes") {
  const UnitCommands commands =
      commands_of(R"(/usr/bin/cloudflared --config "/etc/my tunnel.yml" tunnel run)", plain);
  CHECK_FALSE(commands.is_refused);
  CHECK(only(commands) ==
        List{"/usr/bin/cloudflared", "--config", "/etc/my tunnel.yml", "tunnel", "run"});
}

TEST_CASE("what stands in front of a program says how it is run") {
  struct Case {
    const char* text;
    bool has_variables;
    bool is_privileged;
    bool keeps_identity;
  };
  for (const Case& one :
       {Case{"/bin/x", true, false, false}, Case{"-/bin/x", true, false, false},
        Case{":/bin/x", false, false, false}, Case{"+/bin/x", true, true, false},
        Case{"!/bin/x", true, false, true}, Case{"!!/bin/x", true, false, false},
        Case{"-+:/bin/x", false, true, false}, Case{":!-/bin/x", false, false, true}}) {
    CAPTURE(one.text);
    const UnitCommands commands = commands_of(one.text, plain);
    CHECK(only(commands) == List{"/bin/x"});
    CHECK(commands.all[0].has_variables == one.has_variables);
    CHECK(commands.all[0].is_privileged == one.is_privileged);
    CHECK(commands.all[0].keeps_identity == one.keeps_identity);
  }
}

TEST_CASE("the name that @ gives a program is not one of its arguments") {
  CHECK(only(commands_of("@/usr/bin/cloudflared tunneld tunnel run", plain)) ==
        List{"/usr/bin/cloudflared", "tunnel", "run"});
  CHECK(commands_of("@/bin/x", plain).is_refused);
}

TEST_CASE("a semicolon by itself parts commands, an escaped or quoted one is an argument") {
  const UnitCommands commands = commands_of(R"(/bin/x a;b ;c; \; ';' ; -/bin/y d ;)", plain);
  REQUIRE(commands.all.size() == 2);
  CHECK(commands.all[0].argv == List{"/bin/x", "a;b", ";c;", ";", ";"});
  CHECK(commands.all[1].argv == List{"/bin/y", "d"});
  CHECK(only(commands_of("; /bin/x", plain)) == List{"/bin/x"});
}

TEST_CASE("systemd refuses a unit for a command that it cannot take, unless a dash forgives it") {
  for (const char* bad : {"/bin/x \"open", "bin/x", "/bin/", R"(/bin/\"x)", R"(/bin/\x01)",
                          "/bin/x %z", "|/bin/x", "!!!/bin/x", "+!/bin/x"}) {
    CAPTURE(bad);
    CHECK(commands_of(bad, plain).is_refused);
    CHECK(commands_of(bad, plain).all.empty());
    CHECK_FALSE(commands_of("-" + std::string{bad}, plain).is_refused);
  }
  CHECK_FALSE(commands_of("- /bin/x", plain).is_refused);
  CHECK_FALSE(commands_of("/bin/x\"open", plain).is_refused);
  CHECK(commands_of("/bin/x\"open y", plain).all.empty());
  CHECK(commands_of("- /bin/x", plain).all.empty());
}

TEST_CASE("an escape that is none is forgiven in a command") {
  CHECK(only(commands_of(R"(/bin/x \qx "\;")", plain)) == List{"/bin/x", R"(\qx)", R"(\;)"});
}

TEST_CASE("a program may be named without its directory") {
  CHECK(only(commands_of("cloudflared tunnel run", plain)) == List{"cloudflared", "tunnel", "run"});
}

TEST_CASE("a variable as a word of its own becomes any number of words") {
  const UnitEnvironment known{{"OPTS", "--config  '/etc/a b.yml' run"}, {"NONE", ""}};
  CHECK(with_variables({"/bin/x", "$OPTS", "$NONE", "$UNKNOWN", "$OPTS/y", "end"}, known) ==
        List{"/bin/x", "--config", "/etc/a b.yml", "run", "end"});
}

TEST_CASE("a variable in braces stays within its word, and no other dollar means anything") {
  const UnitEnvironment known{{"A", "1 2"}};
  CHECK(with_variables(
            {"/bin/$A", "${A}", "x${A}y${B}", "$$A", "$${A}", "x$A", "${A:-b}", "${A", "$"},
            known) == List{"/bin/$A", "1 2", "x1 2y", "$A", "${A}", "x$A", "", "${A", "$"});
}

TEST_CASE("variables do not grow a command beyond its bounds") {
  const UnitEnvironment known{{"A", std::string(100'000, 'a')}};
  std::string word;
  for (int i = 0; i < 1000; ++i) word += "${A}";
  std::vector<std::string> argv(100, word);
  std::size_t total = 0;
  for (const std::string& one : with_variables(argv, known)) {
    CHECK(one.size() <= max_unit_word);
    total += one.size();
  }
  CHECK(total <= max_unit_command);
}
