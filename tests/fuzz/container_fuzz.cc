// A few files, each behind a line "@@ PATH" of root or "@@@ PATH" of a user: whatever they hold,
// the containers read from them end, stay within their limits, and name plain absolute paths.
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

constexpr std::size_t max_files = 16;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_plain(const std::string& path) {
  return lexical_path("/", path) == path;
}

std::vector<ServiceText> texts_of(std::string_view input) {
  std::vector<ServiceText> texts;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const bool is_of_user = line.starts_with("@@@ ");
    if (is_of_user || line.starts_with("@@ ")) {
      if (texts.size() == max_files) break;
      const std::string_view path = line.substr(is_of_user ? 4 : 3);
      texts.push_back({.path = lexical_path("/", path), .owner = is_of_user ? 1000U : 0U});
    } else if (!texts.empty()) {
      texts.back().text.append(line).append("\n");
    }
  }
  std::ranges::sort(texts, std::less{}, &ServiceText::path);
  return texts;
}

void check(const Start& start, const std::vector<ServiceText>& texts) {
  demand(start.is_container);
  demand(std::ranges::find(texts, start.file, &ServiceText::path) != texts.end());
  demand(!start.files.empty() && start.files.front() == start.file);
  demand(is_plain(start.home) && is_plain(start.working_directory));
  demand(start.mounts.size() + start.elsewhere.size() <= 64);
  for (const Mount& mount : start.mounts) demand(is_plain(mount.inside) && is_plain(mount.outside));
  for (const std::string& path : start.elsewhere) demand(is_plain(path));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto texts = texts_of({reinterpret_cast<const char*>(bytes), size});
  Accounts accounts;
  accounts.users = {{.name = "alice", .uid = 1000, .gid = 1000, .home = "/home/alice"}};
  const ServiceHost host{.texts = texts, .accounts = &accounts};
  Starts starts;
  for (const auto read : {read_docker, read_podman, read_compose, read_kubernetes}) {
    read(host, starts);
  }
  demand(starts.all.size() <= max_starts + 1);
  demand(starts.gaps.size() <= 256);
  demand(starts.wanted.size() <= max_service_texts);
  for (const Start& start : starts.all) check(start, texts);
  for (const std::string& path : starts.wanted) demand(path.starts_with('/'));
  return 0;
}
