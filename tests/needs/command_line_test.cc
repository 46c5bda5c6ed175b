#include "cfwarden/needs/command_line.h"

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/shell_script.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;

namespace {

using Mode = Invocation::Mode;

// The line is split as a shell does.
std::optional<CommandLine> read(const std::string& line,
                                const std::vector<EnvironmentVariable>& environment = {}) {
  return command_line_of(shell_words(line), environment);
}

Invocation invoked(const std::string& line,
                   const std::vector<EnvironmentVariable>& environment = {}) {
  const auto command = read(line, environment);
  REQUIRE(command);
  return command->invocation;
}

const std::string uuid = "6f1b2c3d-0000-4000-8000-0123456789ab";

}  // namespace

TEST_CASE("the units of each generation are told apart by what they run") {
  struct Case {
    std::string line;
    Mode mode;
  };
  const Case cases[] = {
      {"/usr/local/bin/cloudflared --config /etc/cloudflared/config.yml --origincert "
       "/etc/cloudflared/cert.pem --no-autoupdate",
       Mode::classic},
      {"/usr/bin/cloudflared --config /etc/cloudflared/config.yml --no-autoupdate", Mode::run},
      {"/usr/bin/cloudflared --config /etc/cloudflared/config.yml --no-autoupdate tunnel run",
       Mode::run},
      {"/usr/bin/cloudflared --no-autoupdate tunnel run --token SECRET", Mode::run},
      {"/usr/bin/cloudflared --no-autoupdate --config /etc/cloudflared/config.yml tunnel run",
       Mode::run},
      {"/usr/bin/cloudflared --no-autoupdate tunnel run --token-file /etc/cloudflared/token",
       Mode::run},
      {"cloudflared tunnel --hostname a.example --url localhost:80", Mode::classic},
      {"cloudflared tunnel --url http://localhost:8080", Mode::quick},
      {"cloudflared tunnel --hello-world", Mode::quick},
      {"cloudflared --hello-world=false --config /x.yml", Mode::run},
      {"cloudflared tunnel --name mine --url localhost:80", Mode::run},
      {"cloudflared", Mode::other},
      {"cloudflared --version", Mode::other},
      {"cloudflared version", Mode::other},
      {"cloudflared update", Mode::other},
      {"cloudflared service install SECRET", Mode::other},
      {"cloudflared proxy-dns --port 53", Mode::other},
      {"cloudflared --proxy-dns", Mode::other},
      {"cloudflared access ssh --hostname a.example", Mode::other},
      {"cloudflared tunnel login", Mode::other},
      {"cloudflared tunnel list", Mode::manage},
      {"cloudflared tunnel --origincert /c.pem create mine", Mode::manage},
      {"cloudflared tunnel token mine", Mode::manage},
      {"cloudflared tunnel route dns mine a.example", Mode::manage},
      {"cloudflared tail mine", Mode::manage},
      {"cloudflared tail --token SECRET", Mode::other},
      {"cloudflared tunnel list --help", Mode::other},
      {"sh -c 'cloudflared version; cloudflared tunnel list'", Mode::manage},
      {"sh -c 'cloudflared tunnel route dns a b; cloudflared tunnel run a'", Mode::run},
      {"cloudflared tunnel run --help", Mode::other},
  };
  for (const Case& one : cases) {
    CAPTURE(one.line);
    CHECK(invoked(one.line).mode == one.mode);
  }
}

TEST_CASE("flags may stand before, between and behind the commands") {
  const Invocation read = invoked(
      "cloudflared --config /c.yml --no-autoupdate tunnel --loglevel debug --metrics=:1 -p quic "
      "run "
      "--credentials-file /a.json --pq " +
      uuid);
  CHECK(read.mode == Mode::run);
  CHECK(read.config == "/c.yml");
  CHECK(read.credentials_file == "/a.json");
  CHECK(read.tunnel == uuid);
}

