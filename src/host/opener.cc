#include "cfwarden/host/opener.h"

#include "cfwarden/base/path.h"
#include "cfwarden/exposure/access.h"
#include "cfwarden/host/mounts.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/position.h"
#include "cfwarden/host/step.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace cfwarden {

namespace {

constexpr int max_links = 40;                    // As the kernel's own limit.
constexpr std::size_t max_remembered_depth = 8;  // Homes and what lies directly below them.

std::string owner_named(std::uint32_t uid) {
  return uid == 0 ? "root" : "uid " + std::to_string(uid);
}

// Names the directory that stood in the way.
Error told_in(std::string_view directory, Error error) {
  if (error.code == EACCES) {
    error.what = "cannot search " + std::string{directory} + ": permission denied";
  }
  return error;
}

StepLimit limit_from(const Standing& standing, Named named) {
  if (standing.territory.trusted) return StepLimit::anywhere;
  return named == Named::yes ? StepLimit::beneath : StepLimit::same_mount;
}

std::string pseudo_type_of(const Descriptor& directory) {
  struct statfs facts {};
  if (fstatfs(directory.get(), &facts) != 0) return {};
  return std::string{pseudo_file_system_name(static_cast<unsigned long>(facts.f_type))};
}

}  // namespace

// What is mounted on the running host, and where the audited root lies in it.
struct MountTable {
  Mounts mounts;
  std::string root;

  std::string_view type_on(std::string_view location) const {
    return mounts.type_on(root == "/" ? std::string{location} : root + std::string{location});
  }
};

struct Opener::State {
  std::string root_name;  // As the caller says it.
  std::string root_type;  // As of pseudo_file_system().
  Position root;
  Memory memory;
  std::string absent;  // The last path that was not there: more is often asked below it.
  Stepper stepper;
  std::optional<MountTable> mounts;  // Read when the first mount is met.

  // `location` is that of the entry itself.
  Result<Seen> step(const Descriptor& directory, const std::string& location,
                    const Standing& standing, Named named);
  Result<Seen> step_up(const Descriptor& directory) {
    return step_once(directory, "..", StepLimit::anywhere);
  }
  Result<std::string_view> mounted_on(std::string_view location);

 private:
  Result<Seen> step_once(const Descriptor& directory, const char* name, StepLimit limit);
  Result<Done> check_mount(std::string_view location);
};

// What is remembered holds descriptors: when they run out, it goes.
Result<Seen> Opener::State::step_once(const Descriptor& directory, const char* name,
                                      StepLimit limit) {
  auto seen = stepper.step(directory, name, limit);
  if (seen || (seen.error().code != EMFILE && seen.error().code != ENFILE)) return seen;
  memory.forget();
  return stepper.step(directory, name, limit);
}

// The kernel stops at a mount, which then is looked up before anything touches it.
Result<Seen> Opener::State::step(const Descriptor& directory, const std::string& location,
                                 const Standing& standing, Named named) {
  const char* name = location.c_str() + location.rfind('/') + 1;
  const StepLimit limit = limit_from(standing, named);
  if (named == Named::yes) return step_once(directory, name, limit);
  if (stepper.has_openat2()) {
    auto seen = step_once(directory, name, StepLimit::same_mount);
    if (seen || seen.error().code != EXDEV) return seen;
  }
  if (auto may = check_mount(location); !may) return may.error();
  auto seen = step_once(directory, name, limit);
  if (seen || seen.error().code != EXDEV) return seen;
  return Error{"is a mount below " + std::string{directory_of(location)} +
                   ", not looked at unless it is named",
               EXDEV};
}

Result<std::string_view> Opener::State::mounted_on(std::string_view location) {
  if (!mounts) {
    Result<Mounts> current = Mounts::current();
    if (!current) return current.error();
    std::array<char, PATH_MAX> path;
    const ssize_t length = readlink(proc_path(*root.descriptor).c_str(), path.data(), path.size());
    mounts =
        MountTable{.mounts = std::move(*current),
                   .root = length > 0 ? std::string{path.data(), static_cast<std::size_t>(length)}
                                      : normal_path(root_name)};
  }
  return mounts->type_on(location);
}

Result<Done> Opener::State::check_mount(std::string_view location) {
  const Result<std::string_view> type = mounted_on(location);
  if (!type) return type.error();
  if (!is_remote_file_system(*type)) return Done{};
  return Error{std::string{location} + " is a mount of type " + std::string{*type} +
                   ", not looked at unless it is named",
               EXDEV};
}

