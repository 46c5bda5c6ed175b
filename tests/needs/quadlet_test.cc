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
const std::string quadlets = "/etc/containers/systemd/";
const std::string own = "/home/alice/.config/containers/systemd/";

ServiceText file(const std::string& path, const std::string& text, std::uint32_t owner = 0) {
  return {.path = path, .text = text, .link_target = "", .owner = owner};
}

Starts starts_in(std::vector<ServiceText> texts) {
  Accounts known;
  known.users = {{.name = "root", .uid = 0, .gid = 0, .home = "/root", .groups = {}},
                 {.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice", .groups = {}}};
  return starts_from(std::move(texts), {read_systemd, read_quadlets}, known);
}

Start only_start(std::vector<ServiceText> texts) {
  texts.push_back(file("/etc/subuid", "alice:100000:65536\n"));
  texts.push_back(file("/etc/subgid", "alice:100000:65536\n"));
  const Starts starts = starts_in(std::move(texts));
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.gaps.empty());
  return starts.all[0];
}

std::string container(const std::string& lines) {
  return "[Unit]\nDescription=Tunnel\n[Container]\nImage=docker.io/cloudflare/"
         "cloudflared:latest\n" +
         lines + "\n[Install]\nWantedBy=default.target\n";
}

const std::string run = "Exec=tunnel --no-autoupdate run --token-file /etc/cloudflared/token\n";

}  // namespace

TEST_CASE("a quadlet runs as the service that Podman makes of it, as the image's user") {
  const Start start = only_start({file(
      quadlets + "cloudflared.container",
      container(run + "Volume=/etc/cloudflared:/etc/cloudflared:ro,Z\nVolume=state.volume:/s"))});
  CHECK(start.source == StartSource::podman);
  CHECK(start.who == "cloudflared.service");
  CHECK(start.file == quadlets + "cloudflared.container");
  CHECK(start.line == 5);
  CHECK(start.files == List{quadlets + "cloudflared.container"});
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK(start.run_as.user == "65532");
  CHECK(start.run_as.group == "65532");
  CHECK(start.home == "/home/nonroot");
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_file == "/etc/cloudflared/token");
  CHECK(mounted_at(start, "/etc/cloudflared") == "/etc/cloudflared");
  CHECK(mounted_at(start, "/s") == "elsewhere");
  CHECK(start.is_enabled);
  CHECK_FALSE(start.is_active);
  CHECK_FALSE(start.id_shift);
}

TEST_CASE("a quadlet that nothing wants is not enabled, one that runs is active") {
  const std::string text = "[Container]\nImage=cloudflare/cloudflared\n" + run;
  CHECK_FALSE(only_start({file(quadlets + "a.container", text)}).is_enabled);
  CHECK(only_start({file(quadlets + "a.container", text),
                    {.path = "/run/systemd/units/invocation:a.service",
                     .text = "",
                     .link_target = "0011",
                     .owner = 0}})
            .is_active);
}

TEST_CASE("the generated unit of a quadlet is not a second start") {
  const Start start = only_start(
      {file(quadlets + "cf.container", container(run)),
       file(
           "/run/systemd/generator/cf.service",
           "[Unit]\nSourcePath=/etc/containers/systemd/cf.container\n[Service]\nExecStart=/usr/bin/"
           "podman run --name systemd-%N docker.io/cloudflare/cloudflared:latest tunnel run\n")});
  CHECK(start.source == StartSource::podman);
}

TEST_CASE("variables, their files and secrets of a quadlet count as they do for podman run") {
  const Start start =
      only_start({file(quadlets + "cf.container",
                       container("Exec=tunnel run\nEnvironment=TUNNEL_TOKEN=" + placeholder +
                                 "\nEnvironmentFile=./cf.env\nSecret=cert,target=/cert.pem\n")),
                  file(quadlets + "cf.env", "TUNNEL_ORIGIN_CERT=/cert.pem\n")});
  CHECK(start.invocation.token_in_environment);
  CHECK(start.invocation.origin_certificate == "/cert.pem");
  CHECK(mounted_at(start, "/cert.pem") == "elsewhere");
  CHECK(start.files == List{quadlets + "cf.container", quadlets + "cf.env"});

  const Start secret =
      only_start({file(quadlets + "cf.container",
                       container("Exec=tunnel run\nSecret=tok,type=env,target=TUNNEL_TOKEN\n"))});
  CHECK(secret.environment_elsewhere);
  CHECK_FALSE(secret.invocation.token_in_environment);

  const Starts wanting = starts_in(
      {file(quadlets + "cf.container", container(run + "EnvironmentFile=/etc/cf.env\n"))});
  CHECK(wants(wanting, "/etc/cf.env"));
  CHECK(wants(wanting, "/etc/containers/systemd/cf.container.d/*.conf"));
}

TEST_CASE("relative sources begin where the quadlet lies") {
  const Start start = only_start(
      {file(quadlets + "tunnels/cf.container",
            container(run + "Volume=./conf:/conf\nMount=type=bind,source=../x,target=/x\n"
                            "Volume=%h/home:/h\n"))});
  CHECK(mounted_at(start, "/conf") == "/etc/containers/systemd/tunnels/conf");
  CHECK(mounted_at(start, "/x") == "/etc/containers/systemd/x");
  CHECK(mounted_at(start, "/h") == "/root/home");
}

