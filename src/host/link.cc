#include "cfwarden/host/link.h"

#include "cfwarden/host/system_error.h"

#include <unistd.h>
#include <array>
#include <cerrno>

namespace cfwarden {

Result<std::string> link_target(const Opened& directory, std::string_view name) {
  std::array<char, 4097> target{};
  const ssize_t length = readlinkat(directory.descriptor->get(), std::string{name}.c_str(),
                                    target.data(), target.size());
  if (length < 0) return system_error("readlink", errno);
  if (static_cast<std::size_t>(length) == target.size())
    return Error{"leads too far", ENAMETOOLONG};
  return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace cfwarden
