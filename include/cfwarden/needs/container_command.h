// What a container runs, from what its definition says and what its image is known to add. Pure.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ContainerDefinition {
  std::string image;
  std::optional<std::vector<std::string>> entrypoint;  // nullopt: the image's own.
  std::optional<std::vector<std::string>> command;     // nullopt: the image's own.
  std::string user;                                    // As in `--user`; "": the image's own.
  std::string working_directory;                       // "": the image's own.
  std::vector<EnvironmentVariable> environment;
};

enum class ContainerRuns {
  cloudflared,
  something_else,
  unknown,  // An image named like cloudflared whose own command is not known.
};

// Sets what follows for `start`: invocation, run_as, home, working_directory, is_container and
// is_official_image. Of something else and of unknown nothing is set.
ContainerRuns read_container(const ContainerDefinition& definition, Start& start);

// Takes out paths and names that hold the placeholder: a secret's word, or what a cluster or a
// shell fills in, says nothing of this host's files.
void clear_unknown_paths(Invocation& invocation);

// Whether root in a container cannot read what its modes deny it: CAP_DAC_OVERRIDE, which runtimes
// give, is among the capabilities dropped ("ALL" too), and nothing like it among those added.
bool loses_capabilities(const std::vector<std::string>& dropped,
                        const std::vector<std::string>& added);

// "NAME=value" as an image or a container keeps it.
EnvironmentVariable variable_of(std::string_view assignment);

}  // namespace cfwarden
