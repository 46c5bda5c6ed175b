#include "cfwarden/host/walk.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/position.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace cfwarden {

namespace {

constexpr std::size_t kept_descriptors = 12;  // Of the directories above the current one.
constexpr std::size_t all_ancestors = 256;    // Further down, equal ones are left out.
constexpr std::size_t max_ancestors = 4096;   // Nobody nests so many different ones.
constexpr std::size_t max_path = 256 * 1024;  // Beyond, the time goes into copying paths.
constexpr std::size_t names_between_asking = 4096;

std::string kind_of_special(const Descriptor& descriptor) {
  struct stat status {};
  if (fstat(descriptor.get(), &status) != 0) return "is a special file";
  if (S_ISFIFO(status.st_mode)) return "is a FIFO";
  if (S_ISSOCK(status.st_mode)) return "is a socket";
  return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) ? "is a device" : "is a special file";
}

bool is_gone(const Error& error) {
  return error.code == ENOENT;
}

constexpr int above_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

using Shared = std::shared_ptr<const Descriptor>;

// nullptr if there is none of that name or it is another inode.
Shared same_directory(const Shared& from, const char* name, const FileId& id) {
  if (from == nullptr) return {};
  Descriptor directory{openat(from->get(), name, above_flags)};
  struct stat status {};
  if (!directory.is_open() || fstat(directory.get(), &status) != 0) return {};
  const bool is_same = status.st_dev == id.device && status.st_ino == id.inode;
  return is_same ? std::make_shared<const Descriptor>(std::move(directory)) : nullptr;
}

bool same_effect(const DirectoryFacts& one, const DirectoryFacts& other) {
  return one.permissions.mode == other.permissions.mode &&
         one.permissions.uid == other.permissions.uid &&
         one.permissions.gid == other.permissions.gid &&
         one.permissions.acl == other.permissions.acl;
}

// A directory above the current one, without its paths: those are prefixes of the current ones.
struct Level {
  Shared descriptor;  // nullptr when too many are open.
  FileFacts facts;    // Without ancestors.
  Territory territory;
  bool sticky = false;
  std::size_t path_length = 0;
  std::size_t location_length = 0;
  std::string name;                  // Of the child that is being walked.
  bool in_chain = false;             // Its facts were added to the chain.
  std::vector<std::string> waiting;  // Subdirectories still to walk, the next one last.
};

// What the walks from one start and from the links met have in common.
struct Tour {
  std::vector<std::string> begun;  // Where each walk begins, without links.
  std::deque<Opened> links;        // Directories still to walk, closed for so long.
  std::size_t names = 0;
  std::size_t files = 0;
  bool stopped = false;
};

class Walk {
 public:
  Walk(const Opener& opener, const Opened& start, const WalkLimits& limits,
       const WalkEvents& events, Tour& tour);
  void run();

 private:
  void list_here();
  void complete_start();
  bool is_interesting(const Entry& entry);
  bool is_wanted(const std::string& name);
  void visit(const Entry& entry);
  void visit_opened(const Entry& entry, Opened&& found, bool wanted);
  void visit_link(const Entry& entry, Opened&& target);
  bool follows_links() const { return limits_.max_depth == any_depth.max_depth; }
  bool is_link_out(const Error& error) const;
  bool is_begun(const std::string& location) const;
  void enter_next();
  void enter(Opened&& directory, const std::string& name);
  void leave();
  Shared reopened_by_names() const;
  Result<Opened> open_here(const std::string& name);
  Result<Listed> entries_here();
  void close_levels();
  void gap(std::string path, std::string why);
  void gap_here(std::string why) { gap(here_.path, std::move(why)); }
  bool goes_on();
  std::string path_of(const std::string& name) const;
  std::string location_of(const std::string& name) const;
  std::vector<DirectoryFacts> ancestors() const;
  bool too_deep();

  const Opener& opener_;
  const WalkLimits& limits_;
  const WalkEvents& events_;
  const Opened& start_;
  FileFacts start_facts_;              // All of them, if there is something in it.
  Opened here_;                        // The current directory, its facts without ancestors.
  std::vector<std::string> waiting_;   // Its subdirectories.
  std::vector<Level> levels_;          // Those above it, the start first.
  std::vector<DirectoryFacts> chain_;  // Of levels_.
  std::string asked_;                  // A path in the making.
  Tour& tour_;
};

Walk::Walk(const Opener& opener, const Opened& start, const WalkLimits& limits,
           const WalkEvents& events, Tour& tour)
    : opener_{opener}, limits_{limits}, events_{events}, start_{start}, here_{start}, tour_{tour} {}

void Walk::run() {
  if (!opener_.pseudo_file_system(start_).empty()) return;
  list_here();
  while (goes_on()) {
    if (!waiting_.empty()) {
      enter_next();
    } else if (!levels_.empty()) {
      leave();
    } else {
      break;
    }
  }
}

bool Walk::goes_on() {
  if (!tour_.stopped && events_.keep_going) tour_.stopped = !events_.keep_going(tour_.names);
  return !tour_.stopped;
}

