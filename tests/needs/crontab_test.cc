#include "cfwarden/needs/all_sources.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

using Paths = std::vector<std::string>;

Starts read(std::vector<ServiceText> texts) {
  std::ranges::sort(texts, {}, &ServiceText::path);
  Accounts accounts;
  accounts.users = {{.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice"}};
  Starts starts;
  read_crontabs({.texts = texts, .accounts = &accounts}, starts);
  return starts;
}

Start only(const std::string& path, const std::string& text) {
  const Starts starts = read({{path, text}});
  REQUIRE(starts.all.size() == 1);
  return starts.all[0];
}

}  // namespace

TEST_CASE("a line of a user's table runs as that user, in the user's home") {
  for (const char* path : {"/var/spool/cron/crontabs/alice", "/var/spool/cron/alice",
                           "/etc/crontabs/alice", "/var/spool/cron/tabs/alice"}) {
    CAPTURE(path);
    const Start start = only(
        path, "# m h dom mon dow command\n\n@reboot cloudflared tunnel run mine >/dev/null 2>&1\n");
    CHECK(start.source == StartSource::cron);
    CHECK(start.who == std::string{"cron:"} + path);
    CHECK(start.file == path);
    CHECK(start.files == Paths{path});
    CHECK(start.line == 3);
    CHECK(start.run_as.user == "alice");
    CHECK(start.working_directory == "/home/alice");
    CHECK(start.invocation.tunnel == "mine");
    CHECK(start.is_enabled);
  }
}

TEST_CASE("a line of the system's tables names its user") {
  for (const char* path : {"/etc/crontab", "/etc/cron.d/tunnel"}) {
    CAPTURE(path);
    CHECK(only(path, "*/5 * * * * alice cloudflared tunnel run mine\n").run_as.user == "alice");
    CHECK(only(path, "@reboot\troot\tsleep 9 && cloudflared tunnel run mine &\n").run_as.user ==
          "root");
  }
}

TEST_CASE("variables of a table count for the lines behind them") {
  const Start start = only("/etc/crontab",
                           "HOME = \"/srv\"\nTUNNEL_TOKEN='SECRET'\n"
                           "0 0 * * 0 alice cloudflared --config c.yml tunnel run\n");
  CHECK(start.home == "/srv");
  CHECK(start.working_directory == "/srv");
  CHECK(start.invocation.token_in_environment);
  CHECK_FALSE(only("/etc/crontab", "@reboot root cloudflared tunnel run x\nTUNNEL_TOKEN=S\n")
                  .invocation.token_in_environment);
}

TEST_CASE("a command ends at a percent sign that is not escaped") {
  CHECK(only("/var/spool/cron/alice", "@reboot cloudflared tunnel run mine%input\n")
            .invocation.tunnel == "mine");
  CHECK(
      only("/var/spool/cron/alice", "@reboot cloudflared tunnel run 50\\%x\n").invocation.tunnel ==
      "50%x");
}

TEST_CASE("terminals, other users and other directories are followed") {
  CHECK(only("/etc/crontab", "@reboot root screen -dmS t cloudflared tunnel run mine\n")
            .invocation.tunnel == "mine");
  const Start start =
      only("/etc/crontab", "@reboot root su alice -c 'cd /srv && cloudflared tunnel run mine'\n");
  CHECK(start.run_as.user == "alice");
  CHECK(start.working_directory == "/srv");
  CHECK(only("/var/spool/cron/alice", "@reboot cd tunnel && ./cloudflared tunnel run mine\n")
            .working_directory == "/home/alice/tunnel");
}

TEST_CASE("a script that a line runs is wanted, and read as that user's") {
  const std::string table = "/var/spool/cron/alice";
  const std::string line = "@reboot /home/alice/start.sh\n";
  CHECK(read({{table, line}}).wanted == Paths{"/home/alice/start.sh"});
  const Starts starts =
      read({{table, line},
            {"/home/alice/start.sh", "#!/bin/bash\n\ncloudflared tunnel run --token-file ~/t\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].line == 1);
  CHECK(starts.all[0].run_as.user == "alice");
  CHECK(starts.all[0].files == Paths{table, "/home/alice/start.sh"});
  CHECK(starts.all[0].read_as_runner == Paths{"/home/alice/start.sh"});
  CHECK(starts.all[0].invocation.token_file == "/home/alice/t");
}

TEST_CASE("a user's table cannot have another's script read out") {
  const Starts starts = read({{"/var/spool/cron/alice", "@reboot /root/start.sh\n", {}, 1000},
                              {"/root/start.sh", "#!/bin/sh\ncloudflared tunnel run mine\n"}});
  CHECK(starts.all.empty());
}

TEST_CASE("a table with more work in it than is done is a gap") {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "V" + std::to_string(i) + "=" + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 1000; ++i) text += "@reboot root true\n";
  const Starts starts = read({{"/etc/crontab", text}});
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == "/etc/crontab");
}

TEST_CASE("what is no table, and lines that run no tunnel, start nothing") {
  const std::string line = "@reboot root cloudflared tunnel run mine\n";
  for (const char* path : {"/etc/cron.daily/x", "/etc/cron.d/x.dpkg-old", "/etc/cron.d/x~",
                           "/etc/cron.d/.placeholder", "/var/spool/cron/atjobs/x"}) {
    CAPTURE(path);
    CHECK(read({{path, line}}).all.empty());
  }
  for (const char* text :
       {"@daily root cloudflared update\n", "@daily", "* * *", "* * * * * root", "=\n", "%\n",
        "@reboot root pgrep cloudflared\n", "#@reboot root cloudflared tunnel run mine\n"}) {
    CAPTURE(text);
    CHECK(read({{"/etc/crontab", text}}).all.empty());
  }
}
