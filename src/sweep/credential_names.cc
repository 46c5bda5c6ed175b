#include "cfwarden/sweep/credential_names.h"

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/kinds/kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cfwarden {

namespace {

// One of them stands in every name that kind_of_name() knows, and so in its backups, which only put
// something around a name.
constexpr std::array<std::string_view, 4> pieces{"token", ".pem", "cf_key", ".json"};

// "36 digits and dashes.json" is the only name that ends so.
constexpr std::size_t uuid_name_size = 41;

}  // namespace

bool is_credential_name(std::string_view file_name) {
  const bool may_be = std::ranges::any_of(pieces, [&](std::string_view piece) {
    const bool is_long_enough = piece != ".json" || file_name.size() >= uuid_name_size;
    return is_long_enough && file_name.find(piece) != std::string_view::npos;
  });
  return may_be && !kind_of_name(backup_name(file_name).original).empty();
}

}  // namespace cfwarden
