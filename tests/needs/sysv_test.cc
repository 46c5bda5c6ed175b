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
  return read_by(read_sysv, std::move(texts));
}

// As cloudflared writes it, with the command of one generation.
std::string own_script(const std::string& command) {
  return R"(#!/bin/sh
# For RedHat and cousins:
# chkconfig: 2345 99 01
# description: Cloudflare Tunnel client
# processname: /usr/bin/cloudflared
### BEGIN INIT INFO
# Provides:          /usr/bin/cloudflared
# Required-Start:
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Cloudflare Tunnel client
# Description:       Cloudflare Tunnel client
### END INIT INFO
name=$(basename $(readlink -f $0))
cmd=")" + command +
         R"("
pid_file="/var/run/$name.pid"
stdout_log="/var/log/$name.log"
stderr_log="/var/log/$name.err"
[ -e /etc/sysconfig/$name ] && . /etc/sysconfig/$name
get_pid() {
    cat "$pid_file"
}
is_running() {
    [ -f "$pid_file" ] && ps $(get_pid) > /dev/null 2>&1
}
case "$1" in
    start)
        if is_running; then
            echo "Already started"
        else
            echo "Starting $name"
            $cmd >> "$stdout_log" 2>> "$stderr_log" &
            echo $! > "$pid_file"
        fi
    ;;
    stop)
        if is_running; then
            echo -n "Stopping $name.."
            kill $(get_pid)
            for i in {1..10}
            do
                if ! is_running; then
                    break
                fi
                echo -n "."
                sleep 1
            done
            echo
            if is_running; then
                echo "Not stopped; may still be shutting down or shutdown may have failed"
                exit 1
            else
                echo "Stopped"
                if [ -f "$pid_file" ]; then
                    rm "$pid_file"
                fi
            fi
        else
            echo "Not running"
        fi
    ;;
    restart)
        $0 stop
        if is_running; then
            echo "Unable to stop, will not attempt to start"
            exit 1
        fi
        $0 start
    ;;
    status)
        if is_running; then
            echo "Running"
        else
            echo "Stopped"
            exit 1
        fi
    ;;
    *)
    echo "Usage: $0 {start|stop|restart|status}"
    exit 1
    ;;
esac
exit 0
)";
}

const std::string script_path = "/etc/init.d/cloudflared";

}  // namespace

TEST_CASE("cloudflared's own script of each generation starts one tunnel as root") {
  struct Case {
    std::string command;
    Invocation::Mode mode;
    bool token;
    std::string token_file;
    std::string certificate;
  };
  const Case cases[] = {
      {"/usr/bin/cloudflared --config /etc/cloudflared/config.yml --origincert "
       "/etc/cloudflared/cert.pem --pidfile /var/run/$name.pid --autoupdate-freq 24h0m0s",
       Invocation::Mode::classic, false, "", "/etc/cloudflared/cert.pem"},
      {"/usr/bin/cloudflared --pidfile /var/run/$name.pid  --autoupdate-freq 24h0m0s --config "
       "/etc/cloudflared/config.yml tunnel run",
       Invocation::Mode::run, false, "", ""},
      {"/usr/bin/cloudflared --pidfile /var/run/$name.pid  --no-autoupdate tunnel run --token "
       "SECRET",
       Invocation::Mode::run, true, "", ""},
      {"/usr/bin/cloudflared --pidfile /var/run/$name.pid  --autoupdate-freq 24h0m0s tunnel run "
       "--token-file /etc/cloudflared/token",
       Invocation::Mode::run, false, "/etc/cloudflared/token", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.command);
    const Starts starts = read({{script_path, own_script(one.command)}});
    REQUIRE(starts.all.size() == 1);
    const Start& start = starts.all[0];
    CHECK(start.source == StartSource::sysv);
    CHECK(start.who == "cloudflared");
    CHECK(start.file == script_path);
    CHECK(start.line == 33);
    CHECK(start.run_as.user.empty());
    CHECK(start.invocation.mode == one.mode);
    CHECK(start.invocation.token_in_arguments == one.token);
    CHECK(start.invocation.token_file == one.token_file);
    CHECK(start.invocation.origin_certificate == one.certificate);
    CHECK(start.invocation.tunnel.empty());
    CHECK_FALSE(start.is_enabled);
    CHECK(starts.wanted == Paths{"/etc/sysconfig/cloudflared"});
  }
}

