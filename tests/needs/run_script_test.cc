#include "cfwarden/needs/all_sources.h"
#include "read_texts.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace cfwarden;

namespace {

using Paths = std::vector<std::string>;

Starts read(std::vector<ServiceText> texts) {
  return read_by(read_run_scripts, std::move(texts));
}

Start only(const std::string& path, const std::string& text) {
  const Starts starts = read({{path, text}});
  REQUIRE(starts.all.size() == 1);
  return starts.all[0];
}

const std::string runit_script =
    "#!/bin/sh\nexec 2>&1\nexec chpst -u cf:web cloudflared tunnel run mine\n";

}  // namespace

TEST_CASE("a run script of runit is read under its directory's name") {
  const Start start = only("/etc/sv/tunnel/run", runit_script);
  CHECK(start.source == StartSource::runit);
  CHECK(start.who == "tunnel");
  CHECK(start.file == "/etc/sv/tunnel/run");
  CHECK(start.files == Paths{"/etc/sv/tunnel/run"});
  CHECK(start.line == 3);
  CHECK(start.run_as.user == "cf");
  CHECK(start.run_as.group == "web");
  CHECK(start.working_directory == "/etc/sv/tunnel");
  CHECK(start.invocation.tunnel == "mine");
  CHECK_FALSE(start.is_enabled);
}

TEST_CASE("a service is enabled by its link, or by where it lies, and not when it is down") {
  const ServiceText script{"/etc/sv/tunnel/run", runit_script};
  for (const char* path : {"/etc/service/tunnel", "/var/service/tunnel", "/service/x"}) {
    CAPTURE(path);
    CHECK(read({script, symbolic_link(path, "/etc/sv/tunnel")}).all[0].is_enabled);
  }
  CHECK_FALSE(
      read({script, symbolic_link("/etc/service/other", "/etc/sv/other")}).all[0].is_enabled);
  CHECK_FALSE(read({script,
                    symbolic_link("/etc/service/tunnel", "/etc/sv/tunnel"),
                    {"/etc/sv/tunnel/down", ""}})
                  .all[0]
                  .is_enabled);
  CHECK(only("/var/service/tunnel/run", runit_script).is_enabled);
  CHECK(only("/etc/services.d/tunnel/run", runit_script).is_enabled);
}

TEST_CASE("each supervisor is told apart by its directory") {
  CHECK(only("/etc/service/t/run", runit_script).source == StartSource::runit);
  CHECK(only("/etc/s6/sv/t/run", runit_script).source == StartSource::s6);
  CHECK(only("/etc/services.d/t/run", runit_script).source == StartSource::s6);
  CHECK(only("/etc/s6-overlay/s6-rc.d/t/run", runit_script).source == StartSource::s6);
}

TEST_CASE("a directory of variables is wanted, and read where it is there") {
  const ServiceText script{"/etc/sv/tunnel/run",
                           "#!/bin/sh\nexec chpst -e ./env -u cf cloudflared tunnel run\n"};
  const Starts first = read({script});
  REQUIRE(first.all.size() == 1);
  CHECK_FALSE(first.all[0].invocation.token_in_environment);
  CHECK(first.wanted == Paths{"/etc/sv/tunnel/env/*"});
  const Starts starts = read({script,
                              {"/etc/sv/tunnel/env/TUNNEL_TOKEN", "SECRET\n"},
                              {"/etc/sv/tunnel/env/sub/TUNNEL_CRED_FILE", "/x\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_in_environment);
  CHECK(starts.all[0].invocation.credentials_file.empty());
  CHECK(starts.all[0].files == Paths{"/etc/sv/tunnel/run", "/etc/sv/tunnel/env/TUNNEL_TOKEN"});
}

TEST_CASE("a conf file beside the script is taken in") {
  const Starts starts = read({{"/etc/sv/t/run",
                               "#!/bin/sh\n[ -r /etc/sv/t/conf ] && . /etc/sv/t/conf\n"
                               "exec cloudflared $OPTS\n"},
                              {"/etc/sv/t/conf", "OPTS=\"tunnel run --token-file /t\"\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_file == "/t");
}

TEST_CASE("execline's own programs are seen through") {
  struct Case {
    std::string script;
    std::string user;
    std::size_t line;
  };
  const Case cases[] = {
      {"#!/usr/bin/execlineb -P\nfdmove -c 2 1\ns6-setuidgid cf\n"
       "cloudflared tunnel run --token-file /t\n",
       "cf", 3},
      {"#!/command/execlineb -P\n# a comment\nwith-contenv\n"
       "foreground { echo \"a } brace\" }\nif { test -x /x }\ncloudflared tunnel run --token-file "
       "\"/t\"\n",
       "", 6},
      {"#!/bin/execlineb\ns6-setuidgid cf redirfd -w 1 /log export TUNNEL_TOKEN_FILE /t "
       "cloudflared tunnel run\n",
       "cf", 2},
      {"#!/bin/execlineb\ndefine file /t\ncd /srv\ncloudflared tunnel run --token-file ${file}\n",
       "", 4},
      {"#!/bin/execlineb\nmultisubstitute\n{\n  define file /t\n  importas -D x Y Y\n}\n"
       "cloudflared tunnel run --token-file ${file}\n",
       "", 7},
  };
  for (const Case& one : cases) {
    CAPTURE(one.script);
    const Start start = only("/etc/services.d/t/run", one.script);
    CHECK(start.invocation.mode == Invocation::Mode::run);
    CHECK(start.invocation.token_file == "/t");
    CHECK(start.run_as.user == one.user);
    CHECK(start.line == one.line);
  }
  CHECK(only("/etc/services.d/t/run", cases[3].script).working_directory == "/srv");
}

TEST_CASE("a variable that execline takes from a program may hold the token") {
  const Start start = only("/etc/services.d/t/run",
                           "#!/bin/execlineb\nbacktick T { cat /t }\nimportas T T\n"
                           "export TUNNEL_TOKEN ${T}\ncloudflared tunnel run\n");
  CHECK(start.environment_elsewhere);
}

TEST_CASE("broken execline ends") {
  for (const char* text : {"{", "if {", "if", "define a", "\"", "\\", "importas", "if { } }",
                           "multisubstitute { define a", "export TUNNEL_TOKEN", "#"}) {
    CAPTURE(text);
    CHECK(read({{"/etc/services.d/t/run", std::string{"#!/bin/execlineb\n"} + text}}).all.empty());
  }
}

TEST_CASE("a script that is no shell's and names cloudflared is a gap") {
  const Starts starts =
      read({{"/etc/sv/t/run", "#!/usr/bin/python3\nos.execvp('cloudflared', ['cloudflared'])\n"}});
  CHECK(starts.all.empty());
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == "/etc/sv/t/run");
  CHECK(read({{"/etc/sv/t/run", "#!/usr/bin/python3\nprint(1)\n"}}).gaps.empty());
}

TEST_CASE("what is no run script starts nothing") {
  for (const char* path : {"/etc/sv/t/finish", "/etc/sv/run", "/opt/sv/t/run", "/etc/svx/t/run"}) {
    CAPTURE(path);
    CHECK(read({{path, runit_script}}).all.empty());
  }
  CHECK(read({{"/etc/sv/t/run", "#!/bin/sh\nexec sshd -D\n"}}).all.empty());
}