namespace {

std::vector<DirectoryFacts> all_directory_facts(std::span<const std::shared_ptr<Record>> way) {
  std::vector<DirectoryFacts> all;
  for (const std::shared_ptr<Record>& directory : way) {
    complete(*directory);
    all.push_back(directory_facts(directory->path, directory->facts));
  }
  return all;
}

// One look-up: components are taken from a stack, on which a link puts those of its target.
class LookUp {
 public:
  LookUp(Opener::State& state, Named named) : state_{state}, named_{named} {}

  Result<Done> go(std::string_view path);  // As normal_path() makes it.
  Result<Done> go_on(std::string_view name);
  Opened result(std::string path, Detail detail);  // Once, at the end.
  const Position& position() const { return position_; }
  void stand_on(const Position& position);
  bool is_in_directory() const { return !leaf_; }

 private:
  struct Pending {
    std::string name;            // A component; "" for the end of a user's link.
    bool of_link = false;        // Else of the path that was asked for.
    std::uint32_t uid = 0;       // The end: whose link it was,
    std::string described = {};  // and how it is called in an Error.
  };

  std::string_view start(std::string_view path);
  Result<Done> run();
  void remember();
  Result<Done> take(const Pending& pending);
  Result<Done> step(const std::string& name);
  Result<Done> ascend();
  Result<Done> follow(const Seen& link, const std::string& location);
  Result<Done> end_link(const Pending& link) const;
  Result<Done> check_search();
  Error told(Error error) const;
  Opened opened_directory();
  Opened opened_leaf(Detail detail);

