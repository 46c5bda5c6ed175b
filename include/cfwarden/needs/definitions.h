// How this host starts cloudflared: the texts of its units, scripts, containers -> Starts. Pure.
//
// Supplies  starts_of(): one Start for each way in which cloudflared is run, and what else has to
// be
//           read to know it whole (environment files, wrapper scripts, drop-ins). Call it again
//           with those added until nothing new is wanted.
// Expects   texts with their secrets taken out; at most max_service_texts of them. Runs in a worker
//           that has nothing to lose: the texts are hostile.
// Promises  bounded in the input, no I/O, no throw. Starts sorted by who, file and line,
//           those of root's definitions alone before those that a user had a part in.
//
// To add a source: write src/needs/<source>.cc and add its row in src/needs/all_sources.cc.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/start.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_service_texts = 4096;
inline constexpr std::size_t max_starts = 1024;

// What stands for a secret in a text: one word in every format.
inline constexpr std::string_view secret_placeholder = "CFWARDEN-REMOVED-SECRET";

// One file that may say how a service is started, or a symbolic link (an enabled unit).
struct ServiceText {
  std::string path;         // Absolute, as the audited host names it.
  std::string text;         // "" for a link.
  std::string link_target;  // As the link has it; "" for a file.
  std::uint32_t owner = 0;  // Whoever controls it: 0 where only root does.
};

// What the host itself adds. Borrowed for the call.
struct ServiceHost {
  std::span<const ServiceText> texts;  // Sorted by path.
  const Accounts* accounts = nullptr;  // For homes and specifiers.
};

struct Starts {
  std::vector<Start> all;
  // Absolute paths of files, or globs of them (base/glob.h), that are not among the texts.
  std::vector<std::string> wanted;
  std::vector<Gap> gaps;  // Definitions that run cloudflared and could not be understood.
};

Starts starts_of(const ServiceHost& host);

// One way in which services are defined.
struct DefinitionSource {
  std::string_view name;
  std::string_view summary;
  void (*read)(const ServiceHost& host, Starts& starts);
};
std::span<const DefinitionSource> all_definition_sources();

}  // namespace cfwarden
