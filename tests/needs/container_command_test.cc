#include "cfwarden/needs/container_command.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;
using Mode = Invocation::Mode;

namespace {

using Words = std::vector<std::string>;

ContainerDefinition official(Words command) {
  ContainerDefinition definition;
  definition.image = "cloudflare/cloudflared:2026.8.2";
  definition.command = std::move(command);
  return definition;
}

}  // namespace

TEST_CASE("the official image brings its own entrypoint, user, home and directory") {
  Start start;
  const auto runs = read_container(official({"tunnel", "run", "--token-file", "/t"}), start);
  CHECK(runs == ContainerRuns::cloudflared);
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_file == "/t");
  CHECK(start.run_as.user == "65532");
  CHECK(start.run_as.group == "65532");
  CHECK(start.home == "/home/nonroot");
  CHECK(start.working_directory == "/home/nonroot");
  CHECK(start.is_container);
  CHECK(start.is_official_image);
}

TEST_CASE("without a command the official image tells its version, whatever its variables say") {
  ContainerDefinition definition = official({});
  definition.command.reset();
  definition.environment = {{.name = "TUNNEL_TOKEN", .value = "CFWARDEN-REMOVED-SECRET"}};
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.mode == Mode::other);
  definition.command = Words{"tunnel", "run"};
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.token_in_environment);
}

TEST_CASE("an entrypoint takes the place of the image's own") {
  ContainerDefinition definition = official({"run", "my-tunnel"});
  definition.entrypoint = Words{"/usr/local/bin/cloudflared", "tunnel"};
  definition.user = "root";
  definition.working_directory = "etc";
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.tunnel == "my-tunnel");
  CHECK(start.run_as.user == "0");
  CHECK(start.home == "/root");
  CHECK(start.working_directory == "/home/nonroot/etc");
  definition.entrypoint = Words{"/bin/sleep"};
  CHECK(read_container(definition, start) == ContainerRuns::something_else);
}

TEST_CASE("an image of somebody else runs cloudflared when its name or its command says so") {
  ContainerDefinition definition;
  definition.image = "erisamoe/cloudflared:latest";
  definition.command = Words{"tunnel", "--no-autoupdate", "run", "6f1b2c3d"};
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.tunnel == "6f1b2c3d");
  CHECK_FALSE(start.is_official_image);
  CHECK(start.run_as.user == "0");
  CHECK(start.working_directory == "/");

  definition.image = "alpine:3.20";
  definition.command = Words{"sh", "-c", "exec cloudflared tunnel run --token-file /run/t"};
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.token_file == "/run/t");

  definition.command = Words{"nginx", "-g", "daemon off;"};
  CHECK(read_container(definition, start) == ContainerRuns::something_else);
  definition.command.reset();
  CHECK(read_container(definition, start) == ContainerRuns::something_else);
}

TEST_CASE("an image named like cloudflared whose command is its own is not guessed at") {
  ContainerDefinition definition;
  definition.image = "me/cloudflared-web:1";
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::unknown);
  CHECK_FALSE(start.is_container);
  definition.environment = {{.name = "TUNNEL_TOKEN", .value = "CFWARDEN-REMOVED-SECRET"}};
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.invocation.token_in_environment);
  definition.environment.push_back({.name = "TUNNEL_TOKEN", .value = ""});
  CHECK(read_container(definition, start) == ContainerRuns::unknown);
}

TEST_CASE("a variable whose value cannot be seen may hold the token") {
  ContainerDefinition definition = official({"tunnel", "run"});
  definition.environment = {{.name = "TUNNEL_TOKEN_FILE", .value = "", .is_unknown = true}};
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.environment_elsewhere);
}

TEST_CASE("HOME says what the tilde stands for") {
  ContainerDefinition definition = official({"tunnel", "run"});
  definition.environment = {{.name = "HOME", .value = "/data/"}};
  Start start;
  CHECK(read_container(definition, start) == ContainerRuns::cloudflared);
  CHECK(start.home == "/data");
}

TEST_CASE("root without DAC_OVERRIDE reads no more than its modes allow") {
  CHECK(loses_capabilities({"ALL"}, {}));
  CHECK(loses_capabilities({"CAP_DAC_OVERRIDE"}, {"NET_ADMIN"}));
  CHECK(loses_capabilities({"dac_override"}, {}));
  CHECK_FALSE(loses_capabilities({}, {}));
  CHECK_FALSE(loses_capabilities({"NET_RAW", "", "X"}, {}));
  CHECK_FALSE(loses_capabilities({"ALL"}, {"CAP_DAC_READ_SEARCH"}));
  CHECK_FALSE(loses_capabilities({"all"}, {"dac_override"}));
}
