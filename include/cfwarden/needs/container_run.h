// `docker run`, `podman run` and their like, as units and scripts have them. Pure.
//
// Source    docker-run(1) of Docker 27 and podman-run(1) of Podman 5.
#pragma once

#include "cfwarden/needs/container_command.h"
#include "cfwarden/needs/definitions.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ContainerRun {
  bool is_podman = false;
  ContainerDefinition definition;
  std::vector<std::string> environment_files;
  std::vector<Mount> mounts;  // outside: "" or a volume's name for elsewhere.
  std::vector<std::string> more_groups;
  std::vector<std::string> dropped;  // Capabilities.
  std::vector<std::string> added;
  bool is_privileged = false;
  std::string user_namespace;  // --userns.
  std::vector<std::string> uid_maps;
  std::vector<std::string> gid_maps;
};

// By its name: docker, podman, nerdctl.
bool is_container_program(std::string_view program);

// nullopt when this runs or makes no container. `caller` is what the program itself is given: `-e
// NAME` takes it from there.
std::optional<ContainerRun> container_run_of(std::span<const std::string> argv,
                                             std::span<const EnvironmentVariable> caller);

// Who runs the program.
struct ContainerCaller {
  const ServiceText* by = nullptr;  // Whose text says so.
  std::string user;  // An ordinary user's containers are theirs: name, or "" for root.
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string directory = "/";  // Where relative paths begin.
};

// Sets all that follows for a start; false when the container does not run cloudflared.
bool read_container_run(ContainerRun run, const ContainerCaller& caller, const ServiceHost& host,
                        Start& start, Starts& starts);

}  // namespace cfwarden