TEST_CASE("what the script takes in from sysconfig counts, in its order") {
  const std::string script = own_script("/usr/bin/cloudflared tunnel run");
  const Starts token =
      read({{script_path, script}, {"/etc/sysconfig/cloudflared", "export TUNNEL_TOKEN=SECRET\n"}});
  REQUIRE(token.all.size() == 1);
  CHECK(token.all[0].invocation.token_in_environment);
  CHECK(token.all[0].files == Paths{script_path, "/etc/sysconfig/cloudflared"});
  CHECK(token.wanted.empty());

  const Starts replaced = read(
      {{script_path, script},
       {"/etc/sysconfig/cloudflared", "cmd=\"/opt/cloudflared --config /x.yml tunnel run\"\n"}});
  REQUIRE(replaced.all.size() == 1);
  CHECK(replaced.all[0].invocation.config == "/x.yml");
}

TEST_CASE("links for starting enable a script") {
  const std::string script = own_script("/usr/bin/cloudflared tunnel run");
  for (const char* path :
       {"/etc/rc3.d/S50et", "/etc/rc.d/rc5.d/S99cloudflared", "/etc/rc.d/S95cloudflared"}) {
    CAPTURE(path);
    CHECK(read({{script_path, script}, symbolic_link(path, "../init.d/cloudflared")})
              .all[0]
              .is_enabled);
  }
  for (const char* path : {"/etc/rc6.d/K02et", "/etc/rcx/S50et", "/opt/rc3.d/S50et"}) {
    CAPTURE(path);
    CHECK_FALSE(read({{script_path, script}, symbolic_link(path, "../init.d/cloudflared")})
                    .all[0]
                    .is_enabled);
  }
  CHECK_FALSE(read({{script_path, script}, symbolic_link("/etc/rc3.d/S50ssh", "../init.d/ssh")})
                  .all[0]
                  .is_enabled);
}

TEST_CASE("the scripts that people write are read") {
  struct Case {
    std::string script;
    std::string user;
    std::string group;
    std::size_t line;
  };
  const Case cases[] = {
      {"#!/bin/sh\n. /lib/lsb/init-functions\nDAEMON=/usr/local/bin/cloudflared\n"
       "ARGS=\"tunnel run --token-file /t\"\nstart() {\n"
       "  start-stop-daemon --start --quiet --chuid cf:web --background --make-pidfile --pidfile "
       "/p --exec $DAEMON -- $ARGS\n}\ncase $1 in start) start;; esac\n",
       "cf", "web", 6},
      {"#!/bin/bash\n. /etc/rc.d/init.d/functions\ncase \"$1\" in\nstart)\n"
       "  daemon --user=cf \"/usr/bin/cloudflared tunnel run --token-file /t >> /log 2>&1 &\"\n"
       "  ;;\nesac\n",
       "cf", "", 5},
      {"#!/bin/sh\nsu - cf -c 'nohup cloudflared tunnel run --token-file /t &'\n", "cf", "", 2},
  };
  for (const Case& one : cases) {
    CAPTURE(one.script);
    const Starts starts = read({{"/etc/init.d/tunnel", one.script}});
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].invocation.token_file == "/t");
    CHECK(starts.all[0].run_as.user == one.user);
    CHECK(starts.all[0].run_as.group == one.group);
    CHECK(starts.all[0].line == one.line);
    CHECK(starts.wanted.empty());
  }
}