TEST_CASE("a flag that stands alone does not take the word behind it") {
  for (const char* flag : {"--no-autoupdate", "-no-autoupdate", "--hello-world", "--no-tls-verify",
                           "--http2-origin", "--post-quantum", "--bastion", "--force", "-f",
                           "--is-autoupdated", "--flag-of-the-future", "--no-autoupdate=true"}) {
    CAPTURE(flag);
    const Invocation read = invoked(std::string{"cloudflared "} + flag + " tunnel run mine");
    CHECK(read.mode == Mode::run);
    CHECK(read.tunnel == "mine");
  }
}

TEST_CASE("each spelling of a flag with a value is read") {
  for (const char* flag : {"--cred-file /a", "--credentials-file /a", "-credentials-file /a",
                           "--credentials-file=/a", "--cred-file=/a"}) {
    CAPTURE(flag);
    CHECK(invoked(std::string{"cloudflared tunnel run "} + flag + " x").credentials_file == "/a");
  }
  CHECK(invoked("cloudflared tunnel --config /1 run --config /2").config == "/2");
  CHECK(invoked("cloudflared tunnel run --token-file=/t").token_file == "/t");
  CHECK(invoked("cloudflared tunnel run --origincert /c mine").origin_certificate == "/c");
  CHECK(invoked("cloudflared tunnel run --token X").token_in_arguments);
  CHECK(invoked("cloudflared tunnel run --token=X").token_in_arguments);
  CHECK(invoked("cloudflared tunnel run --credentials-contents X").credentials_in_environment);
}

TEST_CASE("variables count where there is no flag") {
  const std::string secret{secret_placeholder};
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_TOKEN", secret}}).token_in_environment);
  CHECK_FALSE(invoked("cloudflared tunnel run", {{"TUNNEL_TOKEN", ""}}).token_in_environment);
  CHECK_FALSE(invoked("cloudflared tunnel run", {{"TUNNEL_TOKEN", "x"}, {"TUNNEL_TOKEN", ""}})
                  .token_in_environment);
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_CRED_CONTENTS", secret}})
            .credentials_in_environment);
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_TOKEN_FILE", "/t"}}).token_file == "/t");
  CHECK(
      invoked("cloudflared tunnel run --token-file /f", {{"TUNNEL_TOKEN_FILE", "/t"}}).token_file ==
      "/f");
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_CRED_FILE", "/c"}}).credentials_file == "/c");
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_ORIGIN_CERT", "/o"}}).origin_certificate ==
        "/o");
  CHECK(invoked("cloudflared tunnel", {{"TUNNEL_URL", "localhost:1"}}).mode == Mode::quick);
  CHECK(invoked("cloudflared tunnel", {{"TUNNEL_HOSTNAME", "a.example"}}).mode == Mode::classic);
  CHECK(invoked("cloudflared tunnel", {{"TUNNEL_NAME", "mine"}}).tunnel == "mine");
  CHECK(invoked("cloudflared tunnel run", {{"TUNNEL_NAME", "mine"}}).tunnel.empty());
}

TEST_CASE("cloudflared is known by the names of its releases and packages") {
  for (const char* name :
       {"cloudflared", "/usr/bin/cloudflared", "./cloudflared", "cloudflared.exe",
        "/opt/cloudflared-linux-amd64", "cloudflared-linux-arm", "/x/cloudflared-2024.1.0",
        "/nix/store/x/bin/.cloudflared-wrapped", "cloudflared-fips-linux-amd64"}) {
    CAPTURE(name);
    CHECK(read(std::string{name} + " tunnel run mine"));
  }
  for (const char* name :
       {"/etc/init.d/cloudflared", "/usr/local/bin/cloudflared.sh", "cloudflared-start",
        "/etc/rc.d/cloudflared", "cloudflare", "xcloudflared"}) {
    CAPTURE(name);
    CHECK_FALSE(read(std::string{name} + " start"));
  }
}

