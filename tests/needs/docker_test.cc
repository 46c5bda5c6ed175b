#include "cfwarden/needs/docker.h"

#include "cfwarden/needs/all_sources.h"
#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;
using Mode = Invocation::Mode;

namespace {

const std::string id = "3f9c1d2e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0";
const std::string directory = "/var/lib/docker/containers/" + id + "/";

// As Docker 27 writes it for a service of a Compose file, on one line.
const std::string composed =
    R"({"StreamConfig":{},"State":{"Running":true,"Paused":false,"Restarting":false,)"
    R"("OOMKilled":false,"RemovalInProgress":false,"Dead":false,"Pid":4711,"ExitCode":0,"Error":"",)"
    R"("StartedAt":"2026-09-01T08:00:00.123456789Z","FinishedAt":"0001-01-01T00:00:00Z",)"
    R"("Health":null},"ID":"3f9c1d2e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0",)"
    R"("Created":"2026-09-01T07:59:59.9Z","Managed":false,"Path":"cloudflared",)"
    R"("Args":["--no-autoupdate","tunnel","--config","/etc/cloudflared/config.yml","run"],)"
    R"("Config":{"Hostname":"3f9c1d2e4b5a","Domainname":"","User":"65532:65532",)"
    R"("AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,"OpenStdin":false,)"
    R"("StdinOnce":false,"Env":["TUNNEL_METRICS=0.0.0.0:2000",)"
    R"("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)"
    R"("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],)"
    R"("Cmd":["tunnel","--config","/etc/cloudflared/config.yml","run"],)"
    R"("Image":"cloudflare/cloudflared:2026.8.2","Volumes":null,"WorkingDir":"/home/nonroot",)"
    R"("Entrypoint":["cloudflared","--no-autoupdate"],"OnBuild":null,"Labels":{)"
    R"("com.docker.compose.config-hash":"00","com.docker.compose.container-number":"1",)"
    R"("com.docker.compose.oneoff":"False","com.docker.compose.project":"app",)"
    R"("com.docker.compose.project.config_files":"/srv/app/compose.yml,extra.yml",)"
    R"("com.docker.compose.project.working_dir":"/srv/app",)"
    R"("com.docker.compose.service":"tunnel","org.opencontainers.image.source":)"
    R"("https://github.com/cloudflare/cloudflared"}},)"
    R"("Image":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",)"
    R"("ImageManifest":null,"NetworkSettings":{"Bridge":"","SandboxID":"","Ports":{},)"
    R"("Networks":{"app_default":{"IPAMConfig":null,"Aliases":["app-tunnel-1","tunnel"]}}},)"
    R"("LogPath":"","Name":"/app-tunnel-1","Driver":"overlay2","OS":"linux","MountLabel":"",)"
    R"("ProcessLabel":"","RestartCount":0,"HasBeenStartedBefore":true,)"
    R"("HasBeenManuallyStopped":false,"MountPoints":{"/etc/cloudflared":{)"
    R"("Source":"/srv/app/cloudflared","Destination":"/etc/cloudflared","RW":false,"Name":"",)"
    R"("Driver":"","Type":"bind","Propagation":"rprivate","Spec":{"Type":"bind",)"
    R"("Source":"/srv/app/cloudflared","Target":"/etc/cloudflared","ReadOnly":true},)"
    R"("SkipMountpointCreation":false},"/data":{"Source":)"
    R"("/var/lib/docker/volumes/app_data/_data","Destination":"/data","RW":true,)"
    R"("Name":"app_data","Driver":"local","Type":"volume","Relabel":"","Spec":{}},)"
    R"("/tmp":{"Source":"","Destination":"/tmp","RW":true,"Name":"","Driver":"",)"
    R"("Type":"tmpfs","Spec":{"Type":"tmpfs","Target":"/tmp"}}},"SecretReferences":null,)"
    R"("ConfigReferences":null,"AppArmorProfile":"docker-default","SeccompProfile":"",)"
    R"("NoNewPrivileges":false})";

