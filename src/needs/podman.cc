#include "cfwarden/base/path.h"
#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/container_command.h"
#include "cfwarden/needs/container_mounts.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/tree.h"
#include "cfwarden/needs/user_namespace.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace cfwarden {
namespace {

// Each container has a directory of its own below STORAGE/DRIVER-containers.
constexpr std::string_view in_container = "userdata/config.json";

bool is_container_list(const ServiceText& text) {
  return file_name_of(text.path) == "containers.json" &&
         directory_of(text.path).ends_with("-containers");
}

// The container's directory; "" for any other file.
std::string_view container_directory(const ServiceText& text) {
  const std::string_view userdata = directory_of(text.path);
  if (file_name_of(text.path) != "config.json" || file_name_of(userdata) != "userdata") return "";
  const std::string_view container = directory_of(userdata);
  return directory_of(container).ends_with("-containers") ? container : "";
}

struct Listed {
  std::string name;
  std::string image;
};

// By the containers' directories.
using ListedContainers = std::map<std::string, Listed, std::less<>>;

Listed listed_of(const Branch& entry) {
  Listed listed;
  const Tree metadata = tree_of_json(entry["metadata"].text());
  const auto names = entry["names"].texts();
  listed.name = names.empty() ? std::string{metadata.root()["name"].text()} : names.front();
  listed.image = metadata.root()["image-name"].text();
  return listed;
}

bool concerns_cloudflared(const Listed& listed) {
  return listed.name.find("cloudflared") != std::string::npos ||
         listed.image.find("cloudflared") != std::string::npos;
}

void read_list(const ServiceHost& host, const ServiceText& text, ListedContainers& all,
               Starts& starts) {
  const Tree tree = tree_of_json(text.text);
  const bool names_it = text.text.find("cloudflared") != std::string::npos;
  if (!tree.problem.empty() && names_it) add_gap(text.path, tree.problem, starts);
  for (const Branch& entry : tree.root().children()) {
    const std::string_view id = entry["id"].text();
    if (id.empty() || id.find('/') != id.npos) continue;
    const std::string directory = lexical_path(directory_of(text.path), id);
    const Listed& listed = all[directory] = listed_of(entry);
    if (!concerns_cloudflared(listed)) continue;
    (void)named_text(host, text, lexical_path(directory, in_container), starts);
  }
}

// As the runtime gets it: user and group are decimal, the image's words are among the arguments.
ContainerDefinition definition_of(const Branch& root, const Listed& listed) {
  const Branch process = root["process"];
  const Branch user = process["user"];
  ContainerDefinition definition;
  definition.image = listed.image;
  definition.entrypoint = process["args"].texts();
  definition.working_directory = process["cwd"].text();
  definition.user = user["uid"].is_set() ? user["uid"].text() : "0";
  definition.user += ':';
  definition.user += user["gid"].is_set() ? user["gid"].text() : "0";
  for (const std::string& assignment : process["env"].texts()) {
    definition.environment.push_back(variable_of(assignment));
  }
  return definition;
}

// Without CAP_DAC_OVERRIDE among what it may use at once.
bool loses_override(const Branch& process) {
  const Branch effective = process.at({"capabilities", "effective"});
  return process["capabilities"].is_set() && loses_capabilities({"ALL"}, effective.texts());
}

void add_mounts(const Branch& mounts, Start& start, Starts& starts) {
  ContainerMounts all;
  for (const Branch& mount : mounts.children()) {
    const std::string_view inside = mount["destination"].text();
    const auto options = mount["options"].texts();
    const bool is_bind = mount["type"].text() == "bind" ||
                         std::ranges::any_of(options, [](const std::string& option) {
                           return option == "bind" || option == "rbind";
                         });
    if (is_bind) {
      all.add(inside, mount["source"].text());
    } else if (mount["type"].text() == "tmpfs" && !lies_in(inside, "/dev")) {
      all.add(inside, "");
    }
  }
  all.give_to(start, starts);
}

IdMap map_of(const Branch& mappings) {
  IdMap map;
  for (const Branch& mapping : mappings.children()) {
    const auto inside = decimal_id(mapping["containerID"].text());
    const auto outside = decimal_id(mapping["hostID"].text());
    const auto count = decimal_id(mapping["size"].text());
    if (!inside || !outside || !count) continue;
    append_range({.inside = *inside, .outside = *outside, .count = *count}, map);
  }
  return map;
}

void shift_ids(const ServiceHost& host, const ServiceText& text, const Branch& root, Start& start,
               Starts& starts) {
  IdMaps maps{.uids = map_of(root.at({"linux", "uidMappings"})),
              .gids = map_of(root.at({"linux", "gidMappings"}))};
  // Of a user's own container the map leads to that user's ids, which lead to those of the host.
  if (text.path.find("/.local/share/containers/") != std::string::npos) {
    const IdMaps outer = rootless_maps(host, text, starts);
    maps.uids = through(maps.uids, outer.uids);
    maps.gids = through(maps.gids, outer.gids);
  }
  if (!maps.uids.empty() || !maps.gids.empty()) set_shift(maps, text, start, starts);
}

// A quadlet's own container: systemd-NAME of NAME.container, which is a start already. A user's
// quadlet has none of root's containers.
bool is_of_quadlet(const ServiceHost& host, const ServiceText& container, const std::string& name) {
  constexpr std::string_view prefix = "systemd-";
  if (!name.starts_with(prefix)) return false;
  const std::string file = name.substr(prefix.size()) + ".container";
  return std::ranges::any_of(host.texts, [&](const ServiceText& text) {
    return file_name_of(text.path) == file && (text.owner == 0 || text.owner == container.owner);
  });
}

void read_container_file(const ServiceHost& host, const ServiceText& text, const Listed& listed,
                         Starts& starts) {
  const Tree tree = tree_of_json(text.text);
  const bool names_it = text.text.find("cloudflared") != std::string::npos;
  if (!tree.problem.empty() && names_it) add_gap(text.path, tree.problem, starts);
  const Branch root = tree.root();
  Start start{.source = StartSource::podman, .who = listed.name, .file = text.path};
  if (start.who.empty()) start.who = file_name_of(container_directory(text)).substr(0, 12);
  if (read_container(definition_of(root, listed), start) != ContainerRuns::cloudflared) return;
  if (is_of_quadlet(host, text, start.who)) return;

  start.files = {text.path};
  start.run_as.more_groups = root.at({"process", "user", "additionalGids"}).texts();
  start.run_as.loses_capabilities = start.run_as.user == "0" && loses_override(root["process"]);
  add_mounts(root["mounts"], start, starts);
  shift_ids(host, text, root, start, starts);
  add_start(std::move(start), starts);
}

}  // namespace

void read_podman(const ServiceHost& host, Starts& starts) {
  ListedContainers listed;
  for (const ServiceText& text : host.texts) {
    if (is_container_list(text)) read_list(host, text, listed, starts);
  }
  for (const ServiceText& text : host.texts) {
    const std::string_view directory = container_directory(text);
    if (directory.empty() || !text.link_target.empty()) continue;
    const auto known = listed.find(directory);
    const std::size_t before = starts.all.size();
    read_container_file(host, text, known == listed.end() ? Listed{} : known->second, starts);
    if (known == listed.end() && starts.all.size() > before) {
      (void)named_text(host, text, lexical_path(directory, "../containers.json"), starts);
    }
  }
}

}  // namespace cfwarden