TEST_CASE("a script that the script runs is wanted, and read where it is there") {
  const ServiceText script{"/etc/init.d/tunnel",
                           "#!/bin/sh\nTOKEN=x\nexport TOKEN\n"
                           "nohup /opt/tunnel/start.sh &\n"};
  CHECK(read({script}).wanted == Paths{"/opt/tunnel/start.sh"});
  const Starts starts = read({script,
                              {"/opt/tunnel/start.sh",
                               "#!/bin/sh\n\ncd /opt/tunnel\n"
                               "exec ./cloudflared tunnel run --token \"$TOKEN\"\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].line == 4);
  CHECK(starts.all[0].working_directory == "/opt/tunnel");
  CHECK(starts.all[0].invocation.token_in_arguments);
  CHECK(starts.all[0].files == Paths{"/etc/init.d/tunnel", "/opt/tunnel/start.sh"});
}

TEST_CASE("scripts that run each other in a ring end") {
  const Starts starts = read({{"/etc/init.d/a", "#!/bin/sh\n/opt/b\n/opt/c\n"},
                              {"/opt/b", "#!/bin/sh\n/opt/c\n/opt/b\n"},
                              {"/opt/c", "#!/bin/sh\n/opt/b\n/etc/init.d/a\n"}});
  CHECK(starts.all.empty());
}

TEST_CASE("OpenWrt's procd is told word by word") {
  const Starts starts = read({{"/etc/init.d/cloudflared",
                               "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\nSTART=95\n"
                               "cfd_token=\"SECRET\"\nstart_service() {\n"
                               "  procd_open_instance\n"
                               "  procd_set_param command /usr/bin/cloudflared --no-autoupdate\n"
                               "  procd_append_param command tunnel run --token ${cfd_token}\n"
                               "  procd_set_param user nobody\n"
                               "  procd_set_param respawn\n  procd_close_instance\n}\n"},
                              symbolic_link("/etc/rc.d/S95cloudflared", "../init.d/cloudflared")});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.mode == Invocation::Mode::run);
  CHECK(starts.all[0].invocation.token_in_arguments);
  CHECK(starts.all[0].run_as.user == "nobody");
  CHECK(starts.all[0].line == 7);
  CHECK(starts.all[0].is_enabled);
  CHECK(starts.wanted == Paths{"/etc/config/cloudflared"});
}

TEST_CASE("OpenWrt's settings say what its functions pass on") {
  const std::string script =
      "#!/bin/sh /etc/rc.common\nUSE_PROCD=1\nPROG=/usr/bin/cloudflared\nstart_service() {\n"
      "  procd_open_instance\n  procd_set_param command \"$PROG\" tunnel --no-autoupdate\n"
      "  append_options\n  procd_append_param command run\n  procd_close_instance\n}\n";
  const Starts starts =
      read({{"/etc/init.d/cloudflared", script},
            {"/etc/config/cloudflared",
             "config cloudflared 'config'\n\toption enabled '1'\n\toption token 'SECRET'\n"
             "\toption config '/etc/cloudflared/config.yml'\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_in_arguments);
  CHECK(starts.all[0].invocation.config == "/etc/cloudflared/config.yml");
  CHECK(starts.all[0].files == Paths{"/etc/init.d/cloudflared", "/etc/config/cloudflared"});
}

TEST_CASE("a token that procd reads from a file may be there") {
  const Starts starts = read({{"/etc/init.d/cloudflared",
                               "#!/bin/sh /etc/rc.common\nstart_service() {\n"
                               "  procd_open_instance\n"
                               "  procd_set_param command cloudflared tunnel run\n"
                               "  procd_set_param env TUNNEL_TOKEN=\"$(cat /t)\"\n"
                               "  procd_close_instance\n}\n"}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].environment_elsewhere);
}

TEST_CASE("what runs at the end of the boot is enabled") {
  for (const char* path : {"/etc/rc.local", "/etc/local.d/tunnel.start"}) {
    CAPTURE(path);
    const Starts starts =
        read({{path, "#!/bin/sh -e\nsudo -u cf nohup cloudflared tunnel run mine &\nexit 0\n"}});
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].is_enabled);
    CHECK(starts.all[0].run_as.user == "cf");
    CHECK(starts.all[0].invocation.tunnel == "mine");
  }
}

TEST_CASE("other scripts start nothing") {
  for (const ServiceText& text : std::vector<ServiceText>{
           {script_path, "#!/sbin/openrc-run\ncloudflared tunnel run mine\n"},
           {script_path, "#!/usr/bin/python3\ncloudflared tunnel run mine\n"},
           {script_path, "#!/bin/sh\ncloudflared update\ncloudflared service install X\n"},
           {script_path, "#!/bin/sh\nkillall cloudflared; pidof cloudflared\n"},
           {"/opt/cloudflared", "#!/bin/sh\ncloudflared tunnel run mine\n"}}) {
    CAPTURE(text.text);
    CHECK(read({text}).all.empty());
  }
}