TEST_CASE("a renamed binary is known by arguments that only cloudflared takes") {
  for (const char* line :
       {"/opt/argo tunnel run --token X", "argo tunnel --no-autoupdate run --token-file /t",
        "/usr/bin/tunnelbin --config /etc/cloudflared/config.yml tunnel run",
        "argo tunnel run 6f1b2c3d-0000-4000-8000-0123456789ab",
        "argo --config /c --origincert /etc/cloudflared/cert.pem --no-autoupdate"}) {
    CAPTURE(line);
    CHECK(read(line));
  }
  for (const char* line :
       {"ssh -N -L 80:localhost:80 tunnel@host", "/usr/sbin/openvpn --config /etc/openvpn/x.conf",
        "k3s server --token-file /t", "vault agent --credentials-file /x", "ssh tunnel run",
        "frpc tunnel run mine", "boundary connect --token X", "echo cloudflared tunnel run",
        "systemctl restart cloudflared", "pkill cloudflared", "test -x /usr/bin/cloudflared",
        "apt-get install cloudflared", "docker run cloudflare/cloudflared tunnel run --token X"}) {
    CAPTURE(line);
    CHECK_FALSE(read(line));
  }
}

TEST_CASE("what wraps the command is seen through") {
  for (const char* wrapper : {"env",
                              "/usr/bin/env -i A=b",
                              "env -u X --chdir=/x",
                              "A=b",
                              "exec",
                              "exec -a name",
                              "nice -n 10",
                              "nice -10",
                              "ionice -c 2 -n 7",
                              "ionice -c3",
                              "chrt -f 10",
                              "nohup",
                              "setsid -f",
                              "stdbuf -oL -eL",
                              "timeout -k 5 --signal=TERM 10",
                              "time -p",
                              "sudo -E",
                              "sudo -n -u nobody --",
                              "doas -u nobody",
                              "runuser -u nobody --",
                              "setpriv --reuid=1 --regid 2 --clear-groups",
                              "chpst -u nobody:nogroup -e /env -o 100",
                              "s6-setuidgid nobody",
                              "s6-envdir /env",
                              "envdir /env",
                              "softlimit -m 1 -a 2",
                              "start-stop-daemon --start --quiet --background -m -p /p --exec",
                              "catchsegv",
                              "tini --",
                              "tini -g -s --",
                              "dumb-init",
                              "dumb-init --",
                              "/sbin/tini -- /usr/bin/dumb-init --",
                              "flock -n /lock",
                              "systemd-inhibit --what=sleep --who=me",
                              "unshare -n --",
                              "busybox nohup",
                              "daemon --user=nobody --pidfile /p",
                              "ip netns exec blue",
                              "screen -dmS tunnel",
                              "tmux new-session -d -s x",
                              "systemd-cat -t x",
                              "gosu nobody",
                              "su-exec 1000:1000",
                              "taskset -c 0",
                              "supervise-daemon cloudflared --start --user nobody",
                              "env nice exec nohup setsid env timeout 1"}) {
    CAPTURE(wrapper);
    const auto command = read(std::string{wrapper} + " cloudflared tunnel run mine");
    REQUIRE(command);
    CHECK(command->invocation.mode == Mode::run);
    CHECK(command->invocation.tunnel == "mine");
  }
}

