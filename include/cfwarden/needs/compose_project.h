// The Compose files among the host's texts, put together as Compose does, and their services.
#pragma once

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/docker.h"
#include "cfwarden/needs/tree.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// compose*.yml, docker-compose*.yaml and the like.
bool is_compose_name(std::string_view file_name);

// Files that Compose takes together, the later ones over the earlier ones. Paths in them are
// relative to the directory of the first.
using ComposeFiles = std::vector<const ServiceText*>;

// Those that a container's labels name together; a file with the override beside it; the rest one
// by one. A user's container says nothing about the files of others.
std::vector<ComposeFiles> compose_projects(const ServiceHost& host,
                                           std::span<const ComposedContainer> containers);

// One service, as several files have it.
class ComposeService {
 public:
  explicit ComposeService(std::string_view name) : name_{name} {}
  void add(const Branch& part) { parts_.push_back(part); }

  std::string_view name() const { return name_; }
  Branch operator[](std::string_view key) const;        // Of the last part that sets it.
  std::vector<Branch> all(std::string_view key) const;  // Of each part that sets it.
  const std::vector<Branch>& parts() const { return parts_; }

 private:
  std::string_view name_;
  std::vector<Branch> parts_;
};

}  // namespace cfwarden
