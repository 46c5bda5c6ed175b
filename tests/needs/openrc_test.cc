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
  return read_by(read_openrc, std::move(texts));
}

// As cloudflared 2026.7.0 writes it.
const std::string own_script = R"(#!/sbin/openrc-run

description="Cloudflare Tunnel client"

: "${cloudflared_user:=root}"

command="/usr/bin/cloudflared"
command_args=" --autoupdate-freq 24h0m0s --config /etc/cloudflared/config.yml tunnel run"
command_user="${cloudflared_user}"

pidfile="/run/${RC_SVCNAME}.pid"
output_log="/var/log/${RC_SVCNAME}.log"
error_log="/var/log/${RC_SVCNAME}.err"

supervisor="supervise-daemon"
respawn_delay=5
respawn_max=0

depend() {
	need net
	use dns logger
	after net firewall
}
)";

// As Alpine packages it.
const std::string alpine_script = R"(#!/sbin/openrc-run
supervisor=supervise-daemon

name="cloudflared"
description="Cloudflare Tunnel client"

: ${cloudflared_opts="--no-autoupdate --config /etc/cloudflared/config.yml tunnel run"}

command="/usr/bin/cloudflared"
command_args="$cloudflared_opts"
command_user="cloudflared:cloudflared"

depend() {
	need net localmount
}

start_pre() {
	checkpath -d -m 0755 -o "$command_user" /run/cloudflared
}
)";

}  // namespace

TEST_CASE("cloudflared's own script runs as root until its settings name another user") {
  const ServiceText script{"/etc/init.d/cloudflared", own_script};
  const Starts stock = read({script});
  REQUIRE(stock.all.size() == 1);
  const Start& start = stock.all[0];
  CHECK(start.source == StartSource::openrc);
  CHECK(start.who == "cloudflared");
  CHECK(start.file == "/etc/init.d/cloudflared");
  CHECK(start.files == Paths{"/etc/init.d/cloudflared"});
  CHECK(start.line == 7);
  CHECK(start.invocation.mode == Invocation::Mode::run);
  CHECK(start.invocation.config == "/etc/cloudflared/config.yml");
  CHECK(start.run_as.user == "root");
  CHECK_FALSE(start.is_enabled);
  CHECK(stock.wanted == Paths{"/etc/conf.d/cloudflared"});

  const Starts changed =
      read({script,
            {"/etc/conf.d/cloudflared", "# User.\ncloudflared_user=\"cloudflared\"\n"},
            symbolic_link("/etc/runlevels/default/cloudflared", "/etc/init.d/cloudflared")});
  REQUIRE(changed.all.size() == 1);
  CHECK(changed.all[0].run_as.user == "cloudflared");
  CHECK(changed.all[0].is_enabled);
  CHECK(changed.all[0].files == Paths{"/etc/init.d/cloudflared", "/etc/conf.d/cloudflared"});
  CHECK(changed.wanted.empty());
}