TEST_CASE("a command inside of text for a shell is found") {
  for (const char* line :
       {"sh -c 'cloudflared tunnel run mine'", "/bin/bash -lc 'exec cloudflared tunnel run mine'",
        "bash -e -c 'sleep 5 && cloudflared tunnel run mine >> /log 2>&1 &'",
        "su - alice -c 'cloudflared tunnel run mine'", "su alice -c 'cloudflared tunnel run mine'",
        "su -s /bin/sh -c 'cloudflared tunnel run mine' alice",
        "su -c 'cloudflared tunnel run mine' alice", "flock /lock -c 'cloudflared tunnel run mine'",
        "env -S 'A=b cloudflared tunnel' run mine", "eval cloudflared tunnel 'run mine'",
        "sh -c 'exec cloudflared \"$@\"' -- tunnel run mine",
        "daemon 'cloudflared tunnel run mine >> /log &'",
        "sh -c \"sh -c 'sudo -u x sh -c \\\"cloudflared tunnel run mine\\\"'\"",
        "bash -c 'cloudflared update; cloudflared tunnel run mine'",
        "su -s /usr/bin/cloudflared alice -- tunnel run mine"}) {
    CAPTURE(line);
    const auto command = read(line);
    REQUIRE(command);
    CHECK(command->invocation.mode == Mode::run);
    CHECK(command->invocation.tunnel == "mine");
  }
}

TEST_CASE("the user, the group and the directory of the innermost wrapper count") {
  struct Case {
    std::string wrapper;
    std::string user;
    std::string group;
    std::string directory;
  };
  const Case cases[] = {
      {"nice", "", "", ""},
      {"sudo", "root", "", ""},
      {"sudo -u cf -g web -D /srv", "cf", "web", "/srv"},
      {"sudo --user=#1000", "1000", "", ""},
      {"doas -u cf", "cf", "", ""},
      {"runuser -u cf -g web --", "cf", "web", ""},
      {"setpriv --reuid=cf --regid=web", "cf", "web", ""},
      {"chpst -u cf:web:more", "cf", "web", ""},
      {"chpst -u :1000:1001", "1000", "1001", ""},
      {"s6-setuidgid cf", "cf", "", ""},
      {"s6-applyuidgid -u 5 -g 6", "5", "6", ""},
      {"start-stop-daemon --start --chuid cf:web --chdir /srv --exec", "cf", "web", "/srv"},
      {"start-stop-daemon -S -c cf -d /srv -x", "cf", "", "/srv"},
      {"daemon --user cf --pidfile /p", "cf", "", ""},
      {"env -C /srv", "", "", "/srv"},
      {"sudo -u outer setpriv --reuid cf", "cf", "", ""},
      {"su-exec cf:web", "cf", "web", ""},
      {"unshare -w /srv", "", "", "/srv"},
      {"systemd-run --uid=cf --gid=web --working-directory=/srv", "cf", "web", "/srv"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.wrapper);
    const auto command = read(one.wrapper + " cloudflared tunnel run mine");
    REQUIRE(command);
    CHECK(command->user == one.user);
    CHECK(command->group == one.group);
    CHECK(command->working_directory == one.directory);
  }
  CHECK(read("su - cf -c 'cloudflared tunnel run'")->user == "cf");
  CHECK(read("su -c 'cloudflared tunnel run'")->user == "root");
  CHECK(read("sh -c 'cd /srv && exec cloudflared tunnel run'")->working_directory == "/srv");
}

TEST_CASE("wrappers give and take variables") {
  const std::vector<EnvironmentVariable> outside{{"TUNNEL_TOKEN", "x"}};
  const auto has_token = [&](const std::string& line) {
    return invoked(line, outside).token_in_environment;
  };
  CHECK(has_token("nice cloudflared tunnel run"));
  CHECK(has_token("sudo -E cloudflared tunnel run"));
  CHECK(has_token("sh -c 'cloudflared tunnel run'"));
  CHECK_FALSE(has_token("env -i cloudflared tunnel run"));
  CHECK_FALSE(has_token("env -u TUNNEL_TOKEN cloudflared tunnel run"));
  CHECK_FALSE(has_token("sudo cloudflared tunnel run"));
  CHECK(has_token("sudo TUNNEL_TOKEN=y cloudflared tunnel run"));
  CHECK(has_token("env -i TUNNEL_TOKEN=y cloudflared tunnel run"));
  CHECK(has_token("env -i sh -c 'TUNNEL_TOKEN=y cloudflared tunnel run'"));
  CHECK(has_token("env -i sh -c 'export TUNNEL_TOKEN=y; cloudflared tunnel run'"));
  CHECK_FALSE(has_token("env -i sh -c 'TUNNEL_TOKEN=y; cloudflared tunnel run'"));
  CHECK_FALSE(has_token("TUNNEL_TOKEN= cloudflared tunnel run"));
  CHECK(
      invoked("sh -c 'cloudflared tunnel run --token $TUNNEL_TOKEN'", outside).token_in_arguments);
}

