#include "cfwarden/app/starts.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/app/subjects.h"
#include "cfwarden/base/glob.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/link.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/processes.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/host/service_places.h"
#include "cfwarden/host/system_error.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view etc = "/etc";
constexpr std::size_t max_entries = 4096;         // Of one directory.
constexpr std::size_t max_rounds = 4;             // Environment files may lead to further ones.
constexpr std::size_t max_asked = 2048;           // Files that definitions lead to.
constexpr std::size_t max_text_bytes = 16 << 20;  // Of all definitions together.

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience_with_user{10};  // All of their processes together.

// What one user's definitions may come to.
struct Crowd {
  std::size_t texts_left = 1024;
  std::size_t bytes_left = 1 << 20;

  bool takes(const ServiceText& text) {
    if (texts_left == 0 || text.text.size() > bytes_left) return false;
    --texts_left;
    bytes_left -= text.text.size();
    return true;
  }
};

}  // namespace

// What is collected on the way; the texts of files are in the Look.
class StartFinder::Collection {
 public:
  Collection(Look& look, const StartSearch& search) : look_{look}, search_{search} {}

  void collect_places() {
    const std::vector<ServicePlace> places = service_places(
        search_.accounts, search_.caller,
        [this](std::string_view above, std::string_view path) { return may_exist(above, path); });
    for (const ServicePlace& place : places) {
      if (!place.only_links) collect(place);
    }
    look_.run();
    for (const ServicePlace& place : places) {
      if (place.only_links) links_places_.push_back(place);
    }
    collect_links();
  }

  // What is enabled only matters of what is there; more may have been read since.
  void collect_links() {
    if (look_.service_texts.empty()) return;
    for (const ServicePlace& place : std::exchange(links_places_, {})) collect(place);
  }

  void collect_processes() {
    if (!is_running_host(search_.request.root)) return;
    Processes processes = cloudflared_processes();
    std::ranges::move(processes.gaps, std::back_inserter(look_.gaps));
    std::map<std::uint32_t, Clock::duration> spent;  // By user: each can start thousands.
    for (Process& process : processes.all) {
      const Clock::time_point begin = Clock::now();
      Clock::duration& on_user = spent[process.started_by];
      if (process.started_by != 0 && on_user > patience_with_user) {
        add_gap("/proc/" + std::to_string(process.pid),
                "was not looked into: other processes of its user took too long");
        continue;
      }
      const std::string directory = "/proc/" + std::to_string(process.pid);
      look_.take_process({.facts = facts_of(process, 0444),
                          .path = directory + "/cmdline",
                          .name = "cmdline",
                          .program = process.program,
                          .is_reported = reports() && is_on_its_own(process)},
                         process.command_line);
      if (!process.environment.reveal().empty()) {
        look_.take_process({.facts = facts_of(process, 0400),
                            .path = directory + "/environ",
                            .name = "environ",
                            .program = process.program},
                           process.environment);
      }
      processes_[process.pid] = std::move(process);
      on_user += Clock::now() - begin;
    }
  }

  // Until nothing more is wanted.
  Starts understand() {
    collect_links();
    Starts starts;
    for (std::size_t round = 0; round < max_rounds; ++round) {
      starts = read_texts();
      const bool is_more = collect_all(starts.wanted);
      if (!is_more) break;
      look_.run();
    }
    std::ranges::move(starts.gaps, std::back_inserter(look_.gaps));
    return starts;
  }

  std::optional<std::uint32_t> controller_of_start(const Start& start) const {
    if (start.manager_uid && *start.manager_uid != 0) return start.manager_uid;
    for (const std::string& file : start.files) {
      const auto text = std::ranges::find(look_.service_texts, file, &ServiceText::path);
      if (text != look_.service_texts.end() && text->owner != 0) return text->owner;
    }
    return std::nullopt;
  }

  Look& look() { return look_; }
  const std::map<int, Process>& processes() const { return processes_; }

 private:
  bool reports() const {
    return search_.request.paths.empty() && search_.request.only_user.empty();
  }