const std::string host_config =
    R"({"Binds":["/srv/app/cloudflared:/etc/cloudflared:ro"],"ContainerIDFile":"",)"
    R"("LogConfig":{"Type":"json-file","Config":null},"NetworkMode":"app_default",)"
    R"("PortBindings":{},"RestartPolicy":{"Name":"unless-stopped","MaximumRetryCount":0},)"
    R"("AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"CapAdd":null,"CapDrop":null,)"
    R"("CgroupnsMode":"private","Dns":[],"ExtraHosts":[],"GroupAdd":null,"IpcMode":"private",)"
    R"("Privileged":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"",)"
    R"("UsernsMode":"","ShmSize":67108864,"Runtime":"runc","Memory":0})";

// The smallest container that runs a tunnel.
std::string container(const std::string& more = "") {
  return R"({"Path":"cloudflared","Args":["tunnel","run"],"Name":"/t",)"
         R"("Config":{"Image":"cloudflare/cloudflared"})" +
         more + "}";
}

Starts docker_starts(std::vector<ServiceText> texts, const Accounts& accounts = {}) {
  return starts_from(std::move(texts), {read_docker}, accounts);
}

}  // namespace

TEST_CASE("a container that Docker keeps is a start with all that it sees of the host") {
  const Starts starts =
      docker_starts({{.path = directory + "config.v2.json", .text = composed},
                     {.path = directory + "hostconfig.json", .text = host_config}});
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.source == StartSource::docker);
  CHECK(start.who == "app-tunnel-1");
  CHECK(start.file == directory + "config.v2.json");
  CHECK(start.line == 0);
  CHECK(start.files ==
        std::vector<std::string>{directory + "config.v2.json", directory + "hostconfig.json"});
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.config == "/etc/cloudflared/config.yml");
  CHECK_FALSE(start.invocation.has_token());
  CHECK(start.run_as.user == "65532");
  CHECK(start.run_as.group == "65532");
  CHECK(start.home == "/home/nonroot");
  CHECK(start.working_directory == "/home/nonroot");
  CHECK(mounted_at(start, "/etc/cloudflared") == "/srv/app/cloudflared");
  CHECK(mounted_at(start, "/data") == "/var/lib/docker/volumes/app_data/_data");
  CHECK(mounted_at(start, "/tmp") == "elsewhere");
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK(start.is_enabled);
  CHECK(start.is_active);
  CHECK_FALSE(start.id_shift);
  CHECK(wants(starts, "/srv/app/compose.yml"));
  CHECK(wants(starts, "/srv/app/extra.yml"));
  CHECK(wants(starts, "/etc/docker/daemon.json"));
  CHECK(starts.gaps.empty());
}

TEST_CASE("a token among a container's variables or arguments is seen as there") {
  const std::string in_variable =
      R"({"Path":"cloudflared","Args":["--no-autoupdate","tunnel","run"],"Name":"/a",)"
      R"("Config":{"User":"nonroot","Env":["TUNNEL_TOKEN=CFWARDEN-REMOVED-SECRET","PATH=/bin"],)"
      R"("Image":"cloudflare/cloudflared"}})";
  const std::string in_arguments =
      R"({"Path":"cloudflared","Args":["tunnel","run","--token","CFWARDEN-REMOVED-SECRET"],)"
      R"("Name":"/b","Config":{"User":"","Env":null,"Image":"cloudflare/cloudflared"}})";
  const Starts starts =
      docker_starts({{.path = "/d/containers/a/config.v2.json", .text = in_variable},
                     {.path = "/d/containers/b/config.v2.json", .text = in_arguments}});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].invocation.token_in_environment);
  CHECK(starts.all[0].run_as.user == "65532");
  CHECK(starts.all[1].invocation.token_in_arguments);
  CHECK(starts.all[1].run_as.user == "65532");
  CHECK(wants(starts, "/d/containers/a/hostconfig.json"));
}

TEST_CASE("a container that runs something else is none of ours") {
  const Starts starts = docker_starts(
      {{.path = directory + "config.v2.json",
        .text = R"({"Path":"nginx","Args":["-g","daemon off;"],"Config":{"Image":"nginx"}})"},
       {.path = "/etc/other.json", .text = composed},
       {.path = "/link/config.v2.json", .text = "", .link_target = "/elsewhere"}});
  CHECK(starts.all.empty());
  CHECK(starts.wanted.empty());
  CHECK(starts.gaps.empty());
}

