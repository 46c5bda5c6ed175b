#include "cfwarden/mend/state_directory.h"

#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/trusted_file.h"
#include "cfwarden/mend/own_object.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

constexpr const char* own_name = "cfwarden";
constexpr const char* roots_state_home = "/var/lib";

std::string absolute_path_in(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? normal_path(value) : "";
}

// What holds the state directory; "" where the caller has no such place.
std::string state_home() {
  if (geteuid() == 0) return roots_state_home;
  std::string place = absolute_path_in("XDG_STATE_HOME");
  if (!place.empty()) return place;
  place = absolute_path_in("HOME");
  return place.empty() ? "" : joined(place, ".local/state");
}

// What was made must be the caller's: another one may have come in between.
Result<Descriptor> make_component(const Descriptor& above, const std::string& name,
                                  const std::string& path) {
  Result<std::optional<Descriptor>> made = open_own_directory(above, name, Missing::made, path);
  if (!made) return made.error();
  return std::move(**made);
}

// The way is the caller's own business, who walks it with no more rights than that user.
Result<std::optional<Descriptor>> open_users_state_home(const std::string& path, Missing missing) {
  constexpr int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  Descriptor at{open("/", flags)};
  if (!at.is_open()) return failure_at("/", "open", errno);
  std::string reached;
  for (const std::string& name : components_of(path)) {
    reached += "/" + name;
    Descriptor next{openat(at.get(), name.c_str(), flags)};
    if (!next.is_open() && errno != ENOENT) return failure_at(reached, "open", errno);
    if (!next.is_open() && missing == Missing::left) return std::optional<Descriptor>{};
    if (!next.is_open()) {
      Result<Descriptor> made = make_component(at, name, reached);
      if (!made) return made.error();
      next = std::move(*made);
    }
    at = std::move(next);
  }
  return std::optional<Descriptor>{std::move(at)};
}

Result<std::optional<Descriptor>> open_state_home(const std::string& path, Missing missing) {
  if (geteuid() != 0) return open_users_state_home(path, missing);
  Result<Descriptor> opened = open_trusted_directory(path, PathTrust::trusted);
  if (opened) return std::optional<Descriptor>{std::move(*opened)};
  if (missing == Missing::left && is_absent(opened.error())) return std::optional<Descriptor>{};
  return opened.error();
}

struct OpenState {
  Descriptor directory;
  Descriptor journals;
};

Result<std::optional<OpenState>> open_state(const std::string& home, const std::string& path,
                                            Missing missing) {
  const Result<std::optional<Descriptor>> above = open_state_home(home, missing);
  if (!above) return above.error();
  if (!*above) return std::optional<OpenState>{};
  Result<std::optional<Descriptor>> own = open_own_directory(**above, own_name, missing, path);
  if (!own) return own.error();
  if (!*own) return std::optional<OpenState>{};
  Result<std::optional<Descriptor>> journals =
      open_own_directory(**own, "journal", missing, joined(path, "journal"));
  if (!journals) return journals.error();
  if (!*journals) return std::optional<OpenState>{};
  return std::optional<OpenState>{
      OpenState{.directory = std::move(**own), .journals = std::move(**journals)}};
}

Result<Descriptor> take_lock(const Descriptor& directory, const std::string& path) {
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Descriptor lock{openat(directory.get(), "lock", flags, 0600)};
  if (!lock.is_open() && errno == ELOOP) {
    return Error{path + ": is a symbolic link, which is not followed here", ELOOP};
  }
  if (!lock.is_open()) return failure_at(path, "open", errno);
  const Result<Done> ours = check_own(lock, FileType::regular, path);
  if (!ours) return ours.error();
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failure_at(path, "flock", errno);
  return Error{path + ": another run of fix or undo holds this lock: wait until it has ended",
               EWOULDBLOCK};
}

}  // namespace

Result<StateDirectory> StateDirectory::locked() {
  const std::string home = state_home();
  if (home.empty()) {
    return Error{"there is no place for a journal: set HOME or XDG_STATE_HOME to an absolute path",
                 0};
  }
  StateDirectory state;
  state.path_ = joined(home, own_name);
  Result<std::optional<OpenState>> opened = open_state(home, state.path_, Missing::made);
  if (!opened) return opened.error();
  Result<Descriptor> lock = take_lock((*opened)->directory, joined(state.path_, "lock"));
  if (!lock) return lock.error();
  state.journals_ = std::move((*opened)->journals);
  state.lock_ = std::move(*lock);
  return state;
}

Result<std::optional<StateDirectory>> StateDirectory::existing() {
  const std::string home = state_home();
  if (home.empty()) return std::optional<StateDirectory>{};
  StateDirectory state;
  state.path_ = joined(home, own_name);
  Result<std::optional<OpenState>> opened = open_state(home, state.path_, Missing::left);
  if (!opened) return opened.error();
  if (!*opened) return std::optional<StateDirectory>{};
  state.journals_ = std::move((*opened)->journals);
  return std::optional<StateDirectory>{std::move(state)};
}

}  // namespace cfwarden