  Opener::State& state_;
  Named named_;
  Position position_;
  std::optional<Seen> leaf_;  // What is not a directory: the end of the way.
  std::string leaf_location_;
  std::vector<Pending> pending_;  // The next one last.
  std::string asked_;             // The part of the path that is done.
  std::size_t depth_ = 0;
  int links_ = 0;
  bool starts_at_root_ = true;  // Else asked_ is no whole path, and nothing is remembered by it.
};

// Takes up the longest remembered part of the way; returns the rest.
std::string_view LookUp::start(std::string_view path) {
  std::string_view covered = path;
  const Position* known = state_.memory.find(covered);
  while (known == nullptr && !covered.empty()) {
    covered = covered.substr(0, covered.rfind('/'));
    known = state_.memory.find(covered);
  }
  position_ = known != nullptr ? *known : state_.root;
  asked_ = covered;
  depth_ = static_cast<std::size_t>(std::ranges::count(covered, '/'));
  return path.substr(covered.size());
}

Result<Done> LookUp::go(std::string_view path) {
  for (std::string& component : components_of(start(path))) {
    pending_.push_back({.name = std::move(component)});
  }
  std::ranges::reverse(pending_);
  return run();
}

void LookUp::stand_on(const Position& position) {
  position_ = position;
  starts_at_root_ = false;
}

Result<Done> LookUp::go_on(std::string_view name) {
  pending_.push_back({.name = std::string{name}});
  return run();
}

Result<Done> LookUp::run() {
  while (!pending_.empty()) {
    const Pending next = std::move(pending_.back());
    pending_.pop_back();
    if (!next.of_link) {
      asked_.append("/").append(next.name);
      ++depth_;
    }
    auto done = take(next);
    const bool is_settled = pending_.empty() || !pending_.back().of_link;
    if (!done) {
      const bool is_absent = done.error().code == ENOENT && !next.of_link;
      if (is_absent && starts_at_root_) state_.absent = asked_;
      return done;
    }
    if (is_settled) remember();
  }
  return Done{};
}

void LookUp::remember() {
  if (leaf_ || named_ == Named::yes || !starts_at_root_ || depth_ > max_remembered_depth) return;
  state_.memory.keep(asked_, position_);
}

Result<Done> LookUp::take(const Pending& pending) {
  if (pending.name.empty()) return end_link(pending);
  if (leaf_) return system_error("open", ENOTDIR);
  if (auto may = check_search(); !may) return may;
  return pending.name == ".." ? ascend() : step(pending.name);
}

// A user's link must not tell what lies in directories that are closed to that user.
Result<Done> LookUp::check_search() {
  if (!position_.as) return Done{};
  complete(*position_.record);
  const Record& directory = *position_.record;
  if (permits(directory.facts.permissions, *position_.as, Access::search)) return Done{};
  return told({"leads through " + directory.path + ", which " + owner_named(position_.as->uid) +
                   " cannot search",
               ELOOP});
}

Result<Done> LookUp::step(const std::string& name) {
  std::string location = joined(position_.record->path, name);
  auto seen = state_.step(*position_.descriptor, location, position_.record->standing, named_);
  if (!seen) return told(seen.error());
  if (seen->facts.type == FileType::symlink) return follow(*seen, location);
  if (seen->facts.type != FileType::directory) {
    leaf_ = std::move(*seen);
    leaf_location_ = std::move(location);
    return Done{};
  }
  enter(position_, std::move(*seen), std::move(location));
  return Done{};
}

// Back to a directory that was passed before: the same inode, or the tree was moved meanwhile.
Result<Done> LookUp::ascend() {
  const std::shared_ptr<Record> above = position_.record->above;
  if (above == nullptr) return Done{};
  auto seen = state_.step_up(*position_.descriptor);
  if (!seen) return told(seen.error());
  if (seen->facts.id != above->facts.id) return Error{"open: moved while it was looked at", ESTALE};
  enter(position_, std::make_shared<const Descriptor>(std::move(seen->descriptor)), above);
  return Done{};
}

Result<std::string> target_of(const Seen& link) {
  std::array<char, PATH_MAX> bytes;
  const ssize_t count = readlinkat(link.descriptor.get(), "", bytes.data(), bytes.size());
  if (count < 0) return system_error("readlink", errno);
  const auto length = static_cast<std::size_t>(count);
  if (length == 0 || length == bytes.size()) return Error{"readlink: no usable target", ELOOP};
  return std::string{bytes.data(), length};
}

// In trusted territory only root's links; in a user's only that user's own.
Result<Done> LookUp::follow(const Seen& link, const std::string& location) {
  auto target = target_of(link);
  if (!target) return target.error();
  const std::uint32_t owner = link.facts.permissions.uid;
  const std::string described =
      "symbolic link " + location + " of " + owner_named(owner) + " to " + *target;
  if (++links_ > max_links) return Error{described + ": too many links in a row", ELOOP};

  const Standing& here = position_.record->standing;
  if (here.territory.trusted) {
    if (owner != 0) return Error{described + " is not followed: it is not root's", ELOOP};
  } else {
    const std::uint32_t uid = position_.as ? position_.as->uid : here.territory.uid;
    if (owner != uid) {
      return Error{described + " is not followed in a directory of " + owner_named(uid), ELOOP};
    }
    if (!position_.as) {
      position_.as = Principal{.uid = uid, .gids = {here.gid}};
      position_.link = described;
    }
    pending_.push_back({.name = "", .of_link = true, .uid = uid, .described = described});
  }
  if (target->front() == '/') {
    enter(position_, state_.root.descriptor, state_.root.record);
  }
  const std::vector<std::string> components = components_of(*target);
  for (auto component = components.rbegin(); component != components.rend(); ++component) {
    pending_.push_back({.name = *component, .of_link = true});
  }
  return Done{};
}

Result<Done> LookUp::end_link(const Pending& link) const {
  const std::uint32_t owner = (leaf_ ? leaf_->facts : position_.record->facts).permissions.uid;
  if (owner == link.uid) return Done{};
  return Error{link.described + " is not followed: its target belongs to " + owner_named(owner),
               leaf_ ? ELOOP : EISDIR};
}

// Names the directory or the link that stood in the way.
Error LookUp::told(Error error) const {
  error = told_in(position_.record->path, std::move(error));
  const auto link = std::ranges::find_if(
      pending_, [](const Pending& pending) { return !pending.described.empty(); });
  if (error.code == ELOOP && link != pending_.end()) {
    error.what = link->described + " is not followed: it " + error.what;
  }
  return error;
}

Opened LookUp::result(std::string path, Detail detail) {
  Opened opened = leaf_ ? opened_leaf(detail) : opened_directory();
  opened.path = std::move(path);
  opened.territory = position_.record->standing.territory;
  opened.link = position_.link;
  if (position_.as) opened.territory = {.trusted = false, .uid = position_.as->uid};
  return opened;
}

Opened LookUp::opened_leaf(Detail detail) {
  const bool is_complete = detail == Detail::complete;
  if (is_complete) {
    read_acls(leaf_->descriptor, leaf_->facts);
    leaf_->facts.ancestors = all_directory_facts(position_.passed);
  }
  return Opened{.descriptor = std::make_shared<const Descriptor>(std::move(leaf_->descriptor)),
                .path = {},
                .facts = std::move(leaf_->facts),
                .territory = {},
                .location = leaf_location_,
                .is_complete = is_complete};
}

Opened LookUp::opened_directory() {
  const Record& record = *position_.record;
  return Opened{.descriptor = position_.descriptor,
                .path = {},
                .facts = record.facts,
                .territory = {},
                .location = record.path,
                .sticky = record.standing.sticky && !position_.as,
                .way = std::move(position_.passed)};
}

}  // namespace

