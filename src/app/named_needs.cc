#include "cfwarden/app/named_needs.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/app/runner.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/opener.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_places = 4096;  // Looked at, of all that is named.
constexpr std::size_t max_depth = 3;      // Of scripts that name scripts.
constexpr std::string_view unknown_user = "unknown";

// Programs and libraries: no credential and no default directory of cloudflared's lies there.
bool is_of_system(std::string_view path) {
  constexpr std::array<std::string_view, 10> places{
      "/bin",      "/sbin",    "/lib",       "/lib64",     "/usr/bin",
      "/usr/sbin", "/usr/lib", "/usr/share", "/usr/lib64", "/boot"};
  return is_made_by_kernel(path) ||
         std::ranges::any_of(places, [&](std::string_view place) { return lies_in(path, place); });
}

// One text that defines many things, each on a line of its own.
bool is_by_lines(StartSource source) {
  return source == StartSource::cron || source == StartSource::supervisord;
}

bool is_of_many_containers(StartSource source) {
  return source == StartSource::compose || source == StartSource::kubernetes;
}

bool is_of_same_start(const Need& one, const Need& other) {
  return one.who == other.who && one.file == other.file &&
         (!is_by_lines(one.source) || one.line == other.line);
}

// What is read as root for it says nothing of what its own user reads beside that.
bool is_known(const Need& need, std::span<const Need> known) {
  return std::ranges::any_of(known, [&](const Need& other) {
    return is_of_same_start(need, other) &&
           (!other.read_by_manager || other.what == NeedOf::inline_secret);
  });
}

bool passes_already(const Need& need, const Subject& directory, std::span<const Subject> all) {
  return std::ranges::any_of(all, [&](const Subject& subject) {
    return lies_in(subject.path, directory.path) &&
           std::ranges::any_of(subject.needs, [&](const Need& other) {
             return is_of_same_start(need, other) && !other.read_by_manager &&
                    other.can_read != false && other.entered_at.empty();
           });
  });
}

NeedOf what_of(const Subject& subject) {
  if (subject.type == SubjectType::configuration) return NeedOf::configuration;
  if (subject.credential.kind == "account-certificate") return NeedOf::account_certificate;
  if (subject.credential.kind == "tunnel-credentials") return NeedOf::tunnel_credentials;
  return NeedOf::token_file;
}

void add_new(std::vector<Need>& all, Need need) {
  const bool is_there = std::ranges::any_of(all, [&](const Need& other) {
    return is_of_same_start(need, other) && need.user == other.user;
  });
  if (!is_there) all.push_back(std::move(need));
}

// Of the last setting of a unit's text; nullopt where it has none.
std::optional<std::string> setting_in(std::string_view text, std::string_view key) {
  std::optional<std::string> value;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    const std::string_view name = line.substr(0, equals);
    if (name.substr(0, name.find_last_not_of(" \t") + 1) != key) continue;
    line.remove_prefix(equals + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    value = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  }
  return value;
}

// "x.service" of the unit's own text and of its drop-ins; "" where it is no unit.
std::string unit_of(std::string_view path) {
  if (path.ends_with(".service")) return std::string{file_name_of(path)};
  const std::string_view directory = file_name_of(directory_of(path));
  if (!path.ends_with(".conf") || !directory.ends_with(".service.d")) return "";
  return std::string{directory.substr(0, directory.size() - 2)};
}

constexpr std::string_view command_key = "\nExecStart=";

// Of a drop-in: the unit's own command does not count.
bool resets_command(std::string_view text) {
  return text.find(std::string{command_key} + '\n') != text.npos;
}

// As a comment, so that every line keeps its number.
std::string without_command(std::string text) {
  for (std::size_t at = text.find(command_key); at != text.npos; at = text.find(command_key, at)) {
    text[at + 1] = '#';
  }
  return text;
}

// A unit that nothing starts, or that is masked, and that no administrator wrote.
bool is_packaged(std::string_view path) {
  return lies_in(path, "/usr/lib") || lies_in(path, "/lib") || lies_in(path, "/nix/store");
}

// The user's column of a system's crontab: the 6th word, or the 2nd behind "@reboot".
std::string user_in_crontab(std::string_view text, std::size_t line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  text = text.substr(0, text.find('\n'));
  std::string_view word;
  std::size_t left = 6;
  for (std::size_t taken = 0; taken < left; ++taken) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    if (taken == 0 && word.starts_with('@')) left = 2;
  }
  return std::string{word.substr(0, word.find('/'))};
}