TEST_CASE("what hostconfig.json adds counts: binds, groups, capabilities, the restart policy") {
  const std::string host =
      R"({"Binds":["/etc/cf:/etc/cloudflared/:ro","named:/data","x"],"GroupAdd":["998"],)"
      R"("CapDrop":["ALL"],"Tmpfs":{"/run":""},"RestartPolicy":{"Name":"no"}})";
  const Starts starts = docker_starts(
      {{.path = directory + "config.v2.json", .text = container(R"(,"SecretReferences":[{}])")},
       {.path = directory + "hostconfig.json", .text = host}});
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(mounted_at(start, "/etc/cloudflared") == "/etc/cf");
  CHECK(mounted_at(start, "/data") == "elsewhere");
  CHECK(mounted_at(start, "/run") == "elsewhere");
  CHECK(mounted_at(start, "/run/secrets") == "elsewhere");
  CHECK(start.run_as.more_groups == std::vector<std::string>{"998"});
  CHECK(start.run_as.loses_capabilities);
  CHECK_FALSE(start.is_enabled);
  CHECK_FALSE(start.is_active);
}

TEST_CASE("a container that was stopped by hand is not started again") {
  const std::string host = R"({"RestartPolicy":{"Name":"unless-stopped"}})";
  const Starts starts = docker_starts({{.path = directory + "config.v2.json",
                                        .text = container(R"(,"HasBeenManuallyStopped":true)")},
                                       {.path = directory + "hostconfig.json", .text = host}});
  REQUIRE(starts.all.size() == 1);
  CHECK_FALSE(starts.all[0].is_enabled);
}

TEST_CASE("a remapped daemon gives its containers the ids of its subordinate user") {
  const std::vector<ServiceText> base{
      {.path = directory + "config.v2.json", .text = container()},
      {.path = "/etc/subuid", .text = "alice:100000:65536\ndockremap:165536:65536\n"},
      {.path = "/etc/subgid", .text = "alice:100000:65536\ndockremap:231072:65536\n"},
      {.path = "/etc/docker/daemon.json", .text = R"({"userns-remap":"default"})"}};
  Starts starts = docker_starts(base);
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 165536);
  CHECK(starts.all[0].id_shift->gid_base == 231072);
  CHECK(starts.gaps.empty());

  std::vector<ServiceText> as_host = base;
  as_host.push_back({.path = directory + "hostconfig.json", .text = R"({"UsernsMode":"host"})"});
  starts = docker_starts(as_host);
  REQUIRE(starts.all.size() == 1);
  CHECK_FALSE(starts.all[0].id_shift);

  std::vector<ServiceText> unknown = base;
  unknown[3].text = R"({"userns-remap":"somebody:else"})";
  starts = docker_starts(unknown);
  REQUIRE(starts.all.size() == 1);
  CHECK_FALSE(starts.all[0].id_shift);
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == directory + "config.v2.json");

  std::vector<ServiceText> unread{base[0], base[3]};
  starts = docker_starts(unread);
  CHECK(wants(starts, "/etc/subuid"));
  CHECK(wants(starts, "/etc/subgid"));
}

TEST_CASE("a remapped daemon's directory says its ids itself") {
  const Starts starts =
      docker_starts({{.path = "/var/lib/docker/165536.231072/containers/" + id + "/config.v2.json",
                      .text = container()}});
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 165536);
  CHECK(starts.all[0].id_shift->gid_base == 231072);
}

