#include "cfwarden/needs/all_sources.h"
#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;
using Mode = Invocation::Mode;
using List = std::vector<std::string>;

namespace {

const std::string placeholder{secret_placeholder};
const std::string units = "/etc/systemd/system/";
const std::string wanting = "/etc/systemd/system/multi-user.target.wants/";

ServiceText file(const std::string& path, const std::string& text, std::uint32_t owner = 0) {
  return {.path = path, .text = text, .link_target = "", .owner = owner};
}

ServiceText symbolic_link(const std::string& path, const std::string& target,
                          std::uint32_t owner = 0) {
  return {.path = path, .text = "", .link_target = target, .owner = owner};
}

Accounts accounts() {
  Accounts known;
  known.users = {
      {.name = "root", .uid = 0, .gid = 0, .home = "/root", .groups = {}},
      {.name = "cloudflared", .uid = 990, .gid = 990, .home = "/var/lib/cloudflared", .groups = {}},
      {.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice", .groups = {}},
      {.name = "bob", .uid = 1001, .gid = 100, .home = "/home/bob", .groups = {}}};
  known.groups = {{.name = "root", .gid = 0, .other_members = {}}};
  return known;
}

Starts starts_in(std::vector<ServiceText> texts) {
  return starts_from(std::move(texts), {read_systemd}, accounts());
}

Start only_start(std::vector<ServiceText> texts) {
  Starts starts = starts_in(std::move(texts));
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.gaps.empty());
  return starts.all[0];
}

// One unit that runs a tunnel, with these lines in its [Service].
Start start_with(const std::string& lines) {
  return only_start({file(units + "cloudflared.service",
                          "[Service]\n" + lines +
                              "\nExecStart=/usr/bin/cloudflared tunnel run --token-file "
                              "/etc/cloudflared/token\n")});
}

std::string hidden_by(const Start& start, const std::string& path) {
  for (const HiddenPath& one : start.hidden) {
    if (one.path == path) return one.by;
  }
  return "";
}

List sources_of(const Start& start, const std::string& seen_as) {
  List sources;
  for (const LoadedCredential& one : start.loaded) {
    if (one.seen_as == seen_as) sources.push_back(one.source);
  }
  return sources;
}

std::string installed_unit(const std::string& arguments) {
  return "[Unit]\nDescription=cloudflared\nAfter=network-online.target\n"
         "Wants=network-online.target\n\n[Service]\nTimeoutStartSec=15\nType=notify\n"
         "ExecStart=/usr/bin/cloudflared " +
         arguments +
         "\nRestart=on-failure\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n";
}

}  // namespace

// ---- What cloudflared and distributions install ----

TEST_CASE("the unit that cloudflared of 2018 installs needs its configuration and certificate") {
  const Start start = only_start(
      {file(units + "cloudflared.service",
            "[Unit]\nDescription=Argo Tunnel\nAfter=network.target\n\n[Service]\n"
            "TimeoutStartSec=0\nType=notify\nExecStart=/usr/local/bin/cloudflared "
            "--config /etc/cloudflared/config.yml --origincert "
            "/etc/cloudflared/cert.pem --no-autoupdate\nRestart=on-failure\n"
            "RestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n"),
       symbolic_link(wanting + "cloudflared.service", "/etc/systemd/system/cloudflared.service")});
  CHECK(start.source == StartSource::systemd);
  CHECK(start.who == "cloudflared.service");
  CHECK(start.file == units + "cloudflared.service");
  CHECK(start.line == 8);
  CHECK(start.files == List{units + "cloudflared.service"});
  CHECK(start.invocation.mode == Mode::classic);
  CHECK(start.invocation.config == "/etc/cloudflared/config.yml");
  CHECK(start.invocation.origin_certificate == "/etc/cloudflared/cert.pem");
  CHECK(start.run_as.user.empty());
  CHECK_FALSE(start.run_as.dynamic);
  CHECK(start.home.empty());
  CHECK(start.is_enabled);
  CHECK_FALSE(start.is_active);
}

TEST_CASE("the unit that cloudflared of 2020 installs runs what its configuration names") {
  const Start start = only_start(
      {file(units + "cloudflared.service",
            installed_unit("--config /etc/cloudflared/config.yml --no-autoupdate tunnel run"))});
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.config == "/etc/cloudflared/config.yml");
  CHECK_FALSE(start.is_enabled);
}

TEST_CASE("the unit that cloudflared of 2022 installs has its token in the arguments") {
  const Start start = only_start(
      {file(units + "cloudflared.service",
            installed_unit("--no-autoupdate tunnel run --token " + placeholder)),
       symbolic_link(wanting + "cloudflared.service", "/etc/systemd/system/cloudflared.service"),
       symbolic_link("/run/systemd/units/invocation:cloudflared.service",
                     "00112233445566778899aabbccddeeff")});
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_in_arguments);
  CHECK(start.is_enabled);
  CHECK(start.is_active);
}

TEST_CASE("the unit that cloudflared of 2026 installs reads its token from a file") {
  const Start start = only_start(
      {file(units + "cloudflared.service",
            installed_unit("--no-autoupdate tunnel run --token-file /etc/cloudflared/token"))});
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_file == "/etc/cloudflared/token");
  CHECK_FALSE(start.invocation.has_token());
}

TEST_CASE("the unit that updates cloudflared runs no tunnel") {
  const Starts starts = starts_in(
      {file(units + "cloudflared-update.service",
            "[Unit]\nDescription=Update cloudflared\nAfter=network.target\n\n[Service]\n"
            "ExecStart=/bin/bash -c '/usr/bin/cloudflared update; code=$?; if [ $code -eq 11 ]; "
            "then systemctl restart cloudflared; exit 0; fi; exit $code'\n")});
  for (const Start& start : starts.all) CHECK(start.invocation.mode == Mode::other);
}

