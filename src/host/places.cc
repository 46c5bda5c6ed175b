#include "cfwarden/host/places.h"

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/model/cloudflared_directories.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

namespace cfwarden {

namespace {

// Of the official image's user, uid 65532, which seldom has an account on the host.
constexpr std::string_view container_home = "/home/nonroot";

constexpr std::size_t max_names_in_why = 3;

// "" for a home that is none: accounts of services often have one that does not exist.
std::string usable_home(std::string_view home) {
  if (home.empty() || home.front() != '/') return {};
  std::string normal;
  while (!home.empty()) {
    const auto end = std::min(home.find('/'), home.size());
    if (end > 0) normal.append("/").append(home.substr(0, end));
    home.remove_prefix(std::min(end + 1, home.size()));
  }
  if (normal == "/nonexistent") return {};
  return normal.empty() ? "/" : normal;
}

std::string below(const std::string& home, std::string_view name) {
  std::string path = home == "/" ? "" : home;
  return path.append("/").append(name);
}

// home -> the names of those who share it, in the order of the accounts.
using Homes = std::map<std::string, std::vector<std::string>>;

void add_home(Homes& homes, std::string_view home, const std::string& name) {
  const std::string usable = usable_home(home);
  if (!usable.empty()) homes[usable].push_back(name);
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

void add_candidate(std::map<std::string, Candidate>& candidates, std::string path, PlaceShape shape,
                   std::string why) {
  Candidate candidate{
      .place = {.path = path,
                .kind = shape == PlaceShape::planted_pair ? PlaceKind::home
                                                          : PlaceKind::default_directory,
                .why = std::move(why),
                .state = PlaceState::looked_at},
      .shape = shape};
  const auto [known, is_new] = candidates.try_emplace(std::move(path), candidate);
  // A home may be another's credential directory: there every file is looked into.
  const bool wins = known->second.shape == PlaceShape::planted_pair;
  if (!is_new && wins) known->second = std::move(candidate);
}

bool is_original_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> whole{"token", "config.yml", "config.yaml", ".env"};
  constexpr std::array<std::string_view, 5> ends{".pem", ".json", "-token", ".env", "-cf_key"};
  return std::ranges::find(whole, name) != whole.end() ||
         std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

std::vector<Candidate> default_candidates(const Accounts& accounts, const Caller& caller) {
  std::map<std::string, Candidate> by_path;
  for (const auto& [home, names] : homes_of(accounts, caller)) {
    const std::string owners = names_text(names);
    add_candidate(by_path, home, PlaceShape::planted_pair, "home of " + owners);
    for (const std::string_view name : directories_of_a_home) {
      add_candidate(by_path, below(home, name), PlaceShape::credential_directory,
                    "default directory of " + owners);
    }
  }
  if (caller.only_user.empty()) {
    for (const std::string_view directory : directories_of_the_system) {
      add_candidate(by_path, std::string{directory}, PlaceShape::credential_directory,
                    "default directory of the system");
    }
  }
  std::vector<Candidate> candidates;
  for (auto& [path, candidate] : by_path) candidates.push_back(std::move(candidate));
  return candidates;
}

bool is_candidate_name(std::string_view file_name) {
  return is_original_name(file_name) || is_original_name(backup_name(file_name).original);
}

// Asked for every name of a walk: most are done with the first line.
}  // namespace cfwarden