TEST_CASE("a user's own daemon runs its containers within that user's ids") {
  Accounts accounts;
  accounts.users = {{.name = "alice", .uid = 1000, .gid = 1001, .home = "/home/alice"}};
  const std::string path = "/home/alice/.local/share/docker/containers/" + id + "/config.v2.json";
  const std::vector<ServiceText> texts{{.path = path, .text = container(), .owner = 1000},
                                       {.path = "/etc/subuid", .text = "alice:100000:65536"},
                                       {.path = "/etc/subgid", .text = "1000:200000:65536"}};
  Starts starts = docker_starts(texts, accounts);
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(65532 + starts.all[0].id_shift->uid_base == 165531);
  CHECK(65532 + starts.all[0].id_shift->gid_base == 265531);

  std::vector<ServiceText> as_root = texts;
  as_root[0].text = R"({"Path":"cloudflared","Args":["tunnel","run"],"Config":{"User":"0"}})";
  starts = docker_starts(as_root, accounts);
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 1000);
  CHECK(starts.all[0].id_shift->gid_base == 1001);
}

TEST_CASE("containers are wanted from wherever the daemon keeps them") {
  const Starts starts = docker_starts(
      {{.path = "/etc/docker/daemon.json", .text = R"({"data-root":"/mnt/docker/"})"}});
  CHECK(wants(starts, "/mnt/docker/containers/*/config.v2.json"));
  const Starts remapped = docker_starts(
      {{.path = "/etc/docker/daemon.json", .text = R"({"userns-remap":"alice:staff"})"},
       {.path = "/etc/subuid", .text = "alice:165536:65536"},
       {.path = "/etc/subgid", .text = "staff:231072:65536"}});
  CHECK(wants(remapped, "/var/lib/docker/165536.231072/containers/*/config.v2.json"));
  CHECK(docker_starts({{.path = "/etc/docker/daemon.json", .text = R"({"debug":true})"}})
            .wanted.empty());
}

TEST_CASE("a service that Compose made a container of is told by its labels") {
  const std::vector<ServiceText> texts{{.path = directory + "config.v2.json", .text = composed},
                                       {.path = "/x/config.v2.json", .text = container()}};
  const auto all = composed_containers({.texts = texts});
  REQUIRE(all.size() == 1);
  CHECK(all[0].file == directory + "config.v2.json");
  CHECK(all[0].service == "tunnel");
  CHECK(all[0].compose_files ==
        std::vector<std::string>{"/srv/app/compose.yml", "/srv/app/extra.yml"});
}

TEST_CASE("a damaged container file is a gap when it has to do with cloudflared") {
  const Starts starts =
      docker_starts({{.path = "/a/config.v2.json", .text = composed.substr(0, composed.size() / 2)},
                     {.path = "/b/config.v2.json", .text = R"({"Path":"nginx")"},
                     {.path = "/c/config.v2.json", .text = ""}});
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].path == "/a/config.v2.json");
  CHECK(starts.gaps[0].why == "not valid JSON");
}

TEST_CASE("values of other types than Docker writes are as if they were not there") {
  for (const char* text :
       {"[]", "null", "\"cloudflared\"", "{\"Config\":\"cloudflared\"}",
        R"({"Path":["cloudflared"],"Args":{"a":"b"},"Config":[{"Image":1}]})",
        R"({"Path":"","Args":[[["cloudflared"]]],"Config":{"Image":null,"Env":{},"Cmd":7}})",
        R"({"MountPoints":[1,2],"Config":{"Labels":[]},"State":7})"}) {
    CAPTURE(text);
    CHECK(docker_starts({{.path = "/a/config.v2.json", .text = text}}).all.empty());
  }
  const Starts starts = docker_starts(
      {{.path = "/a/config.v2.json",
        .text =
            container(R"(,"MountPoints":{"x":7,"/y":{"Source":["/z"]},"rel":{"Source":"/z"}})")},
       {.path = "/a/hostconfig.json", .text = "[[["}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].mounts.empty());
  CHECK(starts.all[0].elsewhere == std::vector<std::string>{"/y"});
}

TEST_CASE("of too many mounts the first are kept, and the rest is a gap") {
  std::string points = R"(,"MountPoints":{"/m":{"Source":"/h"})";
  for (int i = 0; i < 5'000; ++i) {
    points += ",\"/m" + std::to_string(i) + R"(":{"Source":"/h"})";
  }
  const Starts starts =
      docker_starts({{.path = "/a/config.v2.json", .text = container(points + "}")}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].mounts.size() == 64);
  CHECK(starts.gaps.size() == 1);
}
