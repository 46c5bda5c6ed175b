#include "cfwarden/needs/definition_texts.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace cfwarden {
namespace {

const ServiceText* find_listed(const ServiceHost& host, std::string_view path) {
  const auto path_of = [](const ServiceText& text) -> std::string_view { return text.path; };
  const auto found = std::ranges::lower_bound(host.texts, path, std::less{}, path_of);
  return found != host.texts.end() && found->path == path ? &*found : nullptr;
}

}  // namespace

const ServiceText* find_text(const ServiceHost& host, std::string_view path) {
  const ServiceText* found = find_listed(host, path);
  return found != nullptr && found->link_target.empty() ? found : nullptr;
}

const ServiceText* named_text(const ServiceHost& host, const ServiceText& by,
                              const std::string& path, Starts& starts) {
  if (find_listed(host, path) == nullptr) want(path, starts);
  const ServiceText* text = find_text(host, path);
  if (text == nullptr) return nullptr;
  return by.owner == 0 || text->owner == by.owner ? text : nullptr;
}

void want(const std::string& path, Starts& starts) {
  const bool fits = path.size() <= 4096 && starts.wanted.size() < max_service_texts;
  const bool is_plain = path.starts_with('/') && path.find('\0') == path.npos;
  if (fits && is_plain) starts.wanted.push_back(path);
}

void add_start(Start&& start, Starts& starts) {
  // One more than there may be shows that there are too many.
  if (starts.all.size() <= max_starts) starts.all.push_back(std::move(start));
}

void add_gap(const std::string& path, std::string_view why, Starts& starts) {
  constexpr std::size_t max_gaps = 256;
  if (starts.gaps.size() < max_gaps) starts.gaps.push_back({path, std::string{why}});
}

const Account* account_at(const ServiceHost& host, std::string_view path) {
  const Account* found = nullptr;
  if (host.accounts == nullptr) return found;
  for (const Account& account : host.accounts->users) {
    const bool is_home = account.home.size() > 1 && lies_in(path, account.home);
    if (is_home && (found == nullptr || account.home.size() > found->home.size())) {
      found = &account;
    }
  }
  return found;
}

}  // namespace cfwarden
