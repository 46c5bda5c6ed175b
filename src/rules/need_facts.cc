#include "cfwarden/rules/need_facts.h"

#include <algorithm>
#include <functional>

namespace cfwarden {
namespace {

constexpr std::uint32_t root_id = 0;
constexpr std::uint32_t nogroup = 65534;
constexpr unsigned group_read = 040;
constexpr unsigned others_read = 04;

void add_once(std::vector<std::string>& all, const std::string& one) {
  if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(one);
}

// Reads the file itself, as somebody who is not root.
bool reads_as_another(const Need& need) {
  return !need.read_by_manager && need.uid != root_id;
}

// Only root could have invented it.
bool is_genuine(const Need& need) {
  return !need.controlled_by;
}

std::string as_whom(const Need& need) {
  return need.source == StartSource::systemd ? "User=" + need.user : "user " + need.user;
}

std::string sentence_on(const Need& need) {
  std::string text = need.is_container ? "container " : "";
  text += need.who + " (" + as_whom(need) + ")";
  if (need.obstacle.empty()) return text + " cannot read it";
  return text + (need.obstacle.starts_with("cannot") ? " " : ": ") + need.obstacle;
}

// Of a group that everybody's or nobody's files have, membership says nothing.
bool is_in_group_of(const Need& need, const Permissions& permissions) {
  const std::uint32_t gid = permissions.gid;
  if (gid == root_id || gid == nogroup) return false;
  return need.gid == gid || std::ranges::find(need.more_gids, gid) != need.more_gids.end();
}

bool reads_through_group(const Need& need, const Subject& subject) {
  const Permissions& permissions = subject.facts.permissions;
  return is_genuine(need) && reads_as_another(need) && need.can_read == true &&
         need.uid != permissions.uid && is_in_group_of(need, permissions) &&
         (permissions.mode & group_read) != 0;
}

bool is_locked_out_by(unsigned mended_mode, const Need& need, const Permissions& permissions) {
  if (need.can_read != true || !reads_as_another(need)) return false;
  if (need.uid == permissions.uid || (mended_mode & others_read) != 0) return false;
  const bool others_read_now = (permissions.mode & others_read) != 0;
  const bool reads_as_group = is_in_group_of(need, permissions) || !others_read_now;
  return !reads_as_group || (mended_mode & group_read) == 0;
}

std::vector<std::string> gathered(const Subject& subject,
                                  const std::function<std::string(const Need&)>& word) {
  std::vector<std::string> all;
  for (const Need& need : subject.needs) add_once(all, word(need));
  return all;
}

}  // namespace

const Need* service_of(const Subject& subject) {
  if (subject.service) return &subject.service->need;
  const std::vector<Need>& needs = subject.needs;
  auto found = std::ranges::find_if(needs, [](const Need& need) { return need.can_read == false; });
  if (found == needs.end()) found = std::ranges::find_if(needs, reads_as_another);
  if (found == needs.end()) found = needs.begin();
  return found == needs.end() ? nullptr : &*found;
}

std::vector<std::string> names_of_needs(const Subject& subject) {
  return gathered(subject, [](const Need& need) { return need.who; });
}

std::vector<std::string> users_of_needs(const Subject& subject) {
  if (subject.service) return {subject.service->need.user};
  return gathered(subject, [](const Need& need) { return need.user; });
}

std::vector<std::string> controllers_of_needs(const Subject& subject) {
  if (subject.service) {
    const std::string& controller = subject.service->need.controller;
    return controller.empty() ? std::vector<std::string>{} : std::vector{controller};
  }
  return gathered(subject, [](const Need& need) { return need.controller; });
}

Answer can_be_read(const Subject& subject) {
  if (subject.needs.empty()) return Answer::unknown;
  Answer answer = Answer::yes;
  for (const Need& need : subject.needs) {
    if (need.can_read == false) return Answer::no;
    if (!need.can_read) answer = Answer::unknown;
  }
  return answer;
}

std::string first_obstacle(const Subject& subject) {
  for (const Need& need : subject.needs) {
    if (need.can_read == false) return sentence_on(need);
  }
  return {};
}

bool is_read_through_service_group(const Subject& subject) {
  return std::ranges::any_of(subject.needs,
                             [&](const Need& need) { return reads_through_group(need, subject); });
}

std::vector<std::string> group_outsiders(const Subject& subject) {
  if (!is_read_through_service_group(subject)) return {};
  if (subject.exposure.readers.audience == Audience::everyone) return {};
  std::vector<std::string> outsiders;
  for (const std::string& account : subject.exposure.readers.accounts) {
    const bool needs_it = std::ranges::any_of(
        subject.needs, [&](const Need& need) { return is_genuine(need) && need.user == account; });
    if (!needs_it) outsiders.push_back(account);
  }
  return outsiders;
}

bool is_owned_by_service_user(const Subject& subject) {
  return std::ranges::any_of(subject.needs, [&](const Need& need) {
    return is_genuine(need) && reads_as_another(need) && !need.is_container &&
           need.uid == subject.facts.permissions.uid;
  });
}

bool has_mismatched_container(const Subject& subject) {
  const Permissions& permissions = subject.facts.permissions;
  return std::ranges::any_of(subject.needs, [&](const Need& need) {
    return need.is_container && is_genuine(need) && need.uid && reads_as_another(need) &&
           need.uid != permissions.uid && !reads_through_group(need, subject);
  });
}

std::vector<std::string> locked_out_by(unsigned mended_mode, const Subject& subject) {
  const Permissions& permissions = subject.facts.permissions;
  std::vector<std::string> names;
  for (const Need& need : subject.needs) {
    if (is_genuine(need) && is_locked_out_by(mended_mode, need, permissions)) {
      add_once(names, need.who + " (" + as_whom(need) + ")");
    }
  }
  return names;
}

}  // namespace cfwarden
