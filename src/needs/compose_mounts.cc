#include "cfwarden/needs/compose_service.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::size_t max_items = 1024;  // Of each list of a service.

std::string_view before_colon(std::string_view text) {
  return text.substr(0, text.find(':'));
}

Branch declared_as(std::string_view name, const ComposeProject::Declarations& declared) {
  const auto found = declared.find(name);
  return found == declared.end() ? Branch{} : found->second;
}

class MountReader {
 public:
  MountReader(const ComposeProject& project, const ComposeService& service, ComposeTexts& texts)
      : project_{project}, service_{service}, texts_{texts} {}

  ContainerMounts read() {
    for_each("volumes", [this](const Branch& volume) { add_volume(volume); });
    for_each("tmpfs", [this](const Branch& path) { mounts_.add(before_colon(path.text()), ""); });
    for_each("configs", [this](const Branch& item) { add_file(item, project_.configs, "/"); });
    for_each("secrets",
             [this](const Branch& item) { add_file(item, project_.secrets, "/run/secrets"); });
    return std::move(mounts_);
  }

 private:
  // A list, or one text in its place.
  template <class Visit>
  void for_each(const char* key, const Visit& visit) {
    std::size_t count = 0;
    for (const Branch& part : service_.all(key)) {
      if (part.is(BranchType::text)) visit(part);
      if (!part.is(BranchType::sequence)) continue;
      for (const Branch& item : part.children()) {
        if (++count <= max_items) visit(item);
      }
    }
  }

  void add_volume(const Branch& volume) {
    if (volume.is(BranchType::mapping)) {
      const std::string target = texts_.expanded(volume["target"].text());
      const std::string source = texts_.expanded(volume["source"].text());
      const bool is_bind = volume["type"].text() == "bind";
      mounts_.add(target, texts_.is_unknown() ? ""
                          : is_bind           ? texts_.host_path(source)
                                              : outside_of(source));
      return;
    }
    // SOURCE:TARGET[:OPTIONS], or TARGET alone for a volume without a name.
    const std::string text = texts_.expanded(volume.text());
    const bool is_unknown = texts_.is_unknown();
    const std::string_view source = before_colon(text);
    const bool is_nameless = source.size() == text.size();
    const std::string_view target =
        is_nameless ? source : before_colon(std::string_view{text}.substr(source.size() + 1));
    mounts_.add(target, is_unknown || is_nameless ? "" : outside_of_short(source));
  }

  std::string outside_of_short(std::string_view source) {
    const bool is_path =
        source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
    return is_path ? texts_.host_path(source) : outside_of(source);
  }

  // A named volume is a directory of Docker's own, unless it is declared to be bound to another.
  std::string outside_of(std::string_view name) {
    const Branch options = declared_as(name, project_.volumes)["driver_opts"];
    if (options["o"].text().find("bind") == std::string_view::npos) return "";
    const std::string device = texts_.expanded(options["device"].text());
    return texts_.is_unknown() || device.empty() ? "" : texts_.host_path(device);
  }

  // A secret or a config: by its name, or {source, target}.
  void add_file(const Branch& item, const ComposeProject::Declarations& declared,
                std::string_view directory) {
    const bool is_long = item.is(BranchType::mapping);
    const std::string name = texts_.expanded(is_long ? item["source"].text() : item.text());
    const std::string target = is_long ? texts_.expanded(item["target"].text()) : "";
    if (name.empty()) return;
    const std::string file = texts_.expanded(declared_as(name, declared)["file"].text());
    const bool is_elsewhere = texts_.is_unknown() || file.empty();
    mounts_.add(lexical_path(directory, target.empty() ? name : target),
                is_elsewhere ? "" : texts_.host_path(file));
  }

  const ComposeProject& project_;
  const ComposeService& service_;
  ComposeTexts& texts_;
  ContainerMounts mounts_;
};

}  // namespace

ContainerMounts compose_mounts(const ComposeProject& project, const ComposeService& service,
                               ComposeTexts& texts) {
  return MountReader{project, service, texts}.read();
}

}  // namespace cfwarden