  std::optional<PlaceKind> reported_place() const {
    return reports() ? std::optional{PlaceKind::service} : std::nullopt;
  }

  static FileFacts facts_of(const Process& process, unsigned mode) {
    return {.permissions = {.mode = mode, .uid = process.uid, .gid = process.gid}};
  }

  // A service's or container's token is reported where it is defined.
  static bool is_on_its_own(const Process& process) {
    return process.group.unit.empty() && process.group.container.empty();
  }

  void add_gap(const std::string& path, const std::string& why) {
    look_.gaps.push_back({path, why});
  }

  // One look at what several places share, and one listing of /etc, say of most that it is absent.
  bool may_exist(std::string_view above, std::string_view path) {
    const std::size_t end = path.find('/', 1);
    const std::string_view first = path.substr(0, end);
    if (above.empty() && first == etc) return may_exist_in_etc(path.substr(end + 1));
    std::string base = std::string{above}.append(first);
    if (base != base_) {
      base_ = std::move(base);
      const Result<Opened> opened = search_.opener.open(base_);
      is_base_there_ = opened || !is_absent(opened.error());
    }
    return is_base_there_;
  }

  bool may_exist_in_etc(std::string_view path) {
    if (!names_in_etc_) {
      const Result<Opened> opened = search_.opener.open(etc);
      const Result<Names> names = opened ? list(*opened, max_entries) : Result<Names>{Names{}};
      if (!names || names->truncated) return true;
      names_in_etc_.emplace();
      for (const Entry& entry : names->entries) names_in_etc_->insert(entry.name);
    }
    return names_in_etc_->contains(path.substr(0, path.find('/')));
  }

  void collect(const ServicePlace& place) {
    if (is_excluded(place.path, search_.request.excludes)) return;
    Result<Opened> opened = search_.opener.open(place.path);
    if (!opened) {
      const bool is_left_out = place.is_roots && !search_.caller.sees_all_homes;
      if (!is_absent(opened.error()) && !is_left_out) add_gap(place.path, opened.error().what);
      return;
    }
    if (opened->facts.type == FileType::directory) {
      if (!seen_.insert(opened->facts.id).second) return;
      if (!place.only_links) add_place(place.path);
      collect_directory(*opened, place, "", place.depth);
    } else {
      add_place(place.path);
      add_file(std::move(*opened), place.role);
    }
  }

  void add_place(const std::string& path) {
    if (!reports()) return;
    look_.places.push_back({.path = path,
                            .kind = PlaceKind::service,
                            .why = "definitions of services",
                            .state = PlaceState::looked_at});
  }

  void collect_directory(const Opened& directory, const ServicePlace& place,
                         const std::string& inside, std::size_t depth) {
    const Result<Names> names = list(directory, max_entries);
    if (!names) {
      const bool is_left_out = place.is_roots && !search_.caller.sees_all_homes;
      if (!is_absent(names.error()) && !is_left_out) add_gap(directory.path, names.error().what);
      return;
    }
    if (names->truncated) {
      add_gap(directory.path, "has more than " + std::to_string(max_entries) +
                                  " entries: the others were not looked at");
    }
    for (const Entry& entry : names->entries) {
      const std::string name = inside.empty() ? entry.name : inside + "/" + entry.name;
      if (is_excluded(joined(directory.path, entry.name), search_.request.excludes)) continue;
      if (entry.type_known && entry.type == FileType::symlink) {
        collect_link(directory, place, entry.name, name, depth);
      } else if (entry.type_known && entry.type == FileType::regular) {
        if (!place.only_links && place.takes(name)) collect_entry(directory, place, entry.name);
      } else if (depth > 1) {
        collect_below(directory, place, entry.name, name, depth);
      }
    }
  }