TEST_CASE("Alpine's script takes its options from its settings") {
  const Starts starts =
      read({{"/etc/init.d/cloudflared", alpine_script},
            {"/etc/conf.d/cloudflared",
             "cloudflared_opts=\"--no-autoupdate tunnel run --token SECRET\"\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_in_arguments);
  CHECK(starts.all[0].invocation.config.empty());
  CHECK(starts.all[0].run_as.user == "cloudflared");
  CHECK(starts.all[0].run_as.group == "cloudflared");

  const Starts stock = read({{"/etc/init.d/cloudflared", alpine_script}});
  REQUIRE(stock.all.size() == 1);
  CHECK(stock.all[0].invocation.config == "/etc/cloudflared/config.yml");
}

TEST_CASE("a variable of the settings reaches cloudflared only where it is exported") {
  const std::string script =
      "#!/sbin/openrc-run\ncommand=/usr/bin/cloudflared\ncommand_args='tunnel run'\n"
      "directory=/srv/tunnel\n";
  const auto token_in_environment = [&](const std::string& settings) {
    const Starts starts = read({{"/etc/init.d/t", script}, {"/etc/conf.d/t", settings}});
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].working_directory == "/srv/tunnel");
    return starts.all[0].invocation.token_in_environment;
  };
  CHECK(token_in_environment("export TUNNEL_TOKEN=SECRET\n"));
  CHECK_FALSE(token_in_environment("TUNNEL_TOKEN=SECRET\n"));
}

TEST_CASE("a script with its own start() is read for its command") {
  const Starts starts = read({{"/etc/init.d/tunnel",
                               "#!/sbin/openrc-run\n"
                               "start() {\n"
                               "  ebegin \"Starting\"\n"
                               "  start-stop-daemon --start --background --make-pidfile \\\n"
                               "    --user tunnel --pidfile $pidfile \\\n"
                               "    --exec /opt/cloudflared -- tunnel run --token-file $file\n"
                               "  eend $?\n"
                               "}\n"
                               "stop() {\n"
                               "  start-stop-daemon --stop --exec /opt/cloudflared\n"
                               "}\n"
                               "file=/etc/tunnel.token\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].line == 4);
  CHECK(starts.all[0].run_as.user == "tunnel");
  CHECK(starts.all[0].invocation.token_file == "/etc/tunnel.token");
}

TEST_CASE("each instance of a script has its own settings behind the common ones") {
  const std::string script =
      "#!/sbin/openrc-run\ncommand=/usr/bin/cloudflared\n"
      "command_args=\"tunnel run --token-file $file\"\ncommand_user=$user\n";
  const Starts starts =
      read({{"/etc/init.d/tunnel", script},
            symbolic_link("/etc/init.d/tunnel.blue", "tunnel"),
            {"/etc/conf.d/tunnel", "user=cf\nfile=/etc/common\n"},
            {"/etc/conf.d/tunnel.blue", "file=/etc/blue\n"},
            symbolic_link("/etc/runlevels/default/tunnel.blue", "/etc/init.d/tunnel.blue")});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].who == "tunnel");
  CHECK_FALSE(starts.all[0].is_enabled);
  CHECK(starts.all[1].who == "tunnel.blue");
  CHECK(starts.all[1].is_enabled);
  CHECK(starts.all[1].invocation.token_file == "/etc/blue");
  CHECK(starts.all[1].run_as.user == "cf");
  CHECK(starts.all[1].files ==
        Paths{"/etc/init.d/tunnel", "/etc/conf.d/tunnel", "/etc/conf.d/tunnel.blue"});
}

TEST_CASE("settings alone may run cloudflared, and their script is wanted") {
  const Starts starts = read({{"/etc/conf.d/daemon",
                               "command=/usr/bin/cloudflared\ncommand_args=\"tunnel run "
                               "--credentials-file '/etc/a b.json' mine\"\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].file == "/etc/conf.d/daemon");
  CHECK(starts.all[0].line == 1);
  CHECK(starts.all[0].invocation.credentials_file == "/etc/a b.json");
  CHECK(starts.wanted == Paths{"/etc/init.d/daemon"});
}

TEST_CASE("other scripts, other programs and strange names start nothing") {
  const std::string script =
      "#!/sbin/openrc-run\ncommand=/usr/bin/cloudflared\ncommand_args='tunnel run mine'\n";
  for (const ServiceText& text : std::vector<ServiceText>{
           {"/etc/init.d/x", "#!/bin/sh\n/usr/bin/cloudflared tunnel run mine\n"},
           {"/etc/init.d/x", "#!/sbin/openrc-run\ncommand=/usr/sbin/sshd\n"},
           {"/etc/init.d/x",
            "#!/sbin/openrc-run\ncommand=/usr/bin/cloudflared\n"
            "command_args='proxy-dns'\n"},
           {"/etc/init.d/a b; x", script},
           {"/etc/init.d/sub/x", script},
           {"/opt/init.d/x", script}}) {
    CAPTURE(text.path);
    CAPTURE(text.text);
    CHECK(read({text}).all.empty());
  }
}