TEST_CASE("an instance of Arch's cloudflared@ runs as its user with its own configuration") {
  const std::string unit =
      "[Unit]\nDescription=Cloudflare Tunnel %i\nAfter=network-online.target\n\n[Service]\n"
      "Type=notify\nUser=cloudflared\nGroup=cloudflared\nExecStart=/usr/bin/cloudflared "
      "--no-autoupdate --config /etc/cloudflared/%i.yml tunnel run\nRestart=on-failure\n\n"
      "[Install]\nWantedBy=multi-user.target\n";
  const Start start = only_start({file("/usr/lib/systemd/system/cloudflared@.service", unit),
                                  symbolic_link(wanting + "cloudflared@home.service",
                                                "/usr/lib/systemd/system/cloudflared@.service")});
  CHECK(start.who == "cloudflared@home.service");
  CHECK(start.file == "/usr/lib/systemd/system/cloudflared@.service");
  CHECK(start.invocation.config == "/etc/cloudflared/home.yml");
  CHECK(start.run_as.user == "cloudflared");
  CHECK(start.run_as.group == "cloudflared");
  CHECK(start.is_enabled);
}

TEST_CASE("a template that nothing is an instance of is shown as such, and nothing starts it") {
  const std::string unit =
      "[Service]\nUser=cloudflared\nExecStart=/usr/bin/cloudflared tunnel run %i\n[Install]\n"
      "WantedBy=multi-user.target\n";
  const std::string path = "/usr/lib/systemd/system/cloudflared-tunnel@.service";
  const Start bare = only_start({file(path, unit)});
  CHECK(bare.who == "cloudflared-tunnel@.service");
  CHECK(bare.invocation.tunnel == "%i");
  CHECK_FALSE(bare.is_enabled);
  const Start preset = only_start({file(path, unit + "DefaultInstance=main\n")});
  CHECK(preset.who == "cloudflared-tunnel@main.service");
  CHECK(preset.invocation.tunnel == "main");
  CHECK_FALSE(preset.is_enabled);
}

TEST_CASE("every instance of a template is a start of its own, with its own drop-ins") {
  const Starts starts = starts_in(
      {file("/usr/lib/systemd/system/cloudflared-tunnel@.service",
            "[Service]\nUser=cloudflared\nExecStart=/usr/bin/cloudflared tunnel run %i\n"),
       symbolic_link("/etc/systemd/system/multi-user.target.wants/cloudflared-tunnel@a.service",
                     "x"),
       symbolic_link("/etc/systemd/system/other.target.requires/cloudflared-tunnel@b.service", "x"),
       file("/etc/systemd/system/cloudflared-tunnel@c.service.d/user.conf",
            "[Service]\nUser=alice\n"),
       symbolic_link("/run/systemd/units/invocation:cloudflared-tunnel@d.service", "0011")});
  REQUIRE(starts.all.size() == 4);
  CHECK(starts.all[0].who == "cloudflared-tunnel@a.service");
  CHECK(starts.all[0].is_enabled);
  CHECK(starts.all[1].invocation.tunnel == "b");
  CHECK(starts.all[1].is_enabled);
  CHECK(starts.all[2].run_as.user == "alice");
  CHECK_FALSE(starts.all[2].is_enabled);
  CHECK(starts.all[3].invocation.tunnel == "d");
  CHECK(starts.all[3].is_active);
}

TEST_CASE("NixOS runs each tunnel as a user made for it, with credentials that systemd lays out") {
  const std::string seen = "/run/credentials/cloudflared-tunnel-6f1b2c3d.service/";
  const Start start = only_start(
      {file(units + "cloudflared-tunnel-6f1b2c3d.service",
            "[Unit]\nAfter=network-online.target\n[Service]\nEnvironment=\"TUNNEL_ORIGIN_CERT="
            "%d/cert.pem\"\nDynamicUser=true\nExecStart=/nix/store/0abc-cloudflared-2026.8.2/bin/"
            "cloudflared tunnel --config=/nix/store/1def-cloudflared.yml --no-autoupdate run\n"
            "LoadCredential=credentials.json:/run/secrets/tunnel.json\n"
            "LoadCredential=cert.pem:/run/secrets/cert.pem\nRestart=on-failure\n"
            "RuntimeDirectory=cloudflared-tunnel-6f1b2c3d\n")});
  CHECK(start.run_as.dynamic);
  CHECK(start.home == "/");
  CHECK(start.invocation.origin_certificate == seen + "cert.pem");
  CHECK(sources_of(start, seen + "cert.pem") == List{"/run/secrets/cert.pem"});
  CHECK(sources_of(start, seen + "credentials.json") == List{"/run/secrets/tunnel.json"});
  CHECK(hidden_by(start, "/tmp") == "DynamicUser=yes");
}

// ---- Whose unit counts ----