TEST_CASE("user, group, entrypoint and capabilities of a quadlet are the container's") {
  const Start start = only_start({file(
      quadlets + "cf.container",
      container("User=0\nGroup=0\nEntrypoint=/usr/local/bin/cloudflared\nExec=--config /c.yml "
                "tunnel run\nDropCapability=all\nGroupAdd=keep-groups\nWorkingDir=/w\n"))});
  CHECK(start.run_as.user == "0");
  CHECK(start.run_as.loses_capabilities);
  CHECK(start.run_as.more_groups == List{"keep-groups"});
  CHECK(start.invocation.config == "/c.yml");
  CHECK(start.working_directory == "/w");
}

TEST_CASE("a user's own container has the ids that the user was given") {
  const Start start = only_start({file(own + "cf.container", container(run), 1000)});
  REQUIRE(start.id_shift);
  // Inside 1 is outside 100000.
  CHECK(65532 + start.id_shift->uid_base == 100000 + 65531);
  CHECK(65532 + start.id_shift->gid_base == 100000 + 65531);

  const Start root = only_start({file(own + "cf.container", container(run + "User=0:0\n"), 1000)});
  REQUIRE(root.id_shift);
  CHECK(root.id_shift->uid_base == 1000);
}

TEST_CASE("keep-id makes a user's container run as that user") {
  for (const char* mode : {"UserNS=keep-id\n", "UserNS=keep-id:uid=65532,gid=65532\n",
                           "RemapUsers=keep-id\nRemapUid=65532\nRemapGid=65532\n",
                           "UserNS=keep-id:uid=65532,gid=65532\nUser=65532:65532\n"}) {
    CAPTURE(mode);
    const Start start = only_start({file(own + "cf.container", container(run + mode), 1000)});
    REQUIRE(start.id_shift);
    CHECK(static_cast<std::uint32_t>(std::stoul(start.run_as.user)) + start.id_shift->uid_base ==
          1000);
    CHECK(static_cast<std::uint32_t>(std::stoul(start.run_as.group)) + start.id_shift->gid_base ==
          1000);
  }
}

TEST_CASE("a namespace of which the ids cannot be known is a gap") {
  const Starts starts =
      starts_in({file(quadlets + "cf.container", container(run + "UserNS=auto\n"))});
  CHECK(starts.all.size() == 1);
  CHECK(starts.gaps.size() == 1);
}

TEST_CASE("ids that a quadlet maps itself are taken from it") {
  const Start start =
      only_start({file(quadlets + "cf.container", container(run + "UIDMap=0:200000:70000\n"))});
  REQUIRE(start.id_shift);
  CHECK(start.id_shift->uid_base == 200000);
  CHECK(start.id_shift->gid_base == 200000);
}

TEST_CASE("drop-ins of a quadlet change it, and an empty value takes back what was before") {
  const Start start = only_start(
      {file("/usr/share/containers/systemd/cf.container", container(run + "Volume=/a:/a\n")),
       file("/etc/containers/systemd/cf.container.d/10.conf",
            "[Container]\nVolume=\nVolume=/b:/b\nUser=1000\n"),
       file("/etc/containers/systemd/container.d/20.conf", "[Container]\nGroup=1001\n")});
  CHECK(mounted_at(start, "/a").empty());
  CHECK(mounted_at(start, "/b") == "/b");
  CHECK(start.run_as.user == "1000");
  CHECK(start.run_as.group == "1001");
  CHECK(start.files.size() == 3);
}

TEST_CASE("a quadlet in /etc replaces the one of the package, users' ones are others") {
  const Starts starts = starts_in(
      {file("/usr/share/containers/systemd/cf.container", container("Exec=tunnel run packaged\n")),
       file(quadlets + "cf.container", container("Exec=tunnel run own\n")),
       file(quadlets + "users/1000/cf.container", container("Exec=tunnel run alice\n")),
       file("/etc/subuid", "alice:100000:65536\n"), file("/etc/subgid", "alice:100000:65536\n")});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].invocation.tunnel == "own");
  CHECK(starts.all[1].invocation.tunnel == "alice");
  CHECK(starts.all[1].id_shift);
}

TEST_CASE("a template of quadlets is shown by its instance") {
  const Start start =
      only_start({file(quadlets + "cf@.container", container("Exec=tunnel run %i\n")),
                  {.path = quadlets + "cf@home.container",
                   .text = "",
                   .link_target = "cf@.container",
                   .owner = 0}});
  CHECK(start.who == "cf@home.service");
  CHECK(start.invocation.tunnel == "home");
  CHECK(start.is_enabled);
  const Start bare =
      only_start({file(quadlets + "cf@.container", container("Exec=tunnel run %i\n"))});
  CHECK(bare.who == "cf@.service");
  CHECK_FALSE(bare.is_enabled);
}

TEST_CASE("an image of its own unit is looked up there") {
  const Start start = only_start(
      {file(quadlets + "cf.container", "[Container]\nImage=cf.image\n" + run),
       file(quadlets + "cf.image", "[Image]\nImage=docker.io/cloudflare/cloudflared:2026.8.2\n")});
  CHECK(start.is_official_image);
}

TEST_CASE("a quadlet of something else is no start") {
  const Starts starts = starts_in(
      {file(quadlets + "web.container", "[Container]\nImage=nginx\nExec=nginx -g 'daemon off;'\n"),
       file(quadlets + "cf.volume", "[Volume]\n"), file("/srv/cf.container", container(run))});
  CHECK(starts.all.empty());
  CHECK(starts.gaps.empty());
}
