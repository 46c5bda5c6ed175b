#include "cfwarden/needs/container_image.h"

#include <algorithm>

namespace cfwarden {
namespace {

// Without digest and tag; the port of a registry stands before a slash.
std::string_view name_of(std::string_view reference) {
  reference = reference.substr(0, reference.find('@'));
  const std::size_t slash = reference.rfind('/');
  const std::size_t colon = reference.rfind(':');
  const bool has_tag = colon != reference.npos && (slash == reference.npos || colon > slash);
  return has_tag ? reference.substr(0, colon) : reference;
}

// The accounts in the official image's /etc/passwd.
struct ImageAccount {
  std::string_view name;
  std::string_view id;
  std::string_view home;
};
constexpr std::array official_accounts{
    ImageAccount{"root", "0", "/root"},
    ImageAccount{"nonroot", official_id, official_home},
    ImageAccount{"nobody", "65534", "/nonexistent"},
};

// Every image knows root as 0.
const ImageAccount* find_account(std::string_view user, bool is_official) {
  const auto* found = std::ranges::find_if(official_accounts, [user](const ImageAccount& account) {
    return user == account.name || user == account.id;
  });
  if (found == official_accounts.end()) return nullptr;
  return is_official || found->name == "root" ? found : nullptr;
}

}  // namespace

bool is_official_image(std::string_view reference) {
  constexpr std::string_view official = "cloudflare/cloudflared";
  const std::string_view name = name_of(reference);
  if (!name.ends_with(official)) return false;
  return name.size() == official.size() || name[name.size() - official.size() - 1] == '/';
}

bool is_cloudflared_image(std::string_view reference) {
  const std::string_view name = name_of(reference);
  return name.substr(name.rfind('/') + 1).find("cloudflared") != name.npos;
}

RunAs run_as_in_image(std::string_view user, std::string_view image) {
  const bool is_official = is_official_image(image);
  const std::size_t colon = user.find(':');
  std::string_view group = colon == user.npos ? "" : user.substr(colon + 1);
  user = user.substr(0, colon);
  if (user.empty()) user = is_official ? official_id : "0";
  const ImageAccount* account = find_account(user, is_official);
  const ImageAccount* own_group = find_account(group, is_official);
  RunAs run_as;
  run_as.user = account != nullptr ? account->id : user;
  if (own_group != nullptr) group = own_group->id;
  if (group.empty()) group = account != nullptr ? account->id : "0";
  run_as.group = group;
  return run_as;
}

std::string home_in_image(const RunAs& run_as, std::string_view image) {
  const ImageAccount* account = find_account(run_as.user, is_official_image(image));
  return std::string{account != nullptr ? account->home : "/"};
}

}  // namespace cfwarden
