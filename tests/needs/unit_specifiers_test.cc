#include "cfwarden/needs/unit_specifiers.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

UnitSpecifiers known_of(const char* name) {
  return {
      .manager = {}, .name = service_name_of(name), .fragment = "/etc/systemd/system/f.service"};
}

std::string expanded(const char* text, const UnitSpecifiers& known) {
  return expand_specifiers(text, known).value_or("refused");
}

}  // namespace

TEST_CASE("the name of a unit is known by its parts") {
  const UnitName instance = service_name_of("cloudflared-tunnel@home@2.service");
  CHECK(instance.prefix == "cloudflared-tunnel");
  CHECK(instance.instance == "home@2");
  CHECK(instance.is_instance);
  CHECK(instance.name_of_template() == "cloudflared-tunnel@.service");
  CHECK(service_name_of("cloudflared@.service").is_template);
  CHECK_FALSE(service_name_of("cloudflared.service").is_instance);
  for (const char* none : {"", ".service", "@x.service", "x.timer", "a b.service", "a/b.service"}) {
    CAPTURE(none);
    CHECK(service_name_of(none).full.empty());
  }
}

TEST_CASE("the name of a unit is unescaped as systemd-escape does it") {
  CHECK(unescaped_unit_name("etc-my\\x2dtunnel.yml") == "etc/my-tunnel.yml");
  CHECK(unescaped_unit_name("a\\x2") == "a\\x2");
  CHECK(unescaped_unit_name("a\\xzz") == "a\\xzz");
}

TEST_CASE("specifiers of a system unit are those of its manager, whatever User= says") {
  const UnitSpecifiers known = known_of("foo-bar@a-b\\x2dc.service");
  // Each as systemd 252 prints it.
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& one : {Case{"%i", "a-b\\x2dc"},
                          Case{"%I", "a/b-c"},
                          Case{"%p", "foo-bar"},
                          Case{"%P", "foo/bar"},
                          Case{"%j", "bar"},
                          Case{"%J", "bar"},
                          Case{"%n", "foo-bar@a-b\\x2dc.service"},
                          Case{"%N", "foo-bar@a-b\\x2dc"},
                          Case{"%f", "/a/b-c"},
                          Case{"%h", "/root"},
                          Case{"%t", "/run"},
                          Case{"%S", "/var/lib"},
                          Case{"%C", "/var/cache"},
                          Case{"%L", "/var/log"},
                          Case{"%E", "/etc"},
                          Case{"%u%U%g%G", "root0root0"},
                          Case{"%T:%V", "/tmp:/var/tmp"},
                          Case{"%d", "/run/credentials/foo-bar@a-b\\x2dc.service"},
                          Case{"%y", "/etc/systemd/system/f.service"},
                          Case{"%Y", "/etc/systemd/system"},
                          Case{"100%%", "100%"}}) {
    CAPTURE(one.text);
    CHECK(expanded(one.text, known) == one.expected);
  }
}

TEST_CASE("a percent sign that begins no specifier stands for itself, an unknown one is refused") {
  const UnitSpecifiers known = known_of("x.service");
  CHECK(expanded("100% %-x %", known) == "100% %-x %");
  CHECK(expanded("%z", known) == "refused");
  CHECK(expanded("5%5", known) == "refused");
}

TEST_CASE("what cannot be known stays as it is written") {
  UnitSpecifiers known = known_of("cloudflared@.service");
  CHECK(expanded("/etc/cloudflared/%i.yml", known) == "/etc/cloudflared/%i.yml");
  CHECK(expanded("%H %l %m %v", known) == "%H %l %m %v");
  known.host_name = "edge1.example.com";
  CHECK(expanded("%H %l", known) == "edge1.example.com edge1");
  CHECK(expanded("%i", known_of("plain.service")).empty());
}

TEST_CASE("a user's own manager has the user's directories") {
  UnitSpecifiers known = known_of("x.service");
  known.manager = user_manager("alice", "1000", "/home/alice");
  CHECK(expanded("%h %t %E %S %C %u %U", known) ==
        "/home/alice /run/user/1000 /home/alice/.config /home/alice/.config /home/alice/.cache "
        "alice 1000");
  CHECK(expanded("%d", known) == "/run/user/1000/credentials/x.service");
}

TEST_CASE("specifiers do not grow a word beyond its bounds") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "%n";
  CHECK_FALSE(expand_specifiers(text, known_of("some-long-name-of-a-unit.service")));
}

TEST_CASE("drop-ins of a unit are looked for under all its names, the special ones first") {
  using List = std::vector<std::string>;
  CHECK(drop_in_names_of(service_name_of("a-b-c.service")) ==
        List{"a-b-c.service", "a-b-.service", "a-.service"});
  CHECK(drop_in_names_of(service_name_of("a-b@i.service")) ==
        List{"a-b@i.service", "a-b@.service", "a-.service", "a-@i.service", "a-@.service"});
  CHECK(drop_in_names_of(service_name_of("plain.service")) == List{"plain.service"});
}

TEST_CASE("a name of many dashes has a bounded number of drop-in directories") {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "a-";
  CHECK(drop_in_names_of(service_name_of(name + "b@i.service")).size() <= 65);
}
