// As whom cloudflared runs in one of its starts, and what it then sees of the host.
#pragma once

#include "cfwarden/exposure/obstacle.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/start.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cfwarden {

struct Runner {
  std::string user;  // Passwd name, else the decimal uid; "dynamic".
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  // As whom the kernel judges it; nullopt for a name that no account here has.
  std::optional<Reader> reader;
  std::string home;  // "" when unknown.
};

// `controlled_by`: the user whose own definition it is, who it runs as unless it says otherwise.
Runner runner_of(const Start& start, std::optional<std::uint32_t> controlled_by,
                 const Accounts& accounts);

// Where a path that the starter sees lies on the host.
struct HostPlace {
  enum class Where {
    here,       // At `path`.
    hidden,     // From the starter, by `hidden_by`.
    elsewhere,  // In an image, a volume or a cluster.
    nowhere,    // In the official image, which holds no credential.
  } where = Where::here;
  std::string path;
  std::string entered_at;  // A bind mount's source: directories above it do not count; "" for none.
  std::string hidden_by;   // "ProtectHome=yes".
  bool is_read_by_manager = false;  // LoadCredential.
};
HostPlace place_on_host(const Start& start, const std::string& path);

}  // namespace cfwarden