  void collect_entry(const Opened& directory, const ServicePlace& place, const std::string& name) {
    // Of nearly all of them nothing is said, so that their status is enough.
    const Detail detail = directory.territory.trusted ? Detail::status : Detail::complete;
    Result<Opened> file = search_.opener.open_in(directory, name, Named::no, detail);
    if (file && is_crontab_of_its_user(directory, *file, name)) {
      const std::uint32_t uid = file->facts.permissions.uid;
      file->territory = {.trusted = uid == 0, .uid = uid};
    }
    if (file) {
      add_file(std::move(*file), place.role);
    } else if (!is_absent(file.error())) {
      add_gap(joined(directory.path, name), file.error().what);
    }
  }

  // Debian's directory of crontabs is open to crontab's own group. Cron itself believes a table
  // there that is its user's, has one name, and nobody else can write: so it is read as that user.
  bool is_crontab_of_its_user(const Opened& directory, const Opened& file,
                              const std::string& name) const {
    constexpr unsigned sticky = 01000;
    const Permissions& above = directory.facts.permissions;
    const Permissions& own = file.facts.permissions;
    const bool is_crons = lies_in(directory.path, "/var/spool/cron") && above.uid == 0 &&
                          (above.mode & sticky) != 0 && (above.mode & 0002U) == 0;
    const Account* account = search_.accounts.find_name(name);
    return is_crons && account != nullptr && account->uid == own.uid &&
           file.facts.type == FileType::regular && file.facts.links == 1 && (own.mode & 0022U) == 0;
  }

  void collect_below(const Opened& directory, const ServicePlace& place, const std::string& name,
                     const std::string& inside, std::size_t depth) {
    const Result<Opened> found = search_.opener.open_in(directory, name);
    if (!found || found->facts.type != FileType::directory) return;
    if (seen_.insert(found->facts.id).second) collect_directory(*found, place, inside, depth - 1);
  }

  // A link says that something is enabled, or has another name; a unit or a service's directory
  // that root keeps elsewhere is read under the name of its link.
  void collect_link(const Opened& directory, const ServicePlace& place, const std::string& name,
                    const std::string& inside, std::size_t depth) {
    if (!place.takes(inside)) return;
    const std::string path = joined(directory.path, name);
    const Result<std::string> target = link_target(directory, name);
    if (!target) return;
    const std::uint32_t owner = directory.territory.trusted ? 0 : directory.territory.uid;
    const bool is_same_name = file_name_of(*target) == std::string_view{name};
    if (!place.only_links && inside.find('/') == std::string::npos && is_same_name) {
      Result<Opened> linked = search_.opener.open(path);
      if (linked && linked->facts.type == FileType::regular) {
        linked->path = path;
        add_file(std::move(*linked), place.role);
        return;
      }
      if (linked && linked->facts.type == FileType::directory && depth > 1 &&
          seen_.insert(linked->facts.id).second) {
        collect_directory(*linked, place, inside, depth - 1);
      }
    }
    links_.push_back({.path = path, .text = {}, .link_target = *target, .owner = owner});
  }

  void add_file(Opened file, ServiceRole role) {
    if (file.facts.type == FileType::regular && !seen_.insert(file.facts.id).second) return;
    look_.add_service_file(std::move(file), role, reported_place());
  }

  Starts read_texts() {
    std::vector<ServiceText> texts = look_.service_texts;
    texts.insert(texts.end(), links_.begin(), links_.end());
    std::ranges::sort(texts, {}, &ServiceText::path);
    if (look_.service_texts.empty()) return {};
    leave_out_crowds(texts);
    if (is_too_much(texts)) {
      add_gap("", "the definitions of services are too many to be understood");
      return {};
    }
    Result<Starts> starts = starts_in_worker({.texts = texts, .accounts = &search_.accounts});
    if (starts) return std::move(*starts);
    add_gap("", "how cloudflared is started is not known: " + starts.error().what);
    return {};
  }

  // Nobody's own definitions keep those of others from being read.
  void leave_out_crowds(std::vector<ServiceText>& texts) {
    std::map<std::uint32_t, Crowd> crowds;
    std::erase_if(texts, [&](const ServiceText& text) {
      if (text.owner == 0 || crowds[text.owner].takes(text)) return false;
      leave_out(text, " defines more services than are looked at of one user");
      return true;
    });
    if (!is_too_much(texts)) return;
    std::erase_if(texts, [&](const ServiceText& text) {
      if (text.owner == 0) return false;
      leave_out(text, " defines services, as too many others do: they were not looked at");
      return true;
    });
  }

