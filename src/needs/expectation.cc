#include "cfwarden/needs/expectation.h"

#include <algorithm>
#include <cstddef>

namespace cfwarden {
namespace {

constexpr std::uint32_t nogroup = 65534;  // Of whatever has no group of its own.
constexpr std::size_t max_reasons = 3;

template <typename T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

// What one need asks for.
struct Demand {
  unsigned mode = 0600;
  std::uint32_t uid = 0;
  std::string owner = "root";
  std::string because;
};

bool counts(const Need& need) {
  if (need.controlled_by) return false;
  return need.read_by_manager || need.uid || need.user == "dynamic";
}

// Nobody is in the file's group but those who need it.
bool is_group_of_needs(const Holding& held, std::span<const Need> needs) {
  if (held.gid == nogroup) return false;
  return std::ranges::all_of(held.group_members, [&](const std::string& member) {
    return std::ranges::any_of(
        needs, [&](const Need& need) { return counts(need) && need.user == member; });
  });
}

bool is_in_group(const Need& need, const Holding& held) {
  return need.gid == held.gid || contains(need.more_gids, held.gid) ||
         contains(held.group_members, need.user);
}

Demand demand_of_root(const Need& need, const std::string& who) {
  if (!need.read_by_manager) return {.because = who + " runs as root"};
  if (need.source != StartSource::systemd) return {.because = "it is read as root for " + who};
  return {.because = "systemd reads it as root and hands it to " + who};
}

Demand demand_of(const Need& need, const Holding& held, bool may_share) {
  const std::string who = (need.is_container ? "container " : "") + need.who;
  if (need.read_by_manager || need.uid == 0U) return demand_of_root(need, who);
  if (!need.uid && may_share && is_in_group(need, held)) {
    return {.mode = 0640,
            .because = who + " runs as a dynamic user, which reads it through its group"};
  }
  if (!need.uid) {
    return {.because = who +
                       " runs as a dynamic user, which owns nothing: LoadCredential= would "
                       "hand it over"};
  }
  Demand demand{.uid = *need.uid, .owner = need.user, .because = who + " runs as " + need.user};
  if (held.uid == *need.uid) {
    demand.because += ": owner root would lock it out";
  } else if (may_share && is_in_group(need, held)) {
    demand.mode = 0640;
    demand.because += ", which reads it through its own group";
  } else {
    demand.because += ", which must own it";
  }
  return demand;
}

void add_owner(Expectation& expectation, std::uint32_t uid, const std::string& name) {
  if (contains(expectation.owners, uid)) return;
  expectation.owners.push_back(uid);
  if (!expectation.owner_text.empty()) expectation.owner_text += " or ";
  expectation.owner_text += name;
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (std::size_t i = 0; i < reasons.size() && i < max_reasons; ++i) {
    text += (i == 0 ? "" : "; ") + reasons[i];
  }
  if (reasons.size() > max_reasons) {
    text += "; and " + std::to_string(reasons.size() - max_reasons) + " more";
  }
  return text;
}

}  // namespace

std::optional<Expectation> expected_for(Authority authority, const Holding& held,
                                        std::span<const Need> needs) {
  const bool may_share = authority == Authority::run_tunnel && is_group_of_needs(held, needs);
  Expectation expectation;
  std::vector<std::string> reasons;
  for (const Need& need : needs) {
    if (!counts(need)) continue;
    Demand demand = demand_of(need, held, may_share);
    expectation.allowed_mode |= demand.mode;
    // Through a group it is read whoever owns it; the usual owner then is root.
    if (demand.mode == 0640) add_owner(expectation, 0, "root");
    add_owner(expectation, demand.uid, demand.owner);
    if (!contains(reasons, demand.because)) reasons.push_back(std::move(demand.because));
  }
  if (reasons.empty()) return std::nullopt;
  if (held.home_owner) add_owner(expectation, *held.home_owner, held.home_owner_name);
  if (!contains<std::uint32_t>(expectation.owners, 0)) expectation.owners.push_back(0);
  expectation.because = joined(reasons);
  return expectation;
}

}  // namespace cfwarden
