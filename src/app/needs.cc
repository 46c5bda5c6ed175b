#include "cfwarden/app/needs.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/app/named_needs.h"
#include "cfwarden/app/runner.h"
#include "cfwarden/base/path.h"
#include "cfwarden/exposure/obstacle.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/needs/resolve.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_claims = 8;  // Of one file: a user can run as many as they like.

// Directories above a bind mount's source are not on the way of who enters there.
std::size_t first_ancestor_of(const FileFacts& facts, const std::string& entered_at) {
  if (entered_at.empty()) return 0;
  const auto found = std::ranges::find(facts.ancestors, entered_at, &DirectoryFacts::path);
  return static_cast<std::size_t>(found - facts.ancestors.begin());
}

Candidate needed_file(const std::string& path, const std::string& who) {
  return {.place = {.path = path, .kind = PlaceKind::configured, .why = "needed by " + who},
          .shape = PlaceShape::file};
}

// What one start finds at one path.
struct Find {
  Sight sight = Sight::unknown;
  HostPlace place;
  std::optional<FileFacts> facts;
  std::string obstacle;
  std::uint32_t controller = 0;  // Of the file's content.
};

// One start at work: looks at the host with its eyes.
class Resolver {
 public:
  Resolver(Look& look, const StartSearch& search, const KnownStart& known)
      : look_{look},
        search_{search},
        known_{known},
        runner_{runner_of(known.start, known.controlled_by, search.accounts)} {}

  const Runner& runner() const { return runner_; }

  Resolution run() {
    const HostView view{
        .look = [this](const std::string& path) { return find(path).sight; },
        .configuration = [this](const std::string& path) { return configuration(path); },
        .has_tunnel_id = [this](const std::string& path) { return has_tunnel_id(path); },
    };
    return resolve(known_.start, runner_.home, view);
  }

  const Find& find(const std::string& path) {
    const auto known = finds_.find(path);
    if (known != finds_.end()) return known->second;
    return finds_.emplace(path, look_at(path)).first->second;
  }

 private:
  Find look_at(const std::string& path) {
    Find found{.place = place_on_host(known_.start, path)};
    switch (found.place.where) {
      case HostPlace::Where::nowhere:
        found.sight = Sight::absent;
        return found;
      case HostPlace::Where::elsewhere:
        return found;
      case HostPlace::Where::hidden:
      case HostPlace::Where::here:
        break;
    }
    if (is_made_by_kernel(found.place.path)) return found;
    const Result<Opened> opened = search_.opener.open(found.place.path);
    if (!opened) {
      if (is_absent(opened.error())) found.sight = Sight::absent;
      return found;
    }
    if (!search_.opener.pseudo_file_system(*opened).empty()) return found;
    found.facts = complete_facts(*opened);
    found.controller = controller_of(*opened);
    found.sight = sight_of(found, opened->path);
    if (found.sight == Sight::readable && is_blank(found)) found.sight = Sight::blank;
    return found;
  }

  Sight sight_of(Find& found, const std::string& path) const {
    const FileFacts& facts = *found.facts;
    if (found.place.where == HostPlace::Where::hidden) {
      found.obstacle = found.place.hidden_by;
      return facts.type == FileType::directory ? Sight::directory : Sight::hidden;
    }
    if (facts.type == FileType::directory) return Sight::directory;
    if (found.place.is_read_by_manager) return Sight::readable;
    if (!runner_.reader) return Sight::unknown;
    const auto obstacle = obstacle_of(facts, path, *runner_.reader, search_.accounts,
                                      first_ancestor_of(facts, found.place.entered_at));
    if (obstacle) {
      found.obstacle = obstacle->words;
      return obstacle->is_directory ? Sight::hidden : Sight::unreadable;
    }
    return Sight::readable;
  }

  bool is_blank(const Find& found) {
    constexpr std::int64_t most_blanks = 4096;
    if (found.facts->size > most_blanks) return false;
    if (found.facts->size > 0) read(found.place.path);
    return found.facts->size == 0 || look_.blank_files.count(found.place.path) != 0;
  }

  std::optional<Configuration> configuration(const std::string& path) {
    const Find& found = find(path);
    if (!found.facts) return std::nullopt;
    read(found.place.path);
    read_as_configuration(found.place.path);
    const auto known = look_.configurations.find(found.place.path);
    return known == look_.configurations.end() ? std::nullopt : std::optional{known->second};
  }

