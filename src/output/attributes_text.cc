#include "cfwarden/output/attributes_text.h"

#include <algorithm>

namespace cfwarden {
namespace {

char letter_of(FileType type) {
  switch (type) {
    case FileType::regular:
      return '-';
    case FileType::directory:
      return 'd';
    case FileType::symlink:
      return 'l';
    case FileType::other:
      break;
  }
  return '?';
}

// One of the three classes; `special` is 's' or 't' where its special bit is set, else '\0'.
std::string class_text(unsigned bits, char special) {
  const bool executes = (bits & 1U) != 0;
  std::string text{(bits & 4U) != 0 ? 'r' : '-', (bits & 2U) != 0 ? 'w' : '-',
                   executes ? 'x' : '-'};
  if (special == '\0') return text;
  text.back() = executes ? special : static_cast<char>(special - 'a' + 'A');
  return text;
}

std::string name_among(const std::map<std::uint32_t, std::string>& names, std::uint32_t id) {
  const auto found = names.find(id);
  return found == names.end() ? std::to_string(id) : found->second;
}

bool names_somebody(const AclEntry& entry) {
  return entry.tag == AclTag::user || entry.tag == AclTag::named_group;
}

bool has(const std::vector<AclEntry>& acl, const AclEntry& entry) {
  return std::ranges::find(acl, entry) != acl.end();
}

}  // namespace

std::string mode_string(FileType type, const Attributes& attributes) {
  const unsigned mode = attributes.permissions.mode;
  const bool has_acl = !attributes.permissions.acl.empty() || !attributes.default_acl.empty();
  return letter_of(type) + class_text(mode >> 6U & 7U, (mode & 04000U) != 0 ? 's' : '\0') +
         class_text(mode >> 3U & 7U, (mode & 02000U) != 0 ? 's' : '\0') +
         class_text(mode & 7U, (mode & 01000U) != 0 ? 't' : '\0') + (has_acl ? "+" : "");
}

std::string acl_text(const AclEntry& entry, const AclNames& names) {
  const std::string rights = class_text(entry.permissions, '\0');
  switch (entry.tag) {
    case AclTag::owner:
      return "user::" + rights;
    case AclTag::user:
      return "user:" + name_among(names.users, entry.id) + ":" + rights;
    case AclTag::group:
      return "group::" + rights;
    case AclTag::named_group:
      return "group:" + name_among(names.groups, entry.id) + ":" + rights;
    case AclTag::mask:
      return "mask::" + rights;
    case AclTag::others:
      break;
  }
  return "other::" + rights;
}

std::vector<std::string> entries_lost(const Attributes& from, const Attributes& to,
                                      const AclNames& names) {
  const std::vector<AclEntry>& acl = from.permissions.acl;
  const std::vector<AclEntry>& other = to.permissions.acl;
  std::vector<std::string> lost;
  for (const AclEntry& entry : acl) {
    // Where the ACL goes as a whole, the mode says what becomes of the owning group.
    const bool is_telling = names_somebody(entry) || (entry.tag == AclTag::group && !other.empty());
    if (is_telling && !has(other, entry)) lost.push_back(acl_text(entry, names));
  }
  // What a default ACL says of the classes is worth a word where it names nobody.
  const bool names_nobody = std::ranges::none_of(from.default_acl, names_somebody);
  for (const AclEntry& entry : from.default_acl) {
    const bool is_telling = names_somebody(entry) || names_nobody;
    if (is_telling && !has(to.default_acl, entry)) {
      lost.push_back("default:" + acl_text(entry, names));
    }
  }
  return lost;
}

}  // namespace cfwarden