bool is_system_crontab(std::string_view path) {
  return path == "/etc/crontab" || directory_of(path) == "/etc/cron.d";
}

bool is_crontab(std::string_view path) {
  return is_system_crontab(path) || lies_in(path, "/var/spool/cron") ||
         lies_in(path, "/etc/crontabs");
}

}  // namespace

NamedNeeds::NamedNeeds(const Look& look, const StartSearch& search, std::vector<RootStart> starts)
    : search_{search}, starts_{std::move(starts)} {
  std::set<std::string> replaced;
  for (const ServiceText& text : look.service_texts) {
    const bool resets =
        text.owner == 0 && text.path.ends_with(".conf") && resets_command(text.text);
    if (resets) replaced.insert(unit_of(text.path));
  }
  for (const ServiceText& text : look.service_texts) {
    const bool is_roots = text.owner == 0 && !text.path.starts_with("/proc/");
    if (!is_roots || !text.link_target.empty()) continue;
    const bool is_replaced =
        text.path.ends_with(".service") && replaced.contains(unit_of(text.path));
    texts_.push_back({.text = text,
                      .named = paths_named_in(is_replaced ? without_command(text.text) : text.text),
                      .may_change_user = may_change_user(text.text)});
  }
}

const NamedNeeds::Place& NamedNeeds::place_of(const std::string& path) {
  static const Place nowhere;
  const auto known = places_.find(path);
  if (known != places_.end()) return known->second;
  if (is_of_system(path) || places_.size() >= max_places) return nowhere;
  Place place;
  if (const Result<Opened> opened = search_.opener.open(path)) {
    const FileFacts facts = complete_facts(*opened);
    place.is_there = true;
    place.id = facts.id;
    for (const DirectoryFacts& above : facts.ancestors) place.above.push_back(above.id);
  }
  return places_.emplace(path, std::move(place)).first->second;
}

bool NamedNeeds::names_file(const Text& text, const NamedPath& named, const Subject& subject) {
  const std::string_view path = subject.path;
  switch (named.form) {
    case NamedPath::Form::whole: {
      if (path == named.path) return true;
      const Place& place = place_of(named.path);
      return place.is_there && place.id == subject.facts.id;
    }
    case NamedPath::Form::begin:
      return path.starts_with(named.path) && directory_of(path) == directory_of(named.path + "x") &&
             text.text.path != subject.path;
    case NamedPath::Form::end: {
      if (!path.ends_with(named.path)) return false;
      const std::string_view directory = path.substr(0, path.size() - named.path.size());
      return std::ranges::any_of(text.named, [&](const NamedPath& other) {
        return other.form == NamedPath::Form::whole && other.path == directory;
      });
    }
  }
  return false;
}

bool NamedNeeds::names_below(const NamedPath& named, const Subject& directory) {
  if (named.form == NamedPath::Form::end) return false;
  if (lies_in(named.path, directory.path)) return true;
  if (named.form == NamedPath::Form::begin) return false;
  const Place& place = place_of(named.path);
  return place.is_there &&
         (place.id == directory.facts.id ||
          std::ranges::find(place.above, directory.facts.id) != place.above.end());
}

std::vector<Need> NamedNeeds::of_file(const Subject& subject) {
  std::vector<Need> found;
  for (const Text& text : texts_) {
    if (text.text.path == subject.path) continue;
    for (const NamedPath& named : text.named) {
      if (!names_file(text, named, subject)) continue;
      for (Need& need : needs_of({&text, named.line}, 0)) {
        if (is_known(need, subject.needs) || is_beside_root(need, subject)) continue;
        need.what = what_of(subject);
        add_new(found, std::move(need));
      }
    }
  }
  return found;
}

// Of a start with a root directory of its own only what lies below that counts.
bool NamedNeeds::is_beside_root(const Need& need, const Subject& subject) const {
  return std::ranges::any_of(starts_, [&](const RootStart& one) {
    const std::string& root = one.start.root_directory;
    return is_of_same_start(one.need, need) && !root.empty() && !lies_in(subject.path, root);
  });
}