  void leave_out(const ServiceText& text, std::string_view why) {
    if (!left_out_.insert(text.owner).second) return;
    add_gap(std::string{directory_of(text.path)},
            search_.accounts.user_name(text.owner) + std::string{why});
  }

  static bool is_too_much(const std::vector<ServiceText>& texts) {
    std::size_t bytes = 0;
    for (const ServiceText& text : texts) bytes += text.text.size();
    return bytes > max_text_bytes || texts.size() > max_service_texts;
  }

  // A user's glob may match thousands: what others name comes first.
  bool collect_all(const std::vector<std::string>& wanted) {
    bool is_new = false;
    for (const bool globs : {false, true}) {
      for (const std::string& path : wanted) {
        const std::size_t star = path.find('*');
        if ((star != std::string::npos) != globs) continue;
        is_new |= globs ? collect_matches(path, star) : collect_file(path);
      }
    }
    return is_new;
  }

  // Whether there is something new. What is not there is no gap: a service may do without.
  bool collect_file(const std::string& path) {
    if (is_made_by_kernel(path)) return false;
    if (asked_.size() == max_asked) {
      asked_.insert(path);
      add_gap("", "definitions of services lead to more than " + std::to_string(max_asked) +
                      " files: the others were not looked at");
    }
    if (asked_.size() > max_asked || !asked_.insert(path).second) return false;
    Result<Opened> opened = search_.opener.open(path);
    if (!opened) {
      if (!is_absent(opened.error())) add_gap(path, opened.error().what);
      return false;
    }
    if (opened->facts.type != FileType::regular) return false;
    if (!search_.opener.pseudo_file_system(*opened).empty()) return false;
    // It may have been passed over as having nothing to do with cloudflared by its own words.
    look_.add_service_file(std::move(*opened), ServiceRole::part, reported_place());
    return true;
  }

  // What the first component with a star, at `star`, may stand for.
  bool collect_matches(const std::string& pattern, std::size_t star) {
    if (is_made_by_kernel(pattern)) return false;
    if (asked_.size() > max_asked || !asked_.insert(pattern).second) return false;
    const std::size_t end = std::min(pattern.find('/', star), pattern.size());
    const std::string_view component = std::string_view{pattern}.substr(0, end);
    const std::string directory{directory_of(component)};
    const Result<Opened> opened = search_.opener.open(directory);
    if (!opened || opened->facts.type != FileType::directory) return false;
    const Result<Names> names = list(*opened, max_entries);
    if (!names) return false;
    bool is_new = false;
    for (const Entry& entry : names->entries) {
      const std::string path = joined(directory, entry.name);
      const bool is_literal = entry.name.find('*') == std::string::npos;
      if (!is_literal || !glob_matches(component, path)) continue;
      const std::string whole = path + pattern.substr(end);
      const std::size_t next = whole.find('*');
      is_new |= next == std::string::npos ? collect_file(whole) : collect_matches(whole, next);
    }
    return is_new;
  }

  Look& look_;
  const StartSearch& search_;
  std::vector<ServiceText> links_;
  std::vector<ServicePlace> links_places_;  // That hold nothing but links.
  std::map<int, Process> processes_;
  std::set<FileId> seen_;
  std::set<std::string> asked_;
  std::set<std::uint32_t> left_out_;  // Users.
  std::optional<std::set<std::string, std::less<>>> names_in_etc_;
  std::string base_;  // The last that was asked for.
  bool is_base_there_ = false;
};