TEST_CASE("a token whose value is kept elsewhere is there all the same") {
  const Invocation read =
      invoked("sh -c 'cloudflared tunnel run --token $(cat /t) --loglevel info'");
  CHECK(read.token_in_arguments);
  CHECK(read.tunnel.empty());
  CHECK(invoked("sh -c 'cloudflared tunnel run --token $T'").token_in_arguments);
}

TEST_CASE("a variable whose value cannot be seen may hold the token") {
  CHECK(
      read("sh -c 'export TUNNEL_TOKEN=$(cat /t); cloudflared tunnel run'")->environment_elsewhere);
  CHECK(read("sh -c 'TUNNEL_TOKEN=`cat /t` cloudflared tunnel run'")->environment_elsewhere);
  CHECK(read("sh -c 'T=$(cat /t); export TUNNEL_TOKEN=\"$T\"; cloudflared tunnel run'")
            ->environment_elsewhere);
  CHECK_FALSE(read("sh -c 'export TUNNEL_TOKEN=; cloudflared tunnel run'")->environment_elsewhere);
  CHECK_FALSE(read("sh -c 'export OTHER=$(x); cloudflared tunnel run'")->environment_elsewhere);
}

TEST_CASE("directories of variables are named") {
  using Directories = std::vector<std::string>;
  const auto directories = [](const char* wrapper) {
    return read(std::string{wrapper} + " cloudflared tunnel run")->environment_directories;
  };
  CHECK(directories("chpst -u x -e ./env") == Directories{"./env"});
  CHECK(directories("envdir /e1 s6-envdir -fn /e2") == Directories{"/e2", "/e1"});
  CHECK(directories("nice").empty());
}

TEST_CASE("a script that a command runs is named") {
  struct Case {
    std::string line;
    std::string script;
  };
  const Case cases[] = {
      {"sh /usr/local/bin/tunnel.sh", "/usr/local/bin/tunnel.sh"},
      {"/bin/bash -e /opt/run start", "/opt/run"},
      {"/opt/run", "/opt/run"},
      {"nice -n 5 sudo -u x /opt/run", "/opt/run"},
      {"sh -c '/opt/run > /log 2>&1'", "/opt/run"},
      {"sh -c 'cd /opt && ./run'", "./run"},
      {"/usr/bin/start-tunnel.sh", "/usr/bin/start-tunnel.sh"},
      {"cloudflared tunnel run", ""},
      {"/usr/sbin/sshd -D", ""},
      {"run", ""},
      {"sh", ""},
      {"", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.line);
    CHECK(script_of(shell_words(one.line)) == one.script);
  }
}

TEST_CASE("layers end, and text that grows with each of them does, too") {
  std::vector<std::string> deep(200, "nice");
  for (const char* word : {"cloudflared", "tunnel", "run"}) deep.emplace_back(word);
  CHECK_FALSE(command_line_of(deep, {}));

  std::string body;
  for (int i = 0; i < 2000; ++i) body += "sh -c \"$A\";";
  const std::vector<EnvironmentVariable> grows{{"A", body}};
  CHECK_FALSE(command_line_of(std::vector<std::string>{"sh", "-c", body}, grows));
  CHECK(script_of(std::vector<std::string>{"sh", "-c", body}).empty());
}