TEST_CASE("a unit in /etc replaces the one of the package") {
  const Start start =
      only_start({file("/usr/lib/systemd/system/cloudflared.service",
                       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run packaged\n"),
                  file(units + "cloudflared.service",
                       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run own\n")});
  CHECK(start.invocation.tunnel == "own");
  CHECK(start.files == List{units + "cloudflared.service"});
}

TEST_CASE("a masked unit starts nothing") {
  const ServiceText unit = file("/usr/lib/systemd/system/cloudflared.service",
                                "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n");
  CHECK(starts_in({unit, symbolic_link(units + "cloudflared.service", "/dev/null")}).all.empty());
  CHECK(starts_in({unit, symbolic_link(units + "cloudflared.service", "../../../dev/null")})
            .all.empty());
  CHECK(starts_in({unit, file("/run/systemd/system.control/cloudflared.service", "")}).all.empty());
  CHECK(starts_in(
            {unit, symbolic_link("/run/systemd/generator.late/cloudflared.service", "/dev/null")})
            .all.size() == 1);
}

TEST_CASE("drop-ins change a unit in the order of their names, the higher directory's file first") {
  const Start start =
      only_start({file("/usr/lib/systemd/system/cloudflared.service",
                       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run packaged\n"),
                  file("/usr/lib/systemd/system/cloudflared.service.d/20-user.conf",
                       "[Service]\nUser=cloudflared\n"),
                  file("/etc/systemd/system/cloudflared.service.d/10-run.conf",
                       "[Service]\nUser=alice\n# "
                       "changed\nExecStart=\nExecStart=/usr/bin/cloudflared tunnel run own\n"),
                  file("/run/systemd/system/cloudflared.service.d/10-run.conf",
                       "[Service]\nExecStart=/bin/false\n")});
  CHECK(start.invocation.tunnel == "own");
  CHECK(start.run_as.user == "cloudflared");
  CHECK(start.file == "/etc/systemd/system/cloudflared.service.d/10-run.conf");
  CHECK(start.line == 5);
  CHECK(start.files == List{"/usr/lib/systemd/system/cloudflared.service",
                            "/etc/systemd/system/cloudflared.service.d/10-run.conf",
                            "/usr/lib/systemd/system/cloudflared.service.d/20-user.conf"});
}

TEST_CASE("drop-ins for many units apply too, and the special ones stand before them") {
  // As systemd 252 chose among the same files.
  const Start start = only_start(
      {file("/usr/lib/systemd/system/foo-bar.service",
            "[Service]\nExecStart=/usr/bin/cloudflared tunnel run ${A} ${B}\n"),
       file("/etc/systemd/system/foo-.service.d/a.conf", "[Service]\nEnvironment=A=etc-foo-\n"),
       file("/usr/lib/systemd/system/foo-bar.service.d/a.conf",
            "[Service]\nEnvironment=A=lib-foo-bar\n"),
       file("/etc/systemd/system/service.d/a.conf", "[Service]\nEnvironment=A=etc-service\n"),
       file("/etc/systemd/system/service.d/b.conf",
            "[Service]\nEnvironment=TUNNEL_TOKEN_FILE=/b\n"),
       file("/usr/lib/systemd/system/foo-bar.service.d/b.conf",
            "[Service]\nEnvironment=TUNNEL_TOKEN_FILE=/a\n")});
  CHECK(start.invocation.tunnel == "etc-foo-");
  CHECK(start.invocation.token_file == "/a");
}

TEST_CASE("an alias is the unit it stands for: one start, with the drop-ins and links of both") {
  const Start start = only_start(
      {file("/usr/lib/systemd/system/cloudflared.service",
            "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n"),
       symbolic_link(units + "tunnel.service", "/usr/lib/systemd/system/cloudflared.service"),
       symbolic_link(wanting + "tunnel.service", "../tunnel.service"),
       file("/etc/systemd/system/tunnel.service.d/u.conf", "[Service]\nUser=alice\n")});
  CHECK(start.who == "cloudflared.service");
  CHECK(start.run_as.user == "alice");
  CHECK(start.is_enabled);
}

TEST_CASE("a link out of the directories of units names the file that is read") {
  const ServiceText linked = symbolic_link(units + "tunnel.service", "/opt/tunnel/tunnel.service");
  const Starts first = starts_in({linked});
  CHECK(first.all.empty());
  CHECK(wants(first, "/opt/tunnel/tunnel.service"));
  const Start start =
      only_start({linked, file("/opt/tunnel/tunnel.service",
                               "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n")});
  CHECK(start.who == "tunnel.service");
  CHECK(start.file == "/opt/tunnel/tunnel.service");
}

TEST_CASE("links in a circle are no unit") {
  CHECK(starts_in({symbolic_link(units + "a.service", "b.service"),
                   symbolic_link(units + "b.service", "a.service")})
            .all.empty());
}

TEST_CASE("a service is enabled by a link, a generator, or a unit that triggers it") {
  const ServiceText unit = file("/usr/lib/systemd/system/cloudflared.service",
                                "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n");
  for (const char* enabling :
       {"/etc/systemd/system/multi-user.target.wants/cloudflared.service",
        "/usr/lib/systemd/system/default.target.requires/cloudflared.service",
        "/etc/systemd/system/x.service.upholds/cloudflared.service",
        "/etc/systemd/system/timers.target.wants/cloudflared.timer"}) {
    CAPTURE(enabling);
    CHECK(only_start({unit, symbolic_link(enabling, "/usr/lib/systemd/system/x")}).is_enabled);
    CHECK_FALSE(only_start({unit, symbolic_link(enabling, "/dev/null")}).is_enabled);
  }
  CHECK_FALSE(only_start({unit}).is_enabled);
  CHECK(only_start({file("/run/systemd/generator/cloudflared.service", unit.text)}).is_enabled);
}

TEST_CASE("a unit that a generator made from an init script or a container is read there") {
  for (const char* source : {"/etc/init.d/cloudflared", "/etc/containers/systemd/cf.container"}) {
    CAPTURE(source);
    const std::string text = std::string{"[Unit]\nSourcePath="} + source +
                             "\n[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n";
    CHECK(starts_in({file("/run/systemd/generator.late/cloudflared.service", text)}).all.empty());
  }
}

// ---- Commands ----

TEST_CASE("a tunnel under another name and inside of other programs is seen") {
  for (const char* command :
       {"/opt/tunneld tunnel --no-autoupdate run --token-file /etc/t x",
        "/usr/bin/env -i /usr/bin/cloudflared tunnel run --token-file /etc/t",
        "/bin/sh -c 'exec /usr/bin/cloudflared tunnel run --token-file /etc/t'",
        "-/usr/bin/nice -n 5 /usr/bin/cloudflared tunnel run --token-file /etc/t",
        "@/usr/bin/cloudflared tunneld tunnel run --token-file /etc/t"}) {
    CAPTURE(command);
    const Start start = only_start(
        {file(units + "edge.service", "[Service]\nExecStart=" + std::string{command} + "\n")});
    CHECK(start.invocation.token_file == "/etc/t");
  }
}

TEST_CASE("a unit that does not run cloudflared is no start, whatever it says") {
  const Starts starts =
      starts_in({file(units + "nginx.service",
                      "[Unit]\nAfter=cloudflared.service\n[Service]\nExecStart=/usr/sbin/"
                      "nginx\n")});
  CHECK(starts.all.empty());
  CHECK(starts.gaps.empty());
}

TEST_CASE("a continued command with comments in it counts from its first line") {
  const Start start = only_start(
      {file(units + "cloudflared.service",
            "[Service]\nExecStart=/usr/bin/cloudflared \\\n  # quiet\n  --no-autoupdate \\\n"
            "  tunnel run \\\n  --token-file '/etc/my token'\n")});
  CHECK(start.line == 2);
  CHECK(start.invocation.token_file == "/etc/my token");
}

TEST_CASE("each tunnel of a oneshot is a start; several of another type start nothing") {
  const std::string commands =
      "ExecStart=/usr/bin/cloudflared tunnel run a ; /usr/bin/cloudflared tunnel run b\n"
      "ExecStart=/bin/true\n";
  const ServiceText wanted = symbolic_link(wanting + "t.service", "/etc/systemd/system/t.service");
  const Starts oneshot =
      starts_in({file(units + "t.service", "[Service]\nType=oneshot\n" + commands), wanted});
  REQUIRE(oneshot.all.size() == 2);
  CHECK(oneshot.all[0].invocation.tunnel == "a");
  CHECK(oneshot.all[1].invocation.tunnel == "b");
  CHECK(oneshot.all[0].is_enabled);
  const Starts simple = starts_in({file(units + "t.service", "[Service]\n" + commands), wanted});
  REQUIRE(simple.all.size() == 2);
  CHECK_FALSE(simple.all[0].is_enabled);
}

TEST_CASE("what is done before and after counts only where it runs a tunnel") {
  const Start start = only_start(
      {file(units + "t.service",
            "[Service]\nExecStartPre=/usr/bin/cloudflared tunnel --config /etc/c.yml ingress "
            "validate\nExecStart=/usr/bin/cloudflared --config /etc/c.yml tunnel run\n"
            "ExecStopPost=/usr/bin/cloudflared --version\n")});
  CHECK(start.line == 3);
  CHECK(start_with("ExecStart=\n").line == 4);
  CHECK(starts_in({file(units + "t.service",
                        "[Service]\nType=forking\nExecStartPre=/usr/bin/cloudflared tunnel run x\n"
                        "ExecStart=/bin/true\n")})
            .all.size() == 1);
}

TEST_CASE("a unit that systemd does not load is a gap where it is about cloudflared") {
  for (const char* bad : {"[Service]\nExecStart=/usr/bin/cloudflared tunnel \"run\n",
                          "[Service]\nExecStart=/usr/bin/cloudflared tunnel run %z\n",
                          "[Unit\nDescription=cloudflared\n"}) {
    CAPTURE(bad);
    const Starts starts = starts_in({file(units + "t.service", bad)});
    CHECK(starts.all.empty());
    REQUIRE(starts.gaps.size() == 1);
    CHECK(starts.gaps[0].path == units + "t.service");
  }
  CHECK(
      starts_in({file(units + "t.service", "[Service]\nExecStart=/bin/x \"open\n")}).gaps.empty());
}

TEST_CASE("a drop-in counts up to the line that systemd refuses") {
  const Start start = only_start(
      {file(units + "t.service", "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n"),
       file(units + "t.service.d/a.conf",
            "[Service]\nUser=alice\nExecStartPre=/bin/x \"open\nUser=bob\n")});
  CHECK(start.run_as.user == "alice");
}

// ---- Variables ----

TEST_CASE("variables come from the unit and its files, the last of a name counts") {
  const std::vector<ServiceText> texts{
      file(units + "t.service",
           "[Service]\nEnvironment=\"TUNNEL=a\" EXTRA='--config /etc/a.yml'\nEnvironment=TUNNEL=b\n"
           "EnvironmentFile=/etc/default/cloudflared\nEnvironmentFile=-/etc/cloudflared/*.env\n"
           "EnvironmentFile=-/missing\n"
           "ExecStart=/usr/bin/cloudflared $EXTRA tunnel run ${TUNNEL}\n"),
      file("/etc/default/cloudflared", "TUNNEL=\"c\"\nTUNNEL_TOKEN_FILE=/etc/t1\n"),
      file("/etc/cloudflared/a.env", "TUNNEL=d\n"),
      file("/etc/cloudflared/b.env", "TUNNEL_TOKEN_FILE=/etc/t2\n"),
      file("/etc/cloudflared/b.env.bak", "TUNNEL_TOKEN_FILE=/etc/t3\n")};
  const Start start = only_start(texts);
  CHECK(start.invocation.tunnel == "d");
  CHECK(start.invocation.config == "/etc/a.yml");
  CHECK(start.invocation.token_file == "/etc/t2");
  CHECK(start.files == List{units + "t.service", "/etc/default/cloudflared",
                            "/etc/cloudflared/a.env", "/etc/cloudflared/b.env"});
}

TEST_CASE("environment files that are not among the texts are wanted, globs as they are") {
  const Starts starts =
      starts_in({file(units + "t.service",
                      "[Service]\nEnvironmentFile=-/etc/default/%N\nEnvironmentFile=/etc/cf/*.env\n"
                      "EnvironmentFile=relative\nExecStart=/usr/bin/cloudflared tunnel run x\n")});
  CHECK(wants(starts, "/etc/default/t"));
  CHECK(wants(starts, "/etc/cf/*.env"));
  CHECK_FALSE(wants(starts, "relative"));
}

TEST_CASE("a token in a variable is known by its presence") {
  CHECK(start_with("Environment=TUNNEL_TOKEN=" + placeholder).invocation.token_in_environment);
  CHECK_FALSE(start_with("Environment=TUNNEL_TOKEN=").invocation.token_in_environment);
  CHECK_FALSE(
      start_with("Environment=TUNNEL_TOKEN=x\nEnvironment=").invocation.token_in_environment);
  CHECK_FALSE(start_with("Environment=TUNNEL_TOKEN=x\nUnsetEnvironment=TUNNEL_TOKEN")
                  .invocation.token_in_environment);
  CHECK(start_with("PassEnvironment=TUNNEL_TOKEN").environment_elsewhere);
}

TEST_CASE("a colon in front of a command keeps its variables from being replaced") {
  const Start start = only_start(
      {file(units + "t.service",
            "[Service]\nEnvironment=T=x\nExecStart=:/usr/bin/cloudflared tunnel run ${T}\n")});
  CHECK(start.invocation.tunnel == "${T}");
}

TEST_CASE("a script that a unit runs is read, with the unit's variables and the files it sources") {
  const std::vector<ServiceText> texts{
      file(units + "t.service",
           "[Unit]\nDescription=cloudflared by script\n[Service]\nUser=alice\n"
           "Environment=TUNNEL=home\nExecStart=/usr/local/bin/tunnel.sh\n")};
  const Starts first = starts_in(texts);
  CHECK(first.all.empty());
  CHECK(wants(first, "/usr/local/bin/tunnel.sh"));

  std::vector<ServiceText> more = texts;
  more.push_back(file("/usr/local/bin/tunnel.sh",
                      "#!/bin/sh\n. /etc/tunnel.conf\nexec cloudflared --config \"$CONF\" tunnel "
                      "run \"$TUNNEL\"\n"));
  more.push_back(file("/etc/tunnel.conf", "CONF=/etc/c.yml\n"));
  const Start start = only_start(more);
  CHECK(start.invocation.tunnel == "home");
  CHECK(start.invocation.config == "/etc/c.yml");
  CHECK(start.run_as.user == "alice");
  CHECK(start.file == units + "t.service");
  CHECK(start.line == 6);
  CHECK(start.files == List{units + "t.service", "/usr/local/bin/tunnel.sh", "/etc/tunnel.conf"});
  // systemd reads the unit; the script is read by alice, and so is what it takes in.
  CHECK(start.read_as_runner == List{"/usr/local/bin/tunnel.sh", "/etc/tunnel.conf"});
}

TEST_CASE("what an administrator installed may be a script, though its unit says nothing of it") {
  const auto wanted_of = [](const std::string& command) {
    return starts_in({file(units + "t.service", "[Service]\nExecStart=" + command + "\n")});
  };
  CHECK(wants(wanted_of("/usr/local/bin/tunnel.sh"), "/usr/local/bin/tunnel.sh"));
  CHECK(wants(wanted_of("/bin/sh /opt/tunnel/start"), "/opt/tunnel/start"));
  CHECK_FALSE(wants(wanted_of("/usr/sbin/sshd"), "/usr/sbin/sshd"));
  CHECK_FALSE(wants(wanted_of("/usr/share/x/start.sh"), "/usr/share/x/start.sh"));
}

TEST_CASE("scripts that run each other end") {
  const Starts starts =
      starts_in({file(units + "t.service", "[Service]\nExecStart=/opt/cloudflared.sh\n"),
                 file("/opt/cloudflared.sh", "#!/bin/sh\n/opt/b.sh\n"),
                 file("/opt/b.sh", "#!/bin/sh\n# cloudflared\n/opt/cloudflared.sh\n")});
  CHECK(starts.all.empty());
}

TEST_CASE("a unit that runs cloudflared wants what may change it: drop-ins and units before it") {
  const Starts starts =
      starts_in({file("/usr/lib/systemd/system/cloudflared@.service",
                      "[Service]\nExecStart=/usr/bin/cloudflared tunnel run %i\n"),
                 symbolic_link(wanting + "cloudflared@a.service", "x")});
  CHECK(wants(starts, "/etc/systemd/system/cloudflared@a.service.d/*.conf"));
  CHECK(wants(starts, "/etc/systemd/system/cloudflared@.service.d/*.conf"));
  CHECK(wants(starts, "/etc/systemd/system/service.d/*.conf"));
  CHECK(wants(starts, "/etc/systemd/system/cloudflared@.service"));
  CHECK_FALSE(wants(starts, "/usr/lib/systemd/system/cloudflared@.service"));
}

TEST_CASE("a drop-in about cloudflared wants its unit") {
  const Starts starts = starts_in({file(units + "edge.service.d/run.conf",
                                        "[Service]\nExecStart=\nExecStart=/usr/bin/cloudflared "
                                        "tunnel run x\n")});
  CHECK(starts.all.empty());
  CHECK(wants(starts, "/usr/lib/systemd/system/edge.service"));
}

// ---- As whom ----

TEST_CASE("a service runs as its user, with its groups") {
  const Start start = start_with(
      "User=cloudflared\nGroup=tunnels\nSupplementaryGroups=ssl-cert "
      "adm\nSupplementaryGroups=\nSupplementaryGroups=ssl-cert");
  CHECK(start.run_as.user == "cloudflared");
  CHECK(start.run_as.group == "tunnels");
  CHECK(start.run_as.more_groups == List{"ssl-cert"});
  CHECK_FALSE(start.run_as.reads_everything);
  CHECK(start_with("User=alice\nUser=").run_as.user.empty());
}

TEST_CASE("a plus in front of a command makes it root's, an exclamation mark too at first") {
  const std::string rest = "/usr/bin/cloudflared tunnel run x\n";
  const std::string head = "[Service]\nUser=alice\nProtectHome=yes\nExecStart=";
  const Start plus = only_start({file(units + "t.service", head + "+" + rest)});
  CHECK(plus.run_as.user.empty());
  CHECK(plus.hidden.empty());
  const Start mark = only_start({file(units + "t.service", head + "!" + rest)});
  CHECK(mark.run_as.user.empty());
  CHECK(hidden_by(mark, "/root") == "ProtectHome=yes");
  CHECK(only_start({file(units + "t.service", head + "!!" + rest)}).run_as.user == "alice");
}

TEST_CASE("a dynamic user is the account of its name where there is one") {
  const Start by_unit = start_with("DynamicUser=yes");
  CHECK_FALSE(by_unit.run_as.dynamic);
  CHECK(by_unit.run_as.user == "cloudflared");
  const Start named = start_with("DynamicUser=yes\nUser=tunnel");
  CHECK(named.run_as.dynamic);
  CHECK(named.run_as.user == "tunnel");
  CHECK_FALSE(start_with("DynamicUser=yes\nUser=alice").run_as.dynamic);
}

TEST_CASE("capabilities let a user read everything, or take that from root") {
  const std::string user = "User=cloudflared\nAmbientCapabilities=CAP_NET_RAW ";
  CHECK(start_with(user + "CAP_DAC_READ_SEARCH").run_as.reads_everything);
  CHECK(start_with(user + "cap_dac_override").run_as.reads_everything);
  CHECK_FALSE(start_with(user).run_as.reads_everything);
  CHECK_FALSE(start_with(user + "CAP_DAC_OVERRIDE\nAmbientCapabilities=").run_as.reads_everything);
  CHECK_FALSE(start_with(user + "CAP_DAC_OVERRIDE\nCapabilityBoundingSet=CAP_NET_RAW")
                  .run_as.reads_everything);
  CHECK_FALSE(start_with("AmbientCapabilities=CAP_DAC_OVERRIDE").run_as.reads_everything);

  CHECK(start_with("CapabilityBoundingSet=CAP_NET_RAW").run_as.loses_capabilities);
  CHECK(start_with("CapabilityBoundingSet=").run_as.loses_capabilities);
  CHECK(start_with("PrivateUsers=yes").run_as.loses_capabilities);
  CHECK_FALSE(start_with("CapabilityBoundingSet=~CAP_NET_RAW").run_as.loses_capabilities);
  CHECK_FALSE(start_with("CapabilityBoundingSet=~CAP_DAC_OVERRIDE").run_as.loses_capabilities);
  CHECK(start_with("CapabilityBoundingSet=~CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH")
            .run_as.loses_capabilities);
  CHECK_FALSE(
      start_with("CapabilityBoundingSet=CAP_NET_RAW\nCapabilityBoundingSet=CAP_DAC_OVERRIDE")
          .run_as.loses_capabilities);
  CHECK_FALSE(start_with("User=alice\nCapabilityBoundingSet=").run_as.loses_capabilities);
}

TEST_CASE("a wrapper that changes the user has the last word") {
  const Start start = only_start(
      {file(units + "t.service",
            "[Service]\nSupplementaryGroups=adm\nExecStart=/usr/sbin/runuser -u alice -- "
            "/usr/bin/cloudflared tunnel run x\n")});
  CHECK(start.run_as.user == "alice");
  CHECK(start.run_as.more_groups.empty());
}

TEST_CASE("home and working directory are the service's") {
  CHECK(start_with("Environment=HOME=/srv/cf").home == "/srv/cf");
  CHECK(start_with("User=alice").home.empty());
  CHECK(start_with("WorkingDirectory=/srv//cf/").working_directory == "/srv/cf");
  CHECK(start_with("WorkingDirectory=-/srv").working_directory == "/srv");
  CHECK(start_with("User=alice\nWorkingDirectory=~").working_directory == "/home/alice");
  CHECK(start_with("WorkingDirectory=~").working_directory == "/root");
  CHECK(start_with("WorkingDirectory=/srv\nWorkingDirectory=").working_directory.empty());
}

// ---- What it sees ----

TEST_CASE("paths that a unit hides from its service are hidden") {
  const Start start = start_with(
      "ProtectHome=tmpfs\nPrivateTmp=yes\nInaccessiblePaths=/srv \"/a b\" -/opt\n"
      "TemporaryFileSystem=/var:ro /mnt");
  CHECK(hidden_by(start, "/home") == "ProtectHome=tmpfs");
  CHECK(hidden_by(start, "/root") == "ProtectHome=tmpfs");
  CHECK(hidden_by(start, "/run/user") == "ProtectHome=tmpfs");
  CHECK(hidden_by(start, "/var/tmp") == "PrivateTmp=yes");
  CHECK(hidden_by(start, "/srv") == "InaccessiblePaths=/srv");
  CHECK(hidden_by(start, "/a b") == "InaccessiblePaths=/a b");
  CHECK(hidden_by(start, "/opt") == "InaccessiblePaths=/opt");
  CHECK(hidden_by(start, "/var") == "TemporaryFileSystem=/var");
  CHECK(hidden_by(start, "/mnt") == "TemporaryFileSystem=/mnt");
  CHECK(start_with("ProtectHome=read-only\nProtectSystem=strict").hidden.empty());
  CHECK(start_with("ProtectHome=yes\nProtectHome=no").hidden.empty());
  CHECK(hidden_by(start_with("ProtectHome=yes\nProtectHome=bogus"), "/root") == "ProtectHome=yes");
}

TEST_CASE("what is bound is seen elsewhere, unless it lies below what cannot be entered") {
  const Start start =
      start_with("BindReadOnlyPaths=/etc/cloudflared:/cf:rbind -/srv\nBindPaths=/x:/home/x");
  CHECK(mounted_at(start, "/cf") == "/etc/cloudflared");
  CHECK(mounted_at(start, "/srv") == "/srv");
  CHECK(mounted_at(start, "/home/x") == "/x");
  CHECK(start_with("ProtectHome=yes\nBindPaths=/x:/home/x").mounts.empty());
  CHECK(start_with("ProtectHome=tmpfs\nBindPaths=/x:/home/x").mounts.size() == 1);
}

TEST_CASE("a root directory is where the service sees its paths, an image is not looked into") {
  const Start start = start_with("RootDirectory=/srv/root\nInaccessiblePaths=/srv/root/a /b +/c");
  CHECK(start.root_directory == "/srv/root");
  CHECK(hidden_by(start, "/a") == "InaccessiblePaths=/a");
  CHECK(hidden_by(start, "/c") == "InaccessiblePaths=/c");
  CHECK(start.hidden.size() == 2);
  CHECK(start_with("RootImage=/srv/cf.raw").is_container);
}

TEST_CASE("the directories of a dynamic user are entered where they lie") {
  const Start start = start_with("DynamicUser=yes\nUser=tunnel\nStateDirectory=cf");
  CHECK(mounted_at(start, "/var/lib/cf") == "/var/lib/private/cf");
  CHECK(mounted_at(start, "/var/lib/private/cf") == "/var/lib/private/cf");
  CHECK(start_with("User=alice\nStateDirectory=cf").mounts.empty());
}

TEST_CASE("variables for the service's directories are set") {
  const Start start =
      only_start({file(units + "t.service",
                       "[Service]\nStateDirectory=cf\nConfigurationDirectory=cf more\n"
                       "ExecStart=/usr/bin/cloudflared --config ${CONFIGURATION_DIRECTORY} tunnel "
                       "--cred-file ${STATE_DIRECTORY}/t.json run\n")});
  CHECK(start.invocation.credentials_file == "/var/lib/cf/t.json");
  CHECK(start.invocation.config == "/etc/cf:/etc/more");
}

// ---- Credentials ----

TEST_CASE("a credential without a path is looked for in the stores, in their order") {
  const Start start = start_with("LoadCredential=token");
  CHECK(sources_of(start, "/run/credentials/cloudflared.service/token") ==
        List{"/etc/credstore/token", "/run/credstore/token", "/usr/local/lib/credstore/token",
             "/usr/lib/credstore/token"});
  CHECK(sources_of(start_with("LoadCredential=token:other"),
                   "/run/credentials/cloudflared.service/token")[0] == "/etc/credstore/other");
}

TEST_CASE("a credential that is encrypted or in the unit has no file for others to read") {
  const std::string seen = "/run/credentials/cloudflared.service/token";
  for (const char* line : {"LoadCredentialEncrypted=token:/etc/token.cred", "SetCredential=token:x",
                           "SetCredentialEncrypted=token:x", "LoadCredentialEncrypted=token"}) {
    CAPTURE(line);
    CHECK(sources_of(start_with(line), seen) == List{""});
  }
  CHECK(start_with("LoadCredential=token:/a\nLoadCredential=").loaded.empty());
  CHECK(sources_of(start_with("LoadCredential=token:/a\nLoadCredential=token:/b c"), seen) ==
        List{"/b c"});
  CHECK(sources_of(start_with("SetCredential=token:x\nLoadCredential=token:/a"), seen) ==
        List{"/a", ""});
  CHECK(start_with("LoadCredential=a/b:/c").loaded.empty());
}

TEST_CASE("the directory of credentials is known to specifiers and variables") {
  const std::string seen = "/run/credentials/t.service/token";
  for (const char* path : {"%d/token", "${CREDENTIALS_DIRECTORY}/token"}) {
    CAPTURE(path);
    const Start start = only_start({file(units + "t.service",
                                         "[Service]\nLoadCredential=token:/etc/cloudflared/token\n"
                                         "ExecStart=/usr/bin/cloudflared tunnel run --token-file " +
                                             std::string{path} + "\n")});
    CHECK(start.invocation.token_file == seen);
    CHECK(sources_of(start, seen) == List{"/etc/cloudflared/token"});
  }
}

TEST_CASE("a directory or a glob of credentials is laid out file by file") {
  const std::string seen = "/run/credentials/t.service/";
  const Start directory =
      only_start({file(units + "t.service",
                       "[Service]\nLoadCredential=cf:/etc/cloudflared\nExecStart=/usr/bin/"
                       "cloudflared tunnel run --token-file %d/cf_token\n")});
  CHECK(sources_of(directory, seen + "cf_token") == List{"/etc/cloudflared/token"});
  const Start imported =
      only_start({file(units + "t.service",
                       "[Service]\nImportCredential=cf.*\nExecStart=/usr/bin/cloudflared "
                       "tunnel run --token-file %d/cf.token\n")});
  REQUIRE_FALSE(sources_of(imported, seen + "cf.token").empty());
  CHECK(sources_of(imported, seen + "cf.token")[0] == "/etc/credstore/cf.token");
}

// ---- Users' own managers ----

TEST_CASE("a unit in a home runs as whom the home belongs to, whatever it says") {
  const std::string own = "/home/alice/.config/systemd/user/";
  const Start start = only_start(
      {file(own + "cloudflared.service",
            "[Service]\nUser=root\nProtectHome=yes\nLoadCredential=t:%h/t\n"
            "ExecStart=%h/bin/cloudflared --config %E/cf.yml tunnel run --token-file %d/t\n",
            1000),
       symbolic_link(own + "default.target.wants/cloudflared.service", own + "cloudflared.service",
                     1000)});
  CHECK(start.who == "cloudflared.service");
  CHECK(start.run_as.user == "alice");
  CHECK(start.home == "/home/alice");
  CHECK(start.working_directory == "/home/alice");
  CHECK(start.invocation.config == "/home/alice/.config/cf.yml");
  CHECK(start.hidden.empty());
  CHECK(start.is_enabled);
  // The user's own manager reads it, as the user.
  CHECK(start.loaded.empty());
  CHECK(mounted_at(start, "/run/user/1000/credentials/cloudflared.service/t") == "/home/alice/t");
}

TEST_CASE("a unit for all users is a start of each who enabled it, else one of nobody") {
  const ServiceText unit =
      file("/etc/systemd/user/cloudflared.service",
           "[Service]\nExecStart=/usr/bin/cloudflared --config %h/c.yml tunnel run\n");
  const Start idle = only_start({unit});
  CHECK(idle.run_as.user == "each user");
  CHECK_FALSE(idle.manager_uid.has_value());
  CHECK(idle.home.empty());
  CHECK(idle.invocation.config == "%h/c.yml");
  CHECK_FALSE(idle.is_enabled);

  const Starts starts = starts_in(
      {unit,
       symbolic_link("/home/alice/.config/systemd/user/default.target.wants/cloudflared.service",
                     "x", 1000),
       symbolic_link("/run/user/1001/systemd/units/invocation:cloudflared.service", "0011", 1001)});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].run_as.user == "alice");
  CHECK(starts.all[0].manager_uid == 1000U);
  CHECK(starts.all[0].invocation.config == "/home/alice/c.yml");
  CHECK(starts.all[0].is_enabled);
  CHECK(starts.all[1].run_as.user == "bob");
  CHECK(starts.all[1].is_active);
  CHECK_FALSE(starts.all[1].is_enabled);
}

TEST_CASE("a user's unit does not show what is in the files of others") {
  const std::vector<ServiceText> texts{
      file("/home/alice/.config/systemd/user/t.service",
           "[Service]\nEnvironmentFile=/etc/secret.env\nEnvironmentFile=/home/alice/own.env\n"
           "ExecStart=/usr/bin/cloudflared tunnel run ${A}${B}\n",
           1000),
      file("/etc/secret.env", "A=rootsecret\n"), file("/home/alice/own.env", "B=own\n", 1000)};
  const Start start = only_start(texts);
  CHECK(start.invocation.tunnel == "own");
  CHECK(start.files == List{texts[0].path, "/home/alice/own.env"});
}

TEST_CASE("a home that no account has is its owner's") {
  const Start start =
      only_start({file("/home/old/.config/systemd/user/t.service",
                       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n", 4711)});
  CHECK(start.run_as.user == "4711");
  CHECK(start.home == "/home/old");
}

// ---- Bounds ----

TEST_CASE("thousands of units with thousands of drop-ins end in a gap") {
  std::vector<ServiceText> texts;
  const std::string filler(40'000, '#');
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(1000 + i);
    texts.push_back(file(units + "a" + number + ".service",
                         "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n"));
    texts.push_back(file(units + "service.d/" + number + ".conf", filler));
  }
  const Starts starts = starts_in(texts);
  CHECK_FALSE(starts.all.empty());
  REQUIRE(starts.gaps.size() == 1);
}

// ---- Containers ----

TEST_CASE("a container that a unit runs is one: its user, its mounts, not the unit's") {
  const Start start = only_start(
      {file(units + "cf.service",
            "[Service]\nUser=alice\nProtectHome=yes\nEnvironmentFile=/etc/cf.env\n"
            "ExecStart=/usr/bin/docker run --rm --name cf -v /etc/cloudflared:/etc/cloudflared:ro "
            "--env-file /etc/run.env -e TUNNEL_TOKEN cloudflare/cloudflared:2026.8.2 tunnel "
            "--no-autoupdate run --token-file /etc/cloudflared/token\n"),
       file("/etc/cf.env", "TUNNEL_TOKEN=" + placeholder + "\n"),
       file("/etc/run.env", "TUNNEL_ORIGIN_CERT=/c.pem\n"), file("/etc/docker/daemon.json", "{}")});
  CHECK(start.who == "cf.service");
  CHECK(start.source == StartSource::systemd);
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK(start.run_as.user == "65532");
  CHECK(start.home == "/home/nonroot");
  CHECK(start.hidden.empty());
  CHECK(mounted_at(start, "/etc/cloudflared") == "/etc/cloudflared");
  CHECK(start.invocation.token_file == "/etc/cloudflared/token");
  CHECK(start.invocation.token_in_environment);
  CHECK(start.invocation.origin_certificate == "/c.pem");
  CHECK(start.files == List{units + "cf.service", "/etc/cf.env", "/etc/run.env"});
  CHECK_FALSE(start.id_shift);
}

TEST_CASE("a container behind a shell or in a script is seen, one of something else is not") {
  for (const char* command :
       {"/bin/sh -c 'docker run -d cloudflare/cloudflared tunnel run --token-file /t'",
        "/usr/bin/env podman run cloudflare/cloudflared tunnel run --token-file /t"}) {
    CAPTURE(command);
    const Start start = only_start(
        {file(units + "cf.service", "[Service]\nExecStart=" + std::string{command} + "\n"),
         file("/etc/docker/daemon.json", "{}")});
    CHECK(start.is_container);
    CHECK(start.invocation.token_file == "/t");
  }
  CHECK(starts_in({file(units + "x.service",
                        "[Service]\nExecStart=/usr/bin/docker run --name cloudflared nginx\n"
                        "ExecStart=/usr/bin/docker start cloudflared\n")})
            .all.empty());
}

TEST_CASE("a user with very many units does not crowd out what else there is") {
  std::vector<ServiceText> texts;
  for (int i = 0; i < 1500; ++i) {
    texts.push_back(file("/home/alice/.config/systemd/user/u" + std::to_string(i) + ".service",
                         "[Service]\nExecStart=/usr/bin/cloudflared tunnel run x\n", 1000));
  }
  texts.push_back(file("/home/bob/.config/systemd/user/b.service",
                       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run bob\n", 1001));
  const Starts starts = starts_in(texts);
  REQUIRE_FALSE(starts.all.empty());
  CHECK(starts.all.size() < 100);
  CHECK(starts.all.back().run_as.user == "bob");
  CHECK(starts.wanted.size() < 1000);
  CHECK(wants(starts, "/home/bob/.config/systemd/user/b.service.d/*.conf"));
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == "/home/alice");
}

TEST_CASE("very many instances of a template leave room for what else is wanted") {
  std::vector<ServiceText> texts{file("/usr/lib/systemd/system/cloudflared@.service",
                                      "[Service]\nExecStart=/usr/bin/cloudflared tunnel run %i\n")};
  for (int i = 0; i < 60; ++i) {
    texts.push_back(symbolic_link(wanting + "cloudflared@" + std::to_string(i) + ".service", "x"));
  }
  const Starts starts = starts_in(texts);
  CHECK(starts.all.size() == 60);
  CHECK(starts.wanted.size() < max_service_texts / 2);
}
