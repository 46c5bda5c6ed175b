// Texts of a host, each behind a line "@ PATH" or, for a link, "@ PATH -> TARGET": whatever they
// hold, what they start is bounded and keeps what definitions.h promises.
#include "cfwarden/needs/definitions.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cfwarden;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::vector<ServiceText> texts_of(std::string_view input) {
  std::vector<ServiceText> texts;
  while (!input.empty() && texts.size() < 64) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.starts_with("@ /")) {
      const std::string_view names = line.substr(2);
      const std::size_t arrow = names.find(" -> ");
      texts.push_back({.path = std::string{names.substr(0, arrow)}});
      if (arrow != names.npos) texts.back().link_target = names.substr(arrow + 4);
      // One user's files among root's.
      if (names.starts_with("/home/")) texts.back().owner = 1000;
    } else if (!texts.empty() && texts.back().link_target.empty()) {
      texts.back().text.append(line).append("\n");
    }
  }
  std::erase_if(texts, [](const ServiceText& text) {  // No path of a host.
    return text.path.ends_with('/') || text.path.find("//") != text.path.npos;
  });
  std::ranges::sort(texts, {}, &ServiceText::path);
  const auto is_same = [](const ServiceText& a, const ServiceText& b) { return a.path == b.path; };
  texts.erase(std::unique(texts.begin(), texts.end(), is_same), texts.end());
  return texts;
}

void check(const Starts& starts, std::size_t size) {
  demand(starts.all.size() <= max_starts);
  demand(starts.wanted.size() <= max_service_texts);
  demand(std::ranges::is_sorted(starts.wanted));
  for (const std::string& path : starts.wanted) demand(path.starts_with('/'));
  for (const Start& start : starts.all) {
    demand(!start.who.empty() && start.file.starts_with('/'));
    demand(std::ranges::find(start.files, start.file) != start.files.end());
    demand(start.line <= size + 1);
  }
  for (const Gap& gap : starts.gaps) demand(!gap.why.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<ServiceText> texts = texts_of({reinterpret_cast<const char*>(bytes), size});
  Accounts accounts;
  accounts.users = {{.name = "root", .uid = 0, .gid = 0, .home = "/root"},
                    {.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice"}};
  check(starts_of({.texts = texts, .accounts = &accounts}), size);
  return 0;
}
