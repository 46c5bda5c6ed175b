#include "cfwarden/needs/container_mounts.h"

#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <utility>

namespace cfwarden {

void ContainerMounts::add(std::string_view inside, std::string_view outside) {
  if (!inside.starts_with('/')) return;
  Mount mount{.inside = lexical_path("/", inside), .outside = ""};
  if (outside.starts_with('/')) mount.outside = lexical_path("/", outside);
  std::erase_if(all_, [&mount](const Mount& known) { return known.inside == mount.inside; });
  left_out_ = left_out_ || all_.size() == max_container_mounts;
  if (all_.size() < max_container_mounts) all_.push_back(std::move(mount));
}

bool ContainerMounts::has(std::string_view inside) const {
  const std::string plain = lexical_path("/", inside);
  return std::ranges::find(all_, plain, &Mount::inside) != all_.end();
}

void ContainerMounts::give_to(Start& start, Starts& starts) {
  for (Mount& mount : all_) {
    if (mount.outside.empty()) {
      start.elsewhere.push_back(std::move(mount.inside));
    } else {
      start.mounts.push_back(std::move(mount));
    }
  }
  if (left_out_) {
    add_gap(start.file, "runs cloudflared with more than 64 mounts; the others were left out",
            starts);
  }
  all_.clear();
}

}  // namespace cfwarden
