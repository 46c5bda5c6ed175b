#include "cfwarden/needs/user_namespace.h"

#include "cfwarden/needs/definition_texts.h"

namespace cfwarden {
namespace {

std::string_view text_of(const ServiceHost& host, const char* path, Starts& starts) {
  const ServiceText* found = find_text(host, path);
  if (found == nullptr) want(path, starts);
  return found != nullptr ? std::string_view{found->text} : "";
}

const Account* account_of(const ServiceHost& host, const std::string& user) {
  if (host.accounts == nullptr) return nullptr;
  const auto uid = decimal_id(user);
  return uid ? host.accounts->find_uid(*uid) : host.accounts->find_name(user);
}

}  // namespace

IdMap subordinate_uids(const ServiceHost& host, const std::string& user, std::uint32_t first,
                       Starts& starts) {
  const Account* account = account_of(host, user);
  const std::string_view text = text_of(host, "/etc/subuid", starts);
  if (account == nullptr) return subordinate_ids(text, user, user, first);
  return subordinate_ids(text, account->name, std::to_string(account->uid), first);
}

// A range of groups is given to a user too, by name or uid; Docker looks for the group's name.
IdMap subordinate_gids(const ServiceHost& host, const std::string& group, std::uint32_t first,
                       Starts& starts) {
  const Account* account = account_of(host, group);
  const std::string_view text = text_of(host, "/etc/subgid", starts);
  if (account == nullptr) return subordinate_ids(text, group, group, first);
  return subordinate_ids(text, account->name, std::to_string(account->uid), first);
}

IdMaps rootless_maps(const ServiceHost& host, const ServiceText& definition, Starts& starts) {
  const Account* account = account_at(host, definition.path);
  if (account == nullptr && host.accounts != nullptr) {
    account = host.accounts->find_uid(definition.owner);
  }
  const std::uint32_t uid = account != nullptr ? account->uid : definition.owner;
  const std::uint32_t gid = account != nullptr ? account->gid : definition.owner;
  const std::string user = account != nullptr ? account->name : std::to_string(uid);
  return {.uids = rootless_ids(uid, subordinate_uids(host, user, 1, starts)),
          .gids = rootless_ids(gid, subordinate_gids(host, user, 1, starts))};
}

void set_shift(const IdMaps& maps, const ServiceText& definition, Start& start, Starts& starts) {
  start.id_shift = shift_of(maps, start.run_as);
  if (start.id_shift) return;
  add_gap(definition.path,
          "runs cloudflared in a user namespace, and the user there has no id here "
          "by /etc/subuid and /etc/subgid",
          starts);
}

}  // namespace cfwarden
