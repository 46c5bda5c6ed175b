#include "cfwarden/host/acl.h"

#include <algorithm>
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

void append_little_endian(std::string& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
}

constexpr std::array tags{AclTag::owner,       AclTag::user, AclTag::group,
                          AclTag::named_group, AclTag::mask, AclTag::others};

// ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK, ACL_OTHER: a bit for each.
std::uint32_t number_of(AclTag tag) {
  return 1U << static_cast<unsigned>(tag);
}

std::optional<AclTag> tag_of(std::uint32_t number) {
  const auto* tag = std::ranges::find(tags, number, number_of);
  return tag == tags.end() ? std::nullopt : std::optional{*tag};
}

bool has_name(AclTag tag) {
  return tag == AclTag::user || tag == AclTag::named_group;
}

std::optional<AclEntry> entry_of(std::string_view bytes) {
  const auto tag = tag_of(little_endian(bytes.substr(0, 2)));
  if (!tag) return std::nullopt;
  return AclEntry{.tag = *tag,
                  .id = has_name(*tag) ? little_endian(bytes.substr(4, 4)) : 0,
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

std::string encode_acl(const std::vector<AclEntry>& entries) {
  constexpr std::uint32_t version = 2;
  constexpr std::uint32_t no_id = 0xffffffff;
  std::string xattr;
  append_little_endian(xattr, version, 4);
  for (const AclEntry& entry : entries) {
    append_little_endian(xattr, number_of(entry.tag), 2);
    append_little_endian(xattr, entry.permissions, 2);
    append_little_endian(xattr, has_name(entry.tag) ? entry.id : no_id, 4);
  }
  return xattr;
}

}  // namespace cfwarden
