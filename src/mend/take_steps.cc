#include "cfwarden/mend/take_steps.h"

#include "cfwarden/host/acl.h"
#include "cfwarden/host/system_error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cerrno>

namespace cfwarden {
namespace {

#ifdef SYS_fchmodat2
constexpr long fchmodat2_call = SYS_fchmodat2;
#elif defined(__alpha__)
constexpr long fchmodat2_call = 562;
#else
constexpr long fchmodat2_call = 452;  // The C library's headers may be older than the kernel.
#endif

Result<Done> outcome(const char* call, bool succeeded) {
  if (succeeded) return Done{};
  return system_error(call, errno);
}

bool change_mode(const Descriptor& object, unsigned mode) {
  if (syscall(fchmodat2_call, object.get(), "", mode, AT_EMPTY_PATH) == 0) return true;
  if (errno != ENOSYS && errno != EPERM) return false;
  return chmod(proc_path(object).c_str(), mode) == 0;
}

Result<Done> take_one(const ModeStep& step, const Descriptor& object) {
  return outcome("chmod", change_mode(object, step.mode));
}

Result<Done> take_one(const AclStep& step, const Descriptor& object) {
  const char* attribute =
      step.kind == AclKind::access ? access_acl_attribute : default_acl_attribute;
  const std::string path = proc_path(object);
  if (step.entries.empty()) {
    const bool is_gone = removexattr(path.c_str(), attribute) == 0 || errno == ENODATA;
    return outcome("removing the ACL", is_gone);
  }
  const std::string xattr = encode_acl(step.entries);
  return outcome("setting the ACL",
                 setxattr(path.c_str(), attribute, xattr.data(), xattr.size(), 0) == 0);
}

Result<Done> take_one(const OwnerStep& step, const Descriptor& object) {
  return outcome("chown", fchownat(object.get(), "", step.uid, step.gid, AT_EMPTY_PATH) == 0);
}

}  // namespace

Result<Done> take(const Step& step, const Descriptor& object) {
  return std::visit([&](const auto& one) { return take_one(one, object); }, step);
}

Taken take_steps(const Descriptor& object, const Expected& expected, std::span<const Step> steps) {
  const auto now = present_facts(object);
  if (!now) return {.count = 0, .why = now.error().what};
  if (const std::string why = difference(expected, *now); !why.empty()) {
    return {.count = 0, .why = "changed since it was looked at: " + why};
  }
  std::size_t count = 0;
  for (const Step& step : steps) {
    if (auto taken = take(step, object); !taken) return {count, taken.error().what};
    ++count;
  }
  return {.count = count, .why = {}};
}

}  // namespace cfwarden
