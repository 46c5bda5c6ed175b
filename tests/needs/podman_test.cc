#include "cfwarden/needs/all_sources.h"
#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;
using Mode = Invocation::Mode;

namespace {

const std::string id = "5d6c7b8a99a8b7c6d5e4f3021100ffeeddccbbaa998877665544332211009988";
const std::string storage = "/var/lib/containers/storage/overlay-containers/";
const std::string rootless = "/home/alice/.local/share/containers/storage/overlay-containers/";

const std::string list =
    R"([{"id":"0000000000000000000000000000000000000000000000000000000000000001",)"
    R"("names":["web"],"image":"aa","layer":"bb","metadata":"{\"image-name\":\"nginx\"}",)"
    R"("created":"2026-09-01T08:00:00Z"},)"
    R"({"id":"5d6c7b8a99a8b7c6d5e4f3021100ffeeddccbbaa998877665544332211009988",)"
    R"("names":["tunnel"],"image":"0123","layer":"4567","metadata":)"
    R"("{\"image-name\":\"docker.io/cloudflare/cloudflared:latest\",\"image-id\":\"0123\",)"
    R"(\"name\":\"tunnel\",\"created-at\":1788249600}","created":"2026-09-01T08:00:00Z",)"
    R"("flags":{"MountLabel":"","ProcessLabel":""}}])";

// As Podman 4 writes it for the runtime.
std::string container(const std::string& user = R"({"uid":65532,"gid":65532,"umask":18,)"
                                                R"("additionalGids":[65532,998]})",
                      const std::string& linux = "{}") {
  return R"({"ociVersion":"1.0.2-dev","process":{"user":)" + user +
         R"(,"args":["cloudflared","--no-autoupdate","tunnel","run","--token-file",)"
         R"("/run/secrets/token"],"env":["PATH=/usr/local/bin:/usr/bin","TERM=xterm",)"
         R"("container=podman","SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",)"
         R"("HOME=/home/nonroot","HOSTNAME=5d6c7b8a99a8"],"cwd":"/home/nonroot",)"
         R"("capabilities":{"bounding":["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER"]},)"
         R"("rlimits":[{"type":"RLIMIT_NOFILE","hard":1048576,"soft":1048576}],)"
         R"("oomScoreAdj":0},"root":{"path":)"
         R"("/var/lib/containers/storage/overlay/4567/merged"},"hostname":"5d6c7b8a99a8",)"
         R"("mounts":[{"destination":"/proc","type":"proc","source":"proc",)"
         R"("options":["nosuid","noexec","nodev"]},{"destination":"/dev","type":"tmpfs",)"
         R"("source":"tmpfs","options":["nosuid","strictatime","mode=755"]},)"
         R"({"destination":"/dev/shm","type":"bind","source":"/run/shm","options":["bind"]},)"
         R"({"destination":"/run/secrets","type":"bind","source":"/run/containers/storage/)"
         R"(overlay-containers/5d/userdata/run/secrets","options":["rprivate","bind"]},)"
         R"({"destination":"/etc/cloudflared","type":"bind","source":"/srv/cloudflared",)"
         R"("options":["ro","rprivate","rbind"]},{"destination":"/tmp","type":"tmpfs",)"
         R"("source":"tmpfs","options":["rw"]}],"annotations":{)"
         R"("io.container.manager":"libpod","org.opencontainers.image.stopSignal":"15"},)"
         R"("linux":)" +
         linux + "}";
}

Starts podman_starts(std::vector<ServiceText> texts, const Accounts& accounts = {}) {
  return starts_from(std::move(texts), {read_podman}, accounts);
}

Accounts alice() {
  Accounts accounts;
  accounts.users = {{.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice"}};
  return accounts;
}

std::vector<ServiceText> of_alice(std::string config) {
  return {
      {.path = rootless + id + "/userdata/config.json", .text = std::move(config), .owner = 1000},
      {.path = rootless + "containers.json", .text = list, .owner = 1000},
      {.path = "/etc/subuid", .text = "alice:100000:65536"},
      {.path = "/etc/subgid", .text = "alice:200000:65536"}};
}

}  // namespace

TEST_CASE("a container that Podman keeps is a start with all that it sees of the host") {
  const Starts starts =
      podman_starts({{.path = storage + id + "/userdata/config.json", .text = container()},
                     {.path = storage + "containers.json", .text = list}});
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.source == StartSource::podman);
  CHECK(start.who == "tunnel");
  CHECK(start.file == storage + id + "/userdata/config.json");
  CHECK(start.files == std::vector<std::string>{start.file});
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_file == "/run/secrets/token");
  CHECK(start.run_as.user == "65532");
  CHECK(start.run_as.group == "65532");
  CHECK(start.run_as.more_groups == std::vector<std::string>{"65532", "998"});
  CHECK(start.home == "/home/nonroot");
  CHECK(start.working_directory == "/home/nonroot");
  CHECK(mounted_at(start, "/etc/cloudflared") == "/srv/cloudflared");
  CHECK(mounted_at(start, "/run/secrets") ==
        "/run/containers/storage/overlay-containers/5d/userdata/run/secrets");
  CHECK(mounted_at(start, "/tmp") == "elsewhere");
  CHECK(mounted_at(start, "/proc") == "");
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK_FALSE(start.id_shift);
  CHECK(starts.gaps.empty());
  CHECK(starts.wanted.empty());
}

