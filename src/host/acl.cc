#include "cfwarden/host/acl.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sys/xattr.h>

namespace cfwarden {

namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t entry_bytes = 8;
constexpr std::size_t max_xattr_bytes = 64 * 1024;  // XATTR_SIZE_MAX

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    number = (number << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

std::optional<AclTag> tag_of(std::uint32_t number) {
  switch (number) {
    case 0x01:
      return AclTag::owner;
    case 0x02:
      return AclTag::user;
    case 0x04:
      return AclTag::group;
    case 0x08:
      return AclTag::named_group;
    case 0x10:
      return AclTag::mask;
    case 0x20:
      return AclTag::others;
    default:
      return std::nullopt;
  }
}

std::optional<AclEntry> entry_of(std::string_view bytes) {
  const auto tag = tag_of(little_endian(bytes.substr(0, 2)));
  if (!tag) return std::nullopt;
  const bool named = *tag == AclTag::user || *tag == AclTag::named_group;
  return AclEntry{.tag = *tag,
                  .id = named ? little_endian(bytes.substr(4, 4)) : 0,
                  .permissions = little_endian(bytes.substr(2, 2)) & 7};
}

ssize_t read_attribute(const Descriptor& descriptor, const char* attribute, std::span<char> bytes) {
  const ssize_t count = fgetxattr(descriptor.get(), attribute, bytes.data(), bytes.size());
  if (count >= 0 || errno != EBADF) return count;
  return getxattr(proc_path(descriptor).c_str(), attribute, bytes.data(), bytes.size());
}

}  // namespace

std::vector<AclEntry> read_acl(const Descriptor& descriptor, const char* attribute) {
  std::array<char, 1024> few;
  const ssize_t count = read_attribute(descriptor, attribute, few);
  if (count >= 0) return parse_acl({few.data(), static_cast<std::size_t>(count)});
  if (errno != ERANGE) return {};
  std::vector<char> many(max_xattr_bytes);
  const ssize_t all = read_attribute(descriptor, attribute, many);
  return all >= 0 ? parse_acl({many.data(), static_cast<std::size_t>(all)})
                  : std::vector<AclEntry>{};
}

std::vector<AclEntry> parse_acl(std::string_view xattr) {
  if (xattr.size() < header_bytes || little_endian(xattr.substr(0, header_bytes)) != 2) return {};
  xattr.remove_prefix(header_bytes);
  if (xattr.size() % entry_bytes != 0) return {};
  std::vector<AclEntry> entries;
  for (; !xattr.empty(); xattr.remove_prefix(entry_bytes)) {
    const auto entry = entry_of(xattr.substr(0, entry_bytes));
    if (!entry) return {};
    entries.push_back(*entry);
  }
  return entries;
}

}  // namespace cfwarden