  // --config takes any name.
  void read_as_configuration(const std::string& path) {
    if (look_.configurations.count(path) != 0) return;
    Result<Opened> opened = search_.opener.open(path);
    if (!opened) return;
    look_.add_configuration(std::move(*opened));
    look_.run();
  }

  bool has_tunnel_id(const std::string& path) {
    const Find& found = find(path);
    if (!found.facts) return false;
    read(found.place.path);
    return std::ranges::any_of(look_.subjects, [&](const Subject& subject) {
      return subject.facts.id == found.facts->id && !subject.credential.scope.tunnel.empty();
    });
  }

  // A person who named paths wants to hear of no other.
  void read(const std::string& path) {
    if (search_.request.paths.empty()) {
      look_.add(needed_file(path, known_.start.who));
    } else if (Result<Opened> opened = search_.opener.open(path)) {
      look_.add_service_file(std::move(*opened), ServiceRole::none, std::nullopt);
    }
    look_.run();
  }

  Look& look_;
  const StartSearch& search_;
  const KnownStart& known_;
  Runner runner_;
  std::map<std::string, Find> finds_;
};

bool is_connector(const KnownStart& known) {
  const Invocation::Mode mode = known.start.invocation.mode;
  return mode == Invocation::Mode::run || mode == Invocation::Mode::classic;
}

// What a package brings along runs nothing until somebody enables it.
bool is_in_use(const Start& start) {
  const bool is_packaged = lies_in(start.file, "/usr/lib") || lies_in(start.file, "/lib") ||
                           lies_in(start.file, "/usr/share") || lies_in(start.file, "/nix/store");
  return start.is_enabled || start.is_active || !is_packaged;
}

// Its configuration could not be looked at. A container uses nothing of this host but its mounts.
bool is_not_known(const Start& start, const Resolution& resolution) {
  return resolution.outcome == Resolution::Outcome::unknown && resolution.may_lie_in.empty() &&
         !start.is_container;
}

bool needs_certificate(const Resolution& resolution) {
  return resolution.runs_by_name ||
         std::ranges::any_of(resolution.files, [](const NeededFile& file) {
           return file.what == NeedOf::account_certificate;
         });
}

// All that the starts of a host need, file by file.
class Needs {
 public:
  Needs(Look& look, const StartSearch& search, const SubjectFrame& frame)
      : look_{look}, search_{search}, frame_{frame} {}

  void add(const KnownStart& known) {
    Resolver resolver{look_, search_, known};
    Need need = need_of(known, resolver.runner());
    if (!known.controlled_by) root_starts_.push_back({known.start, need});
    if (known.start.invocation.mode == Invocation::Mode::quick) return;
    const Resolution resolution = resolver.run();
    set_controller(need, known.controlled_by);
    add_files(known, resolver, resolution, need);
    if (resolution.secret == Resolution::Secret::definition) add_inline(known, need);
    Connector connector{.controlled_by = known.controlled_by,
                        .is_connector = is_connector(known) && need.is_in_use,
                        .needs_certificate = needs_certificate(resolution),
                        .is_not_known = is_not_known(known.start, resolution)};
    for (const std::string& directory : resolution.may_lie_in) {
      connector.may_use.push_back(place_on_host(known.start, directory).path);
    }
    connectors_.push_back(std::move(connector));
    if (resolution.secret == Resolution::Secret::file) accept_pointers(resolver, resolution);
    add_service(known, need, resolution);
  }

  void give_out() {
    for (Subject& subject : look_.subjects) give(subject);
    give_named();
    std::ranges::move(services_, std::back_inserter(look_.subjects));
  }

 private:
  struct Connector {
    std::optional<std::uint32_t> controlled_by;
    bool is_connector = false;
    bool needs_certificate = false;
    bool is_not_known = false;         // What it uses: it may be anything.
    std::vector<std::string> may_use;  // Directories: any credentials there may be its tunnel's.
  };

  static Need need_of(const KnownStart& known, const Runner& runner) {
    const Start& start = known.start;
    std::vector<std::uint32_t> more_gids;
    if (runner.reader) more_gids = runner.reader->who.gids;
    return {.who = start.who,
            .source = start.source,
            .file = start.file,
            .line = start.line,
            .user = runner.user,
            .uid = runner.uid,
            .gid = runner.gid,
            .more_gids = std::move(more_gids),
            .is_in_use = is_in_use(start),
            .is_container = start.is_container,
            .is_active = start.is_active,
            .is_enabled = start.is_enabled,
            .reads_everything = runner.reader && runner.reader->bypasses,
            .is_powerless = runner.reader && runner.reader->who.is_powerless};
  }

