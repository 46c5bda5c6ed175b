#include "cfwarden/mend/circumstances.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/mounts.h"
#include "cfwarden/host/proc_file.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/expected.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <cerrno>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

bool is_without_id(std::uint32_t id, const char* map) {
  if (id != nobody) return false;
  const Descriptor proc{open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  return !maps_every_id(proc_text(proc.get(), map));
}

void look_at_flags(const Descriptor& object, Circumstances& found) {
  struct statx facts {};
  if (statx(object.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &facts) != 0) return;
  found.is_immutable = (facts.stx_attributes & STATX_ATTR_IMMUTABLE) != 0;
  found.is_append_only = (facts.stx_attributes & STATX_ATTR_APPEND) != 0;
}

Result<Done> look_at_mount(const Descriptor& object, Circumstances& found) {
  struct statvfs mount {};
  if (fstatvfs(object.get(), &mount) != 0) return system_error("fstatvfs", errno);
  found.is_read_only = (mount.f_flag & ST_RDONLY) != 0;
  std::string type = file_system_type(object.get());
  if (is_remote_file_system(type)) found.remote_type = std::move(type);
  return Done{};
}

}  // namespace

Result<Circumstances> circumstances_of(const Opened& object) {
  if (!object.is_complete) return Error{"the directories above are not known", EINVAL};
  auto present = present_facts(*object.descriptor);
  if (!present) return present.error();
  FileFacts known = complete_facts(object);
  const Territory territory = holders_territory(object, known);

  Circumstances found;
  found.facts = std::move(*present);
  found.facts.ancestors = std::move(known.ancestors);
  found.path = object.path;
  found.location = object.location.empty() ? object.path : object.location;
  found.is_trusted = territory.trusted;
  found.uid = territory.uid;
  found.link = object.link;
  found.is_unmapped = is_without_id(found.facts.permissions.uid, "uid_map") ||
                      is_without_id(found.facts.permissions.gid, "gid_map");
  look_at_flags(*object.descriptor, found);
  if (auto looked = look_at_mount(*object.descriptor, found); !looked) return looked.error();
  return found;
}

Territory holders_territory(const Opened& object, const FileFacts& complete) {
  if (complete.type != FileType::directory || !object.link.empty()) return object.territory;
  // Only the way without links counts: what lies before a link of root's is root's.
  Standing standing;
  std::size_t reached = 0;
  for (const DirectoryFacts& above : complete.ancestors) {
    if (above.path.size() <= reached || !lies_in(object.location, above.path)) continue;
    standing = standing_in(above.permissions, standing);
    reached = above.path.size();
  }
  return standing.territory;
}

// A line: first id here, first id outside, how many.
bool maps_every_id(std::string_view map) {
  constexpr std::uint64_t all = 0xffffffff;
  if (map.empty()) return true;  // A kernel without user namespaces.
  std::istringstream lines{std::string{map}};
  std::uint64_t mapped = 0;
  std::uint64_t here = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;
  while (lines >> here >> outside >> count) mapped += count;
  return mapped >= all;
}

}  // namespace cfwarden
