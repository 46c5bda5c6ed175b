#include "cfwarden/host/places.h"

#include "cfwarden/base/path.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/model/cloudflared_directories.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <map>
#include <utility>

namespace cfwarden {

namespace {

// Of the official image's user, uid 65532, which seldom has an account on the host.
constexpr std::string_view container_home = "/home/nonroot";
constexpr std::string_view root_home = "/root";

constexpr std::size_t max_names_in_why = 3;

constexpr std::string_view directory_of_homes = "/home";
constexpr std::size_t max_homes = 4096;
constexpr const char* why_stray = "home without an account";

// Accounts of services often have a home that does not exist.
bool is_usable(std::string_view home) {
  return home.starts_with('/') && home != "/nonexistent";
}

// home -> the names of those who share it, in the order of the accounts.
using Homes = std::map<std::string, std::vector<std::string>>;

void add_home(Homes& homes, std::string_view home, const std::string& name) {
  if (is_usable(home)) homes[std::string{home}].push_back(name);
}

Homes homes_of(const Accounts& accounts, const Caller& caller) {
  Homes homes;
  if (!caller.sees_all_homes && caller.only_user.empty()) {
    add_home(homes, caller.home, accounts.user_name(caller.uid));
    return homes;
  }
  for (const Account& account : accounts.users) {
    const bool is_chosen = caller.only_user.empty() || account.name == caller.only_user;
    if (is_chosen) add_home(homes, account.home, account.name);
  }
  // Whatever the database says or leaves out, root logs in somewhere.
  if (caller.only_user.empty() && accounts.find_uid(0) == nullptr) {
    add_home(homes, root_home, "root");
  }
  if (caller.only_user.empty() && !homes.contains(std::string{container_home})) {
    add_home(homes, container_home, "the container user");
  }
  return homes;
}

std::string names_text(const std::vector<std::string>& names) {
  const std::size_t shown = names.size() > max_names_in_why + 1 ? max_names_in_why : names.size();
  std::string text = names.front();
  for (std::size_t i = 1; i < shown; ++i) {
    const bool is_last = i + 1 == names.size();
    text.append(is_last ? " and " : ", ").append(names[i]);
  }
  if (shown == names.size()) return text;
  return text + " and " + std::to_string(names.size() - shown) + " more";
}

using ByPath = std::map<std::string, Candidate>;

void add_candidate(ByPath& candidates, std::string path, PlaceShape shape, std::string why) {
  Candidate candidate{
      .place = {.path = path,
                .kind = shape == PlaceShape::planted_pair ? PlaceKind::home
                                                          : PlaceKind::default_directory,
                .why = std::move(why),
                .state = PlaceState::looked_at},
      .shape = shape};
  const auto [known, is_new] = candidates.try_emplace(std::move(path));
  // A home may be another's credential directory: there every file is looked into.
  const bool wins = is_new || known->second.shape == PlaceShape::planted_pair;
  if (wins) known->second = std::move(candidate);
}

std::vector<Candidate> in_order(ByPath&& by_path) {
  std::vector<Candidate> candidates;
  for (auto& [path, candidate] : by_path) candidates.push_back(std::move(candidate));
  return candidates;
}

void add_places_of_home(ByPath& by_path, const std::string& home, const std::string& why_home,
                        const std::string& why_directory) {
  add_candidate(by_path, home, PlaceShape::planted_pair, why_home);
  for (const std::string_view name : directories_of_a_home) {
    add_candidate(by_path, joined(home, name), PlaceShape::credential_directory, why_directory);
  }
}

// Also of those above a home: /home/students of /home/students/alice.
bool is_of_an_account(const std::string& directory, const Accounts& accounts) {
  return directory == container_home ||
         std::ranges::any_of(accounts.users, [&](const Account& account) {
           return lies_in(account.home, directory);
         });
}

bool is_original_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> whole{"token", "config.yml", "config.yaml", ".env"};
  constexpr std::array<std::string_view, 5> ends{".pem", ".json", "-token", ".env", "-cf_key"};
  return std::ranges::find(whole, name) != whole.end() ||
         std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

std::vector<Candidate> default_candidates(const Accounts& accounts, const Caller& caller) {
  ByPath by_path;
  for (const auto& [home, names] : homes_of(accounts, caller)) {
    const std::string owners = names_text(names);
    add_places_of_home(by_path, home, "home of " + owners, "default directory of " + owners);
  }
  if (caller.only_user.empty()) {
    for (const std::string_view directory : directories_of_the_system) {
      add_candidate(by_path, std::string{directory}, PlaceShape::credential_directory,
                    "default directory of the system");
    }
  }
  return in_order(std::move(by_path));
}

StrayHomes stray_homes(const Opener& opener, const Accounts& accounts) {
  const Result<Opened> homes = opener.open(directory_of_homes);
  if (!homes) {
    if (is_absent(homes.error())) return {};
    return {.candidates = {}, .gaps = {{std::string{directory_of_homes}, homes.error().what}}};
  }
  const Result<Names> names = list(*homes, max_homes);
  if (!names) return {.candidates = {}, .gaps = {{homes->path, names.error().what}}};

  StrayHomes stray;
  if (names->truncated) {
    stray.gaps.push_back({homes->path, "has more than " + std::to_string(max_homes) +
                                           " entries: the others were not looked at"});
  }
  ByPath by_path;
  for (const Entry& entry : names->entries) {
    if (entry.type_known && entry.type != FileType::directory) continue;
    const std::string home = joined(homes->path, entry.name);
    const bool is_known = is_of_an_account(home, accounts) ||
                          is_of_an_account(joined(homes->location, entry.name), accounts);
    if (!is_known) add_places_of_home(by_path, home, why_stray, why_stray);
  }
  stray.candidates = in_order(std::move(by_path));
  return stray;
}

bool is_candidate_name(std::string_view file_name) {
  return is_original_name(file_name) || is_original_name(backup_name(file_name).original);
}

}  // namespace cfwarden
