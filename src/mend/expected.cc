#include "cfwarden/mend/expected.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/host/step.h"

namespace cfwarden {
namespace {

std::string differs(const char* what, const std::string& now, const std::string& expected) {
  return std::string{what} + " is " + now + ", not " + expected;
}

std::string difference_of_names(FileType type, std::uint64_t links) {
  if (type != FileType::regular || links == 1) return {};
  if (links == 0) return "it has no name any more";
  return "it has " + std::to_string(links) + " names";
}

std::string difference_of_rights(const Permissions& expected, const Permissions& now) {
  if (now.uid != expected.uid) {
    return differs("its owner", "uid " + std::to_string(now.uid),
                   "uid " + std::to_string(expected.uid));
  }
  if (now.gid != expected.gid) {
    return differs("its group", "gid " + std::to_string(now.gid),
                   "gid " + std::to_string(expected.gid));
  }
  if (now.mode != expected.mode) {
    return differs("its mode", mode_text(now.mode), mode_text(expected.mode));
  }
  return now.acl == expected.acl ? "" : "its ACL is another one";
}

}  // namespace

std::string difference(const Expected& expected, const FileFacts& now) {
  if (now.id != expected.id) return "another object lies there";
  if (now.type != expected.type) return "it is of another type";
  if (auto names = difference_of_names(now.type, now.links); !names.empty()) return names;
  auto rights = difference_of_rights(expected.attributes.permissions, now.permissions);
  if (!rights.empty()) return rights;
  if (now.default_acl != expected.attributes.default_acl) return "its default ACL is another one";
  const bool moved =
      expected.changed_nanoseconds != 0 && expected.changed_nanoseconds != now.changed_nanoseconds;
  return moved ? "its time of change (ctime) is another one" : "";
}

Attributes attributes_in(const FileFacts& facts) {
  return {.permissions = facts.permissions, .default_acl = facts.default_acl};
}

Result<FileFacts> present_facts(const Descriptor& object) {
  auto facts = facts_through(object);
  if (facts) read_acls(object, *facts);
  return facts;
}

}  // namespace cfwarden