void Walk::gap(std::string path, std::string why) {
  events_.gap({.path = std::move(path), .why = std::move(why)});
}

std::string Walk::path_of(const std::string& name) const {
  return joined(here_.path, name);
}

std::string Walk::location_of(const std::string& name) const {
  return joined(here_.location, name);
}

// A file's handler may hold descriptors too: on EMFILE those of the directories above go.
void Walk::close_levels() {
  for (Level& level : levels_) level.descriptor.reset();
}

Result<Opened> Walk::open_here(const std::string& name) {
  auto found = opener_.open_in(here_, name);
  if (found || found.error().code != EMFILE) return found;
  close_levels();
  return opener_.open_in(here_, name);
}

Result<Listed> Walk::entries_here() {
  const auto interesting = [this](const Entry& entry) { return is_interesting(entry); };
  auto listed = list_wanted(*here_.descriptor, limits_.max_entries, interesting);
  if (listed || listed.error().code != EMFILE) return listed;
  close_levels();
  return list_wanted(*here_.descriptor, limits_.max_entries, interesting);
}

bool Walk::is_interesting(const Entry& entry) {
  if (!entry.type_known || entry.type == FileType::directory) return true;
  return (entry.type == FileType::symlink && follows_links()) || is_wanted(entry.name);
}

// Asked for every name: one buffer, no string a name.
bool Walk::is_wanted(const std::string& name) {
  asked_.assign(here_.path);
  if (!asked_.ends_with('/')) asked_ += '/';
  return events_.wanted(asked_.append(name));
}

void Walk::list_here() {
  auto listed = entries_here();
  if (!listed) {
    if (!is_gone(listed.error())) gap_here("cannot be listed: " + listed.error().what);
    return;
  }
  tour_.names += listed->seen;
  if (listed->names.truncated) {
    gap_here("has more than " + std::to_string(limits_.max_entries) +
             " entries: the others were not looked at");
  }
  if (listed->names.entries.empty()) return;
  if (levels_.empty()) complete_start();
  std::size_t until_asking = names_between_asking;
  for (const Entry& entry : listed->names.entries) {
    if (--until_asking == 0) {
      if (!goes_on()) return;
      until_asking = names_between_asking;
    }
    visit(entry);
    if (tour_.stopped) return;
  }
  std::ranges::reverse(waiting_);
  if (levels_.size() + 1 >= limits_.max_depth && !waiting_.empty()) {
    waiting_.clear();
    gap_here("the directories in it were not looked into: they lie more than " +
             std::to_string(limits_.max_depth) + " levels down");
  }
}

void Walk::complete_start() {
  start_facts_ = complete_facts(start_);
  here_.facts = start_facts_;
  here_.facts.ancestors.clear();
  here_.way.clear();
}

void Walk::visit(const Entry& entry) {
  const bool wanted = is_wanted(entry.name);
  if (events_.excluded && events_.excluded(path_of(entry.name))) return;
  if (entry.type_known && entry.type == FileType::directory) {
    waiting_.push_back(entry.name);
    return;
  }
  if (tour_.files == limits_.max_files) {
    gap(start_.path, "has more than " + std::to_string(limits_.max_files) +
                         " files in all: the others were not looked at");
    tour_.stopped = true;
    return;
  }
  ++tour_.files;
  auto found = open_here(entry.name);
  if (found) {
    visit_opened(entry, std::move(*found), wanted);
  } else if (!is_gone(found.error()) && (wanted || is_link_out(found.error()))) {
    gap(path_of(entry.name), found.error().what);
  }
}

bool Walk::is_link_out(const Error& error) const {
  return follows_links() && error.code == EISDIR;
}

// Only what root laid out itself, where nobody else could have: the opener follows no other link in
// trusted territory. What lies in a place where a walk begins is met there.
void Walk::visit_link(const Entry& entry, Opened&& target) {
  const bool is_met = std::ranges::any_of(
      tour_.begun, [&](const std::string& begun) { return lies_in(target.location, begun); });
  if (is_met) return;
  if (here_.territory.trusted) {
    tour_.begun.push_back(target.location);
    target.descriptor.reset();
    target.way.clear();
    tour_.links.push_back(std::move(target));
  } else {
    gap(path_of(entry.name),
        "is a symbolic link to the directory " + target.location + ", which is not followed");
  }
}

void Walk::visit_opened(const Entry& entry, Opened&& found, bool wanted) {
  const bool is_link = found.location != location_of(entry.name);
  if (found.facts.type == FileType::directory && !is_link) {
    waiting_.push_back(entry.name);
  } else if (found.facts.type == FileType::directory && follows_links()) {
    visit_link(entry, std::move(found));
  } else if (!wanted) {
    return;
  } else if (found.facts.type == FileType::directory) {
    gap(std::move(found.path), "is a symbolic link to a directory, which a walk does not follow");
  } else if (found.facts.type != FileType::regular) {
    gap(std::move(found.path), kind_of_special(*found.descriptor) + ", not a regular file");
  } else {
    if (!is_link) found.facts.ancestors = ancestors();
    events_.file(std::move(found));
  }
}

