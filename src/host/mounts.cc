#include "cfwarden/host/mounts.h"

#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr std::array<std::string_view, 24> remote_types{
    "9p",    "acfs",     "afs",     "autofs", "beegfs", "ceph",  "cifs",  "coda",
    "davfs", "fuse",     "fuseblk", "gpfs",   "lustre", "ncp",   "ncpfs", "nfs",
    "nfs4",  "orangefs", "pvfs2",   "smb2",   "smb3",   "smbfs", "sshfs", "vboxsf",
};

struct PseudoType {
  std::string_view name;
  unsigned long magic;
};

constexpr std::array<PseudoType, 22> pseudo_types{{
    {"proc", 0x9fa0},         {"sysfs", 0x62656572},       {"cgroup", 0x27e0eb},
    {"cgroup2", 0x63677270},  {"devpts", 0x1cd1},          {"debugfs", 0x64626720},
    {"tracefs", 0x74726163},  {"securityfs", 0x73636673},  {"pstore", 0x6165676c},
    {"efivarfs", 0xde5e81e4}, {"bpf", 0xcafe4a11},         {"configfs", 0x62656570},
    {"mqueue", 0x19800202},   {"hugetlbfs", 0x958458f6},   {"selinuxfs", 0xf97cff8c},
    {"smackfs", 0x43415d53},  {"binfmt_misc", 0x42494e4d}, {"fusectl", 0x65735543},
    {"nsfs", 0x6e736673},     {"rpc_pipefs", 0x67596969},  {"nfsd", 0x6e667364},
    {"resctrl", 0x7655821},
}};

std::string_view next_field(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

bool is_octal(char character) {
  return character >= '0' && character <= '7';
}

// mountinfo writes space, tab, newline and backslash as \040 and the like.
std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && is_octal(field[i + 1]) &&
        is_octal(field[i + 2]) && is_octal(field[i + 3])) {
      text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                (field[i + 3] - '0'));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

std::string contents_of(const Descriptor& file) {
  std::string text;
  if (!file.is_open()) return text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

unsigned long long mount_id_from_proc(int descriptor) {
  const std::string path = "/proc/self/fdinfo/" + std::to_string(descriptor);
  const std::string text = contents_of(Descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)});
  const std::string_view key = "mnt_id:";
  const auto found = text.find(key);
  if (found == std::string::npos) return 0;
  const auto digits = std::min(text.find_first_not_of(" \t", found + key.size()), text.size());
  unsigned long long id = 0;
  (void)std::from_chars(text.data() + digits, text.data() + text.size(), id);  // 0 says unknown.
  return id;
}

}  // namespace

bool is_remote_file_system(std::string_view type) {
  return type.starts_with("fuse.") || std::ranges::binary_search(remote_types, type);
}

bool is_pseudo_file_system(std::string_view type) {
  return std::ranges::find(pseudo_types, type, &PseudoType::name) != pseudo_types.end();
}

std::string_view pseudo_file_system_name(unsigned long magic) {
  const auto found = std::ranges::find(pseudo_types, magic, &PseudoType::magic);
  return found == pseudo_types.end() ? std::string_view{} : found->name;
}

// A line: id parent major:minor root mount-point options [tags...] - type source super-options
Mounts Mounts::parse(std::string_view mountinfo) {
  Mounts mounts;
  while (!mountinfo.empty()) {
    const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    for (int i = 0; i < 4; ++i) next_field(line);
    const std::string path = unescaped(next_field(line));
    const auto separator = line.find(" - ");
    if (path.empty() || separator == std::string_view::npos) continue;
    line.remove_prefix(separator + 3);
    const std::string_view type = next_field(line);
    if (is_remote_file_system(type) || is_pseudo_file_system(type)) {
      mounts.types_[path] = std::string{type};
    } else {
      mounts.types_.erase(path);
    }
  }
  return mounts;
}

Result<Mounts> Mounts::current() {
  const Descriptor file{open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
  const bool have_run_out = !file.is_open() && (errno == EMFILE || errno == ENFILE);
  if (have_run_out) return system_error("cannot tell what is mounted", errno);
  return parse(contents_of(file));
}

std::string_view Mounts::type_on(std::string_view path) const {
  const auto found = types_.find(path);
  return found == types_.end() ? std::string_view{} : std::string_view{found->second};
}

unsigned long long mount_id_of(int descriptor) {
  struct statx facts {};
  // The kernel knows it: whoever serves the file system, and may hang, is not asked.
  constexpr int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
  if (statx(descriptor, "", flags, STATX_MNT_ID, &facts) == 0 &&
      (facts.stx_mask & STATX_MNT_ID) != 0) {
    return facts.stx_mnt_id;
  }
  return mount_id_from_proc(descriptor);
}

std::string type_of_mount(unsigned long long id, std::string_view mountinfo) {
  const std::string wanted = std::to_string(id);
  while (!mountinfo.empty()) {
    const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    const auto separator = line.find(" - ");
    if (separator == std::string_view::npos || next_field(line) != wanted) continue;
    line = line.substr(line.find(" - ") + 3);
    return std::string{next_field(line)};
  }
  return {};
}

std::string file_system_type(int descriptor) {
  const Descriptor file{open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
  return type_of_mount(mount_id_of(descriptor), contents_of(file));
}

}  // namespace cfwarden