std::vector<Need> NamedNeeds::of_directory(const Subject& directory, std::span<const Subject> all) {
  std::vector<Need> found;
  const auto take = [&](Need need) {
    need.what = NeedOf::passage;
    need.can_read.reset();
    if (is_beside_root(need, directory)) return;
    if (!passes_already(need, directory, all)) add_new(found, std::move(need));
  };
  for (const RootStart& one : starts_) {
    const std::string& works_in = one.start.working_directory;
    if (one.start.is_container || !works_in.starts_with('/')) continue;
    if (names_below({works_in, NamedPath::Form::whole, 0}, directory)) take(one.need);
  }
  for (const Text& text : texts_) {
    for (const NamedPath& named : text.named) {
      if (!names_below(named, directory)) continue;
      for (Need& need : needs_of({&text, named.line}, 0)) take(std::move(need));
    }
  }
  return found;
}

// Those that the text is part of; else of the definitions that name it, which run it; else of the
// text alone.
std::vector<Need> NamedNeeds::needs_of(const Namer& namer, std::size_t depth) const {
  const Text& text = *namer.text;
  std::vector<Need> needs = needs_of_starts(namer);
  if (!needs.empty()) return needs;
  if (is_packaged(text.text.path)) return needs;
  if (!unit_of(text.text.path).empty()) return {need_of_unit(text)};
  if (is_crontab(text.text.path)) return {need_of_line(namer)};
  for (const Text& other : texts_) {
    if (depth == max_depth || &other == &text) continue;
    for (const NamedPath& named : other.named) {
      if (named.form != NamedPath::Form::whole || named.path != text.text.path) continue;
      for (Need& need : needs_of({&other, named.line}, depth + 1)) {
        if (text.may_change_user && need.uid == 0U) set_user(need, std::string{unknown_user});
        add_new(needs, std::move(need));
      }
    }
  }
  if (needs.empty()) needs.push_back(unknown_need(text));
  return needs;
}

std::vector<Need> NamedNeeds::needs_of_starts(const Namer& namer) const {
  const Text& text = *namer.text;
  std::vector<Need> needs;
  bool has_others = false;
  for (const RootStart& one : starts_) {
    const Start& start = one.start;
    if (std::ranges::find(start.files, text.text.path) == start.files.end()) continue;
    const bool is_own_text = start.file == text.text.path;
    if (is_own_text && is_by_lines(start.source) && start.line != namer.line) continue;
    has_others |= is_own_text && is_of_many_containers(start.source);
    add_new(needs, one.need);
    if (one.need.uid == 0U && text.may_change_user) {
      Need other = one.need;
      set_user(other, std::string{unknown_user});
      add_new(needs, std::move(other));
    }
  }
  if (has_others) add_new(needs, unknown_need(text));
  return needs;
}

// All that its texts say together: of several users it is not known which counts.
Need NamedNeeds::need_of_unit(const Text& text) const {
  Need need = unknown_need(text);
  need.who = unit_of(text.text.path);
  std::vector<std::string> users;
  bool is_dynamic = false;
  for (const Text& other : texts_) {
    if (unit_of(other.text.path) != need.who) continue;
    const auto user = setting_in(other.text.text, "User");
    if (user && std::ranges::find(users, *user) == users.end()) users.push_back(*user);
    is_dynamic |= setting_in(other.text.text, "DynamicUser").has_value();
  }
  if (is_dynamic || users.size() > 1 || text.may_change_user) return need;
  set_user(need, users.empty() || users.front().empty() ? "root" : users.front());
  return need;
}

Need NamedNeeds::need_of_line(const Namer& namer) const {
  const Text& text = *namer.text;
  Need need = unknown_need(text);
  need.who = "cron:" + text.text.path;
  need.source = StartSource::cron;
  need.line = namer.line;
  if (text.may_change_user) return need;
  const bool names_users = is_system_crontab(text.text.path);
  set_user(need, names_users ? user_in_crontab(text.text.text, namer.line)
                             : std::string{file_name_of(text.text.path)});
  return need;
}

Need NamedNeeds::unknown_need(const Text& text) const {
  Need need{.who = std::string{file_name_of(text.text.path)}, .file = text.text.path};
  set_user(need, std::string{unknown_user});
  return need;
}

void NamedNeeds::set_user(Need& need, const std::string& user) const {
  Start start;
  if (user != "root") start.run_as.user = user;  // None stands for root.
  const Runner runner = runner_of(start, std::nullopt, search_.accounts);
  need.user = runner.uid ? runner.user : std::string{unknown_user};
  need.uid = runner.uid;
  need.gid = runner.gid;
  need.more_gids = runner.reader ? runner.reader->who.gids : std::vector<std::uint32_t>{};
}

}  // namespace cfwarden
