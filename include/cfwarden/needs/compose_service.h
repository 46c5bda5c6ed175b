// One service of a Compose project, as a start.
#pragma once

#include "cfwarden/needs/compose_project.h"
#include "cfwarden/needs/container_mounts.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/text_variables.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

// The variables in a project's environment files: each is read once, however many services name it.
class ComposeEnvFiles {
 public:
  // nullptr for a file that is too large, or when more was taken than a project may take.
  const std::vector<EnvFileLine>* lines_of(const ServiceText& file);

 private:
  std::map<const ServiceText*, std::vector<EnvFileLine>> known_;
  std::size_t lines_left_ = 20'000;
};

struct ComposeProject {
  const ServiceText* file = nullptr;  // The first one: relative paths start beside it.
  std::vector<std::string> files;
  std::string env_file;  // The .env beside it where it was read, else "".
  std::string home;      // What ~ stands for.
  // What the files declare, by its name; the later ones over the earlier ones.
  using Declarations = std::map<std::string, Branch, std::less<>>;
  Declarations volumes;
  Declarations secrets;
  Declarations configs;
  ComposeEnvFiles env_files;
};

// The texts of one service, with their variables replaced.
class ComposeTexts {
 public:
  ComposeTexts(const ComposeProject& project, TextVariables& variables)
      : project_{project}, variables_{variables} {}

  std::string expanded(std::string_view text);

  // Whether a variable of the last text comes from the shell of whoever runs it.
  bool is_unknown() const { return is_unknown_; }
  bool took_known() const { return took_known_; }  // Any text: something came from .env.

  // Of the host: relative to the project, or to a home.
  std::string host_path(std::string_view path) const;

 private:
  const ComposeProject& project_;
  TextVariables& variables_;
  bool is_unknown_ = false;
  bool took_known_ = false;
};

// Volumes, secrets, configs and tmpfs of a service.
ContainerMounts compose_mounts(const ComposeProject& project, const ComposeService& service,
                               ComposeTexts& texts);

// Appends a start when the service runs cloudflared, and gaps where that could not be read.
void read_compose_service(const ServiceHost& host, ComposeProject& project,
                          const ComposeService& service, TextVariables& variables, Starts& starts);

}  // namespace cfwarden