namespace {

std::optional<int> pid_of(const Start& start) {
  constexpr std::string_view prefix = "process:";
  if (start.source != StartSource::process || !start.who.starts_with(prefix)) return std::nullopt;
  int pid = 0;
  const char* end = start.who.data() + start.who.size();
  const auto [stop, error] = std::from_chars(start.who.data() + prefix.size(), end, pid);
  return error == std::errc{} && stop == end ? std::optional{pid} : std::nullopt;
}

// A running process of something that is known already says that this is active, and no more.
bool is_its_process(const KnownStart& known, const Process& process) {
  const Start& start = known.start;
  if (start.source == StartSource::process) return false;
  const ControlGroup& group = process.group;
  // Below their own manager users name groups as they like.
  if (known.controlled_by != group.unit_user) return false;
  if (!group.unit.empty() && start.who == group.unit) return true;
  return !group.container.empty() && start.file.find(group.container) != std::string::npos;
}

bool is_told_the_same(const Invocation& a, const Invocation& b) {
  const auto words = [](const Invocation& i) {
    return std::tie(i.mode, i.config, i.origin_certificate, i.credentials_file, i.token_file,
                    i.tunnel, i.token_in_arguments);
  };
  return words(a) == words(b);
}

// Of init scripts and their kin the process does not carry the name.
bool is_of_its_kind(const KnownStart& known, const Start& seen) {
  const bool has_own_group = known.start.source == StartSource::systemd ||
                             known.start.is_container || known.start.source == StartSource::process;
  return !has_own_group && is_told_the_same(known.start.invocation, seen.invocation);
}

// nullopt: root alone.
std::optional<std::uint32_t> controller_of(const Process& process) {
  return process.started_by != 0 ? std::optional{process.started_by} : std::nullopt;
}

// Else a user who writes down what somebody's process was told would have it taken for their own.
bool may_stand_for(const KnownStart& known, const Process& process) {
  return !known.controlled_by || known.controlled_by == controller_of(process);
}

// Joins the processes to what starts them; the rest stand for themselves.
class Joining {
 public:
  Joining(Look& look, const std::map<int, Process>& processes)
      : look_{look}, processes_{processes} {}

  void add(KnownStart known, bool is_process) {
    (is_process ? seen_ : known_).push_back(std::move(known));
  }

  std::vector<KnownStart> joined() {
    for (KnownStart& seen : seen_) take(std::move(seen));
    return std::move(known_);
  }

 private:
  void take(KnownStart seen) {
    const std::optional<int> pid = pid_of(seen.start);
    const auto found = pid ? processes_.find(*pid) : processes_.end();
    if (found == processes_.end()) return;
    const Process& process = found->second;
    const auto its = std::ranges::find_if(known_, [&](const KnownStart& known) {
      return is_its_process(known, process) ||
             (may_stand_for(known, process) && is_of_its_kind(known, seen.start));
    });
    if (its != known_.end()) {
      its->start.is_active = true;
      return;
    }
    if (process.same_mount_namespace == false || !process.same_user_namespace) {
      look_.gaps.push_back({"/proc/" + std::to_string(process.pid),
                            "runs cloudflared with a file system of its own: which files it uses "
                            "is not known"});
      return;
    }
    complete(seen.start, process);
    seen.controlled_by = controller_of(process);
    known_.push_back(std::move(seen));
  }

  Look& look_;
  const std::map<int, Process>& processes_;
  std::vector<KnownStart> known_;
  std::vector<KnownStart> seen_;
};

}  // namespace

StartFinder::StartFinder(Look& look, const StartSearch& search)
    : collection_{std::make_unique<Collection>(look, search)} {}

StartFinder::StartFinder(StartFinder&&) noexcept = default;
StartFinder& StartFinder::operator=(StartFinder&&) noexcept = default;
StartFinder::~StartFinder() = default;

void StartFinder::collect() {
  collection_->collect_places();
  collection_->collect_processes();
}

std::vector<KnownStart> StartFinder::found() {
  Starts starts = collection_->understand();
  Joining joining{collection_->look(), collection_->processes()};
  for (Start& start : starts.all) {
    if (start.invocation.mode == Invocation::Mode::other) continue;
    const bool is_process = start.source == StartSource::process;
    const auto controller = is_process ? std::nullopt : collection_->controller_of_start(start);
    joining.add({.start = std::move(start), .controlled_by = controller}, is_process);
  }
  return joining.joined();
}

}  // namespace cfwarden