const FileFacts& own_facts(const Opened& opened) {
  if (opened.way.empty()) return opened.facts;
  complete(*opened.way.back(), *opened.descriptor);
  return opened.way.back()->facts;
}

FileFacts complete_facts(const Opened& opened) {
  FileFacts facts = own_facts(opened);
  if (opened.way.empty()) return facts;
  facts.ancestors = all_directory_facts(std::span{opened.way}.first(opened.way.size() - 1));
  return facts;
}

Opener::Opener(std::unique_ptr<State> state) : state_{std::move(state)} {}
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;
Opener::~Opener() = default;

Result<Opener> Opener::at(const std::string& root) {
  const std::string directory = root.empty() ? "/" : root;
  Descriptor opened{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open()) return system_error("open", errno);
  auto seen = seen_through(std::move(opened));
  if (!seen) return seen.error();
  auto state = std::make_unique<State>();
  state->root_name = directory;
  state->root_type = pseudo_type_of(seen->descriptor);
  state->stepper = Stepper{seen->descriptor};
  enter(state->root, std::move(*seen), "/");
  return Opener{std::move(state)};
}

Result<Opened> Opener::open(std::string_view path, Named named, Detail detail) const {
  if (path.empty() || path.front() != '/') return Error{"open: not an absolute path", EINVAL};
  if (path.find('\0') != std::string_view::npos) return Error{"open: a NUL in the path", EINVAL};
  std::string normal = normal_path(path);
  const std::string& absent = state_->absent;
  if (!absent.empty() && lies_in(normal, absent)) return system_error("open", ENOENT);
  LookUp look_up{*state_, named};
  if (auto done = look_up.go(normal); !done) return done.error();
  return look_up.result(std::move(normal), detail);
}

namespace {

// A link in an opened directory needs the directories above it: walk there again.
Result<Opened> open_link_in(Opener::State& state, const Opened& directory, std::string_view name,
                            Named named) {
  std::string path = joined(directory.path, name);
  if (path.size() >= PATH_MAX) return Error{"symbolic link: not followed at this depth", ELOOP};
  // That directory was reached before, mounts or not.
  LookUp above{state, Named::yes};
  if (auto done = above.go(directory.path); !done) return done.error();
  if (!above.is_in_directory() || above.position().record->facts.id != directory.facts.id) {
    return Error{"open: moved while it was looked at", ESTALE};
  }
  LookUp look_up{state, named};
  look_up.stand_on(above.position());
  if (auto done = look_up.go_on(name); !done) return done.error();
  return look_up.result(std::move(path), Detail::complete);
}

}  // namespace

Result<Opened> Opener::open_in(const Opened& directory, std::string_view name, Named named,
                               Detail detail) const {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos) {
    return Error{"open: not a name", EINVAL};
  }
  const Standing standing{.territory = directory.territory, .gid = 0, .sticky = directory.sticky};
  const std::string location = joined(directory.location, name);
  auto seen = state_->step(*directory.descriptor, location, standing, named);
  if (!seen) return told_in(directory.location, seen.error());
  if (seen->facts.type == FileType::symlink) {
    return open_link_in(*state_, directory, name, named);
  }
  const bool is_complete = detail == Detail::complete || seen->facts.type == FileType::directory;
  if (is_complete) read_acls(seen->descriptor, seen->facts);

  Opened opened{.descriptor = std::make_shared<const Descriptor>(std::move(seen->descriptor)),
                .path = joined(directory.path, name),
                .facts = std::move(seen->facts),
                .territory = directory.territory,
                .location = location,
                .is_complete = is_complete,
                .link = directory.link};
  if (!is_complete) return opened;
  FileFacts above = complete_facts(directory);
  opened.facts.ancestors = std::move(above.ancestors);
  opened.facts.ancestors.push_back(directory_facts(directory.location, above));
  if (opened.facts.type == FileType::directory) {
    const Standing inside = standing_in(opened.facts.permissions, standing);
    opened.territory = inside.territory;
    opened.sticky = inside.sticky;
  }
  return opened;
}

const std::string& Opener::root() const {
  return state_->root_name;
}

std::string Opener::pseudo_file_system(const Opened& directory) const {
  // Most lies on the root's own device, which was asked once.
  const bool is_roots = directory.facts.id.device == state_->root.record->facts.id.device;
  return is_roots ? state_->root_type : pseudo_type_of(*directory.descriptor);
}

std::string Opener::pseudo_mount(std::string_view location) const {
  const Result<std::string_view> type = state_->mounted_on(location);
  return type && is_pseudo_file_system(*type) ? std::string{*type} : std::string{};
}

}  // namespace cfwarden
