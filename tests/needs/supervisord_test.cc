#include "cfwarden/needs/all_sources.h"
#include "read_texts.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace cfwarden;

namespace {

using Paths = std::vector<std::string>;

const std::string path = "/etc/supervisor/conf.d/tunnel.conf";

Starts read(std::vector<ServiceText> texts) {
  return read_by(read_supervisord, std::move(texts));
}

Start only(const std::string& text) {
  const Starts starts = read({{path, text}});
  REQUIRE(starts.all.size() == 1);
  return starts.all[0];
}

}  // namespace

TEST_CASE("a program is read with its user, its directory and its variables") {
  const Start start = only(
      "; tunnel\n[program:tunnel]\ndirectory=/srv/tunnel\n"
      "command = /usr/local/bin/cloudflared --no-autoupdate tunnel run mine ; by name\n"
      "user=cf\nautorestart=true\n"
      "environment=HOME=\"/home/cf\",TUNNEL_TOKEN='SECRET',TUNNEL_ORIGIN_CERT=/c.pem\n"
      "stdout_logfile=/var/log/x.log\n");
  CHECK(start.source == StartSource::supervisord);
  CHECK(start.who == "tunnel");
  CHECK(start.file == path);
  CHECK(start.files == Paths{path});
  CHECK(start.line == 4);
  CHECK(start.run_as.user == "cf");
  CHECK(start.home == "/home/cf");
  CHECK(start.working_directory == "/srv/tunnel");
  CHECK(start.invocation.tunnel == "mine");
  CHECK(start.invocation.token_in_environment);
  CHECK(start.invocation.origin_certificate == "/c.pem");
  CHECK(start.is_enabled);
}

TEST_CASE("a value goes on where the next line begins with a blank") {
  const Start start = only(
      "[program:x]\ncommand=cloudflared tunnel\n  --config /c.yml\n# no\n\trun mine\n"
      "environment=A=\"1\",\n  TUNNEL_TOKEN=\"S\"\n");
  CHECK(start.invocation.config == "/c.yml");
  CHECK(start.invocation.tunnel == "mine");
  CHECK(start.invocation.token_in_environment);
  CHECK(start.line == 2);
}

TEST_CASE("only autostart=false disables a program") {
  for (const char* no : {"false", "no", "0", "off"}) {
    CAPTURE(no);
    CHECK_FALSE(only(std::string{"[program:x]\ncommand=cloudflared tunnel run a\nautostart="} + no)
                    .is_enabled);
  }
  CHECK(only("[program:x]\ncommand=cloudflared tunnel run a\nautostart=true\n").is_enabled);
}

TEST_CASE("what supervisord replaces is replaced") {
  const Start start = only(
      "[supervisord]\nenvironment=WHICH=\"blue\"\n[program:x]\n"
      "command=cloudflared --config %(here)s/%(program_name)s-%(ENV_WHICH)s.yml tunnel run "
      "100%%\n");
  CHECK(start.invocation.config == "/etc/supervisor/conf.d/x-blue.yml");
  CHECK(start.invocation.tunnel == "100%");
  const Start token = only("[program:x]\ncommand=cloudflared tunnel run --token %(ENV_TOKEN)s\n");
  CHECK(token.invocation.token_in_arguments);
  const Start unknown =
      only("[program:x]\ncommand=cloudflared tunnel run\nenvironment=TUNNEL_TOKEN=%(ENV_TOKEN)s\n");
  CHECK(unknown.environment_elsewhere);
  CHECK_FALSE(unknown.invocation.token_in_environment);
}

TEST_CASE("a command is not given to a shell, but may run one") {
  CHECK(only("[program:x]\ncommand=cloudflared tunnel run $HOME\n").invocation.tunnel == "$HOME");
  CHECK(only("[program:x]\ncommand=bash -c \"exec cloudflared tunnel run 'a b'\"\n")
            .invocation.tunnel == "a b");
  const Starts script = read({{path, "[program:x]\ncommand=/opt/run.sh\n"}});
  CHECK(script.all.empty());
  CHECK(script.wanted == Paths{"/opt/run.sh"});
}

TEST_CASE("files that are taken in are wanted") {
  const Starts starts =
      read({{"/etc/supervisord.conf",
             "[include]\nfiles = supervisord.d/*.ini /opt/*/x.conf /srv/a.conf\n"}});
  CHECK(starts.wanted == Paths{"/etc/supervisord.d/*.ini", "/srv/a.conf"});
}

TEST_CASE("other sections, other files and broken ones start nothing") {
  const std::string program = "[program:x]\ncommand=cloudflared tunnel run a\n";
  CHECK(read({{"/etc/other.conf", program}}).all.empty());
  CHECK(read({{"/etc/supervisor/notes.txt", program}}).all.empty());
  for (const char* text :
       {"command=cloudflared tunnel run a\n",
        "[eventlistener:x]\ncommand=cloudflared tunnel run a\n",
        "[program:x]\ncommand=cloudflared update\n", "[", "[program:x", "[program:x]\n=\n",
        "[program:x]\ncommand\n", " a\n[program:x]\n b\n", "[program:x]\nenvironment=,,=\"\n"}) {
    CAPTURE(text);
    CHECK(read({{path, text}}).all.empty());
  }
}