TEST_CASE("the list and the containers lead to each other") {
  CHECK(podman_starts({{.path = storage + "containers.json", .text = list}}).wanted ==
        std::vector<std::string>{storage + id + "/userdata/config.json"});
  const Starts starts =
      podman_starts({{.path = storage + id + "/userdata/config.json", .text = container()}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].who == "5d6c7b8a99a8");
  CHECK_FALSE(starts.all[0].is_official_image);
  CHECK(starts.wanted == std::vector<std::string>{storage + "containers.json"});
}

TEST_CASE("a user's own container runs within that user's ids") {
  Starts starts = podman_starts(of_alice(container()), alice());
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(65532 + starts.all[0].id_shift->uid_base == 165531);
  CHECK(65532 + starts.all[0].id_shift->gid_base == 265531);

  starts = podman_starts(of_alice(container(R"({"uid":0,"gid":0})")), alice());
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].run_as.user == "0");
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 1000);
}

TEST_CASE("a map of the container's own is counted within that of its user, or of the host") {
  const std::string keep_id =
      R"({"uidMappings":[{"containerID":0,"hostID":1,"size":1000},)"
      R"({"containerID":1000,"hostID":0,"size":1},{"containerID":1001,"hostID":1001,"size":64536}],)"
      R"("gidMappings":[{"containerID":0,"hostID":1,"size":1000},)"
      R"({"containerID":1000,"hostID":0,"size":1},{"containerID":1001,"hostID":1001,"size":64536}]})";
  Starts starts =
      podman_starts(of_alice(container(R"({"uid":1000,"gid":1000})", keep_id)), alice());
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(1000 + starts.all[0].id_shift->uid_base == 1000);

  const std::string of_host = R"({"uidMappings":[{"containerID":0,"hostID":500000,"size":65536}],)"
                              R"("gidMappings":[{"containerID":0,"hostID":600000,"size":65536}]})";
  starts = podman_starts({{.path = storage + id + "/userdata/config.json",
                           .text = container(R"({"uid":65532,"gid":65532})", of_host)},
                          {.path = storage + "containers.json", .text = list}});
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 500000);
  CHECK(starts.all[0].id_shift->gid_base == 600000);
}

TEST_CASE("without the user's subordinate ids it is a gap as whom the container runs") {
  std::vector<ServiceText> texts = of_alice(container());
  texts.resize(2);
  const Starts starts = podman_starts(texts, alice());
  REQUIRE(starts.all.size() == 1);
  CHECK_FALSE(starts.all[0].id_shift);
  CHECK(starts.gaps.size() == 1);
  CHECK(wants(starts, "/etc/subuid"));
  CHECK(wants(starts, "/etc/subgid"));
}

TEST_CASE("a quadlet's container is told by its quadlet alone") {
  std::string named = list;
  named.replace(named.find("\"tunnel\""), 8, "\"systemd-cf\"");
  const std::vector<ServiceText> texts{
      {.path = storage + id + "/userdata/config.json", .text = container()},
      {.path = storage + "containers.json", .text = named},
      {.path = "/etc/containers/systemd/cf.container", .text = "[Container]"}};
  CHECK(podman_starts(texts).all.empty());
  CHECK(podman_starts({texts[0], texts[1]}).all.size() == 1);
  std::vector<ServiceText> of_a_user = texts;
  of_a_user[2].owner = 1000;
  CHECK(podman_starts(of_a_user).all.size() == 1);
}

TEST_CASE("root without capabilities is seen as such") {
  const std::string root_user = R"({"uid":0,"gid":0})";
  std::string config = container(root_user);
  CHECK(podman_starts({{.path = storage + "a/userdata/config.json", .text = config}})
            .all.at(0)
            .run_as.loses_capabilities);
  config.replace(config.find("bounding"), 8, "effective");
  CHECK_FALSE(podman_starts({{.path = storage + "a/userdata/config.json", .text = config}})
                  .all.at(0)
                  .run_as.loses_capabilities);
}

TEST_CASE("hostile container files end in nothing or in a gap") {
  const std::string path = storage + "a/userdata/config.json";
  for (const char* text : {"", "{}", "[]", "7", R"({"process":{"args":"cloudflared"}})",
                           R"({"process":[{"args":["cloudflared"]}]})",
                           R"({"process":{"args":[{"a":"cloudflared"}],"user":7}})"}) {
    CAPTURE(text);
    CHECK(podman_starts({{.path = path, .text = text}}).all.empty());
  }
  const std::string cut = container().substr(0, 400);
  CHECK(podman_starts({{.path = path, .text = cut}}).gaps.size() == 1);
  CHECK(podman_starts({{.path = storage + "containers.json",
                        .text = R"([{"id":"../../etc","names":["cloudflared"]},)"
                                R"({"id":"","names":["cloudflared"]},{"names":7},9])"}})
            .wanted.empty());
}