  void add_files(const KnownStart& known, Resolver& resolver, const Resolution& resolution,
                 const Need& need) {
    // What a user's configuration leads to, that user chose.
    std::optional<std::uint32_t> controlled_by = known.controlled_by;
    for (const NeededFile& file : resolution.files) {
      const Find& found = resolver.find(file.path);
      if (!found.facts) continue;
      Need one = need;
      one.what = file.what;
      one.runs_on_inline = resolution.secret == Resolution::Secret::configuration;
      one.read_by_manager = found.place.is_read_by_manager;
      one.entered_at = found.place.entered_at;
      const bool is_named = is_named_by(known.start.invocation, file.path);
      set_controller(one, is_named ? known.controlled_by : controlled_by);
      one.obstacle = found.obstacle;
      if (found.sight == Sight::readable || found.sight == Sight::blank) one.can_read = true;
      if (found.sight == Sight::hidden || found.sight == Sight::unreadable) one.can_read = false;
      by_inode_[found.facts->id].push_back(std::move(one));
      if (search_.request.paths.empty()) {
        look_.add(needed_file(found.place.path, known.start.who));
      }
      if (file.what == NeedOf::configuration && !controlled_by && found.controller != 0) {
        controlled_by = found.controller;
      }
    }
    look_.run();
  }

  // Where `~` and relative paths of a configuration lead to depends on who runs it: what this one
  // found is not missing.
  void accept_pointers(Resolver& resolver, const Resolution& resolution) {
    if (resolution.files.front().what != NeedOf::configuration) return;
    const std::string& configuration = resolver.find(resolution.files.front().path).place.path;
    const std::string_view key = key_of(resolution.files.back().what);
    for (Subject& subject : look_.subjects) {
      if (subject.type == SubjectType::pointer && subject.path == configuration &&
          subject.pointer_key == key && subject.target_present == Answer::no) {
        subject.target_present = Answer::unknown;
      }
    }
  }

  static std::string_view key_of(NeedOf what) {
    switch (what) {
      case NeedOf::token_file:
        return "token-file";
      case NeedOf::tunnel_credentials:
        return "credentials-file";
      case NeedOf::account_certificate:
        return "origincert";
      case NeedOf::configuration:
      case NeedOf::inline_secret:
      case NeedOf::passage:
        break;
    }
    return "";
  }

  static bool is_named_by(const Invocation& invocation, const std::string& path) {
    return path == invocation.credentials_file || path == invocation.token_file ||
           path == invocation.origin_certificate || path == invocation.config;
  }

  // The service manager reads the definition, whoever the service runs as; not its scripts.
  void add_inline(const KnownStart& known, const Need& need) {
    const std::vector<std::string>& own = known.start.read_as_runner;
    for (const std::string& file : known.start.files) {
      Need one = need;
      one.what = NeedOf::inline_secret;
      one.read_by_manager = std::ranges::find(own, file) == own.end();
      one.can_read = true;
      by_path_[file].push_back(std::move(one));
    }
  }

  void add_service(const KnownStart& known, const Need& need, const Resolution& resolution) {
    if (!search_.request.paths.empty() || !search_.request.only_user.empty()) return;
    const Start& start = known.start;
    if (start.invocation.mode == Invocation::Mode::manage) return;  // No tunnel is run.
    FileFacts facts;
    if (start.source != StartSource::process) {
      const Result<Opened> opened = search_.opener.open(start.file);
      if (opened) facts = complete_facts(*opened);
    }
    Subject subject = subject_of_file(SubjectType::service, start.file, facts, frame_);
    if (start.line != 0) subject.line = start.line;
    subject.place = PlaceKind::service;
    subject.age_days.reset();
    ServiceFacts service{.need = need, .tried = resolution.tried, .missing = resolution.missing};
    service.resolves = resolution.outcome == Resolution::Outcome::nothing   ? Answer::no
                       : resolution.outcome == Resolution::Outcome::unknown ? Answer::unknown
                                                                            : Answer::yes;
    subject.service = std::move(service);
    services_.push_back(std::move(subject));
  }

