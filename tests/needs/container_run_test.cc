#include "cfwarden/needs/container_run.h"

#include <doctest/doctest.h>

using namespace cfwarden;
using List = std::vector<std::string>;

namespace {

ContainerRun run_of(const List& argv, const std::vector<EnvironmentVariable>& caller = {}) {
  auto run = container_run_of(argv, caller);
  REQUIRE(run);
  return *run;
}

}  // namespace

TEST_CASE("options end where the image stands, whatever takes a value and whatever does not") {
  for (const List& options :
       {List{}, List{"--rm", "-d"}, List{"-itd", "--name", "cf"}, List{"--name=cf", "--init"},
        List{"-p", "80:80", "--network", "host", "--restart=always"}, List{"-p80:80", "--"},
        List{"--unheard-of", "value"}}) {
    List argv{"/usr/bin/docker", "--log-level", "debug", "run"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.insert(argv.end(), {"cloudflare/cloudflared:latest", "tunnel", "run"});
    CAPTURE(argv);
    const ContainerRun run = run_of(argv);
    CHECK(run.definition.image == "cloudflare/cloudflared:latest");
    CHECK(run.definition.command == List{"tunnel", "run"});
    CHECK_FALSE(run.is_podman);
  }
}

TEST_CASE("only what runs or makes a container is one") {
  for (const List& argv : {List{}, List{"docker"}, List{"docker", "start", "cf"},
                           List{"docker", "run"}, List{"docker", "compose", "up"},
                           List{"dockerd", "run", "x"}, List{"podman", "run", "--name", "x"}}) {
    CAPTURE(argv);
    CHECK_FALSE(container_run_of(argv, {}));
  }
  CHECK(run_of({"podman", "container", "create", "x"}).is_podman);
  CHECK_FALSE(run_of({"nerdctl", "run", "x"}).definition.command);
}

TEST_CASE("volumes, mounts, tmpfs and secrets are what the container sees") {
  const ContainerRun run =
      run_of({"podman", "run", "-v", "/a:/b:ro,Z", "--volume=data:/data", "-v/anonymous", "--mount",
              "type=bind,source=/c,target=/d,readonly", "--mount", "type=volume,src=v,dst=/e",
              "--tmpfs", "/tmp:size=1m", "--secret", "tok", "--secret", "tok,target=/t", "x"});
  List seen;
  for (const Mount& one : run.mounts) seen.push_back(one.inside + "<" + one.outside);
  CHECK(seen == List{"/b</a", "/data<data", "/anonymous<", "/d</c", "/e<", "/tmp<",
                     "/run/secrets/tok<", "/t<"});
}

TEST_CASE("a variable without a value is the caller's, and else unknown") {
  const ContainerRun run = run_of({"docker", "run", "-e", "A=1", "-eB", "--env=C", "--secret",
                                   "s,type=env,target=TUNNEL_TOKEN", "x"},
                                  {{"B", "2"}});
  const auto& variables = run.definition.environment;
  REQUIRE(variables.size() == 4);
  CHECK(variables[0].value == "1");
  CHECK(variables[1].value == "2");
  CHECK_FALSE(variables[1].is_unknown);
  CHECK(variables[2].is_unknown);
  CHECK(variables[3].name == "TUNNEL_TOKEN");
  CHECK(variables[3].is_unknown);
}

TEST_CASE("an entrypoint is a program, or words as JSON") {
  CHECK(run_of({"docker", "run", "--entrypoint", "/bin/cloudflared", "x"}).definition.entrypoint ==
        List{"/bin/cloudflared"});
  CHECK(run_of({"podman", "run", "--entrypoint=[\"sh\", \"-c\"]", "x"}).definition.entrypoint ==
        List{"sh", "-c"});
}