std::vector<DirectoryFacts> Walk::ancestors() const {
  std::vector<DirectoryFacts> all = start_facts_.ancestors;
  all.insert(all.end(), chain_.begin(), chain_.end());
  all.push_back(directory_facts(here_.location, here_.facts));
  return all;
}

bool Walk::too_deep() {
  if (chain_.size() < max_ancestors && here_.path.size() < max_path) return false;
  gap_here("lies too deep: the directories in it were not looked into");
  waiting_.clear();
  return true;
}

void Walk::enter_next() {
  if (too_deep()) return;
  const std::string name = std::move(waiting_.back());
  waiting_.pop_back();
  auto found = open_here(name);
  if (!found) {
    const bool is_pseudo =
        found.error().code == EXDEV && !opener_.pseudo_mount(location_of(name)).empty();
    if (!is_gone(found.error()) && !is_pseudo) gap(path_of(name), found.error().what);
    return;
  }
  const bool is_replaced = found->location != location_of(name);  // By a link since it was listed.
  if (is_replaced || found->facts.type != FileType::directory) return;
  if (is_begun(found->location)) return;
  if (found->facts.id.device != here_.facts.id.device &&
      !opener_.pseudo_file_system(*found).empty()) {
    return;
  }
  enter(std::move(*found), name);
}

// A link may lead to a directory that holds the start.
bool Walk::is_begun(const std::string& location) const {
  return tour_.begun.size() > 1 && std::ranges::find(tour_.begun, location) != tour_.begun.end();
}

void Walk::enter(Opened&& directory, const std::string& name) {
  if (events_.directory) {
    Opened told = directory;
    told.facts.ancestors = ancestors();
    events_.directory(std::move(told));
  }
  DirectoryFacts facts = directory_facts(here_.location, here_.facts);
  const bool in_chain = chain_.size() < all_ancestors ||
                        std::ranges::none_of(chain_, [&](const DirectoryFacts& above) {
                          return same_effect(above, facts);
                        });
  if (in_chain) chain_.push_back(std::move(facts));

  Level level{.descriptor = std::move(here_.descriptor),
              .facts = std::move(here_.facts),
              .territory = here_.territory,
              .sticky = here_.sticky,
              .path_length = here_.path.size(),
              .location_length = here_.location.size(),
              .name = name,
              .in_chain = in_chain,
              .waiting = std::move(waiting_)};
  levels_.push_back(std::move(level));
  if (levels_.size() > kept_descriptors) {
    levels_[levels_.size() - 1 - kept_descriptors].descriptor.reset();
  }
  waiting_.clear();
  here_ = std::move(directory);
  here_.facts.ancestors.clear();
  list_here();
}

// Back to the directory above, which may have to be opened again.
void Walk::leave() {
  Level level = std::move(levels_.back());
  levels_.pop_back();
  if (level.in_chain) chain_.pop_back();
  const Shared child = std::move(here_.descriptor);
  here_.descriptor = std::move(level.descriptor);
  here_.facts = std::move(level.facts);
  here_.path.resize(level.path_length);
  here_.location.resize(level.location_length);
  here_.territory = level.territory;
  here_.sticky = level.sticky;
  waiting_ = std::move(level.waiting);
  const FileId& id = here_.facts.id;
  if (here_.descriptor == nullptr) here_.descriptor = same_directory(child, "..", id);
  if (here_.descriptor != nullptr || waiting_.empty()) return;
  here_.descriptor = reopened_by_names();
  if (here_.descriptor != nullptr) return;
  waiting_.clear();
  gap_here("was moved during the walk: not all directories in it were looked into");
}

// Down again from the start, for a tree that was moved meanwhile: every inode must be the same.
Shared Walk::reopened_by_names() const {
  Shared directory = start_.descriptor;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const FileId& id = i + 1 < levels_.size() ? levels_[i + 1].facts.id : here_.facts.id;
    directory = same_directory(directory, levels_[i].name.c_str(), id);
  }
  return directory;
}

}  // namespace

namespace {

// False when it is another directory by now.
bool reopen(const Opener& opener, Opened& directory) {
  auto again = opener.open(directory.location, Named::yes);
  if (!again || again->facts.id != directory.facts.id) return false;
  directory.descriptor = std::move(again->descriptor);
  directory.way = std::move(again->way);
  return true;
}

}  // namespace

std::size_t walk(const Opener& opener, const Opened& start, const WalkLimits& limits,
                 const WalkEvents& events) {
  Tour tour;
  tour.begun.push_back(start.location);
  Walk{opener, start, limits, events, tour}.run();
  while (!tour.links.empty() && !tour.stopped) {
    Opened link = std::move(tour.links.front());
    tour.links.pop_front();
    if (!reopen(opener, link)) {
      events.gap({.path = link.path, .why = "was moved during the walk: not looked into"});
      continue;
    }
    if (events.directory) {
      Opened told = link;
      told.facts = complete_facts(link);
      events.directory(std::move(told));
    }
    Walk{opener, link, limits, events, tour}.run();
  }
  return tour.names;
}

}  // namespace cfwarden