  void give(Subject& subject) {
    const auto by_inode = by_inode_.find(subject.facts.id);
    if (by_inode != by_inode_.end()) take(subject, by_inode->second);
    const bool is_inline = subject.type == SubjectType::credential && subject.line.has_value();
    const bool is_argument = subject.path.starts_with("/proc/");
    const auto by_path = by_path_.find(subject.path);
    if ((is_inline || is_argument) && by_path != by_path_.end()) take(subject, by_path->second);
    sort_needs(subject.needs);
    sort_needs(subject.claims);
    expect_by_needs(subject, frame_);
    for (const Connector& one : connectors_) {
      if (!binds(one.controlled_by, subject) || !one.is_connector) continue;
      subject.host_has_needs = true;
      subject.on_connector = Answer::yes;
    }
    const bool is_uncertain = std::ranges::any_of(connectors_, [&](const Connector& one) {
      return one.is_connector && one.is_not_known && binds(one.controlled_by, subject);
    });
    if (is_uncertain) subject.on_connector = Answer::unknown;
    if (is_uncertain || may_be_used(subject)) subject.host_has_needs = false;
    // A command of a crontab that uses the certificate is a reason for it to be there, too.
    const bool is_by_name = std::ranges::any_of(connectors_, [&](const Connector& one) {
      return one.needs_certificate && binds(one.controlled_by, subject);
    });
    if (is_by_name) subject.on_connector = Answer::no;
  }

  // Files first: who reads one below a directory is known to pass it.
  void give_named() {
    NamedNeeds named{look_, search_, std::move(root_starts_)};
    for (Subject& subject : look_.subjects) {
      const bool is_file = subject.type != SubjectType::directory &&
                           subject.type != SubjectType::pointer &&
                           subject.type != SubjectType::service;
      if (is_file) add(subject, named.of_file(subject));
    }
    for (Subject& subject : look_.subjects) {
      if (subject.type != SubjectType::directory) continue;
      add(subject, named.of_directory(subject, look_.subjects));
    }
  }

  static void add(Subject& subject, std::vector<Need> needs) {
    std::ranges::move(needs, std::back_inserter(subject.needs));
    sort_needs(subject.needs);
  }

  // Of a tunnel that is run by name only Cloudflare knows the id.
  bool may_be_used(const Subject& subject) const {
    return subject.credential.kind == "tunnel-credentials" &&
           std::ranges::any_of(connectors_, [&](const Connector& one) {
             const std::string directory{directory_of(subject.path)};
             return binds(one.controlled_by, subject) &&
                    std::ranges::find(one.may_use, directory) != one.may_use.end();
           });
  }

  void set_controller(Need& need, std::optional<std::uint32_t> uid) const {
    need.controlled_by = uid;
    need.controller = uid ? search_.accounts.user_name(*uid) : "";
  }

  static void sort_needs(std::vector<Need>& needs) {
    std::ranges::sort(needs, {}, [](const Need& need) {
      return std::tie(need.who, need.file, need.line, need.what);
    });
  }

  static bool binds(std::optional<std::uint32_t> controlled_by, const Subject& subject) {
    return !controlled_by || *controlled_by == subject.facts.permissions.uid;
  }

  static void take(Subject& subject, const std::vector<Need>& needs) {
    const bool is_inline = subject.type == SubjectType::credential && subject.line.has_value();
    for (const Need& need : needs) {
      // A token that another one beats is read with its configuration, and not used.
      if (is_inline && need.what == NeedOf::configuration && !need.runs_on_inline) continue;
      if (binds(need.controlled_by, subject)) {
        subject.needs.push_back(need);
      } else if (need.source == StartSource::process && subject.claims.size() < max_claims) {
        subject.claims.push_back(need);
        subject.claims.back().is_claim = true;
      }
    }
  }

  Look& look_;
  const StartSearch& search_;
  const SubjectFrame& frame_;
  std::map<FileId, std::vector<Need>> by_inode_;
  std::map<std::string, std::vector<Need>> by_path_;
  std::vector<RootStart> root_starts_;
  std::vector<Connector> connectors_;
  std::vector<Subject> services_;
};

}  // namespace

void add_needs(Look& look, const std::vector<KnownStart>& starts, const StartSearch& search,
               const SubjectFrame& frame) {
  Needs needs{look, search, frame};
  for (const KnownStart& known : starts) needs.add(known);
  needs.give_out();
}

}  // namespace cfwarden
