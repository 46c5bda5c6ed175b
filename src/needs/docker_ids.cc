#include "cfwarden/base/path.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/docker.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/tree.h"
#include "cfwarden/needs/user_namespace.h"

namespace cfwarden {
namespace {

constexpr const char* daemon_file = "/etc/docker/daemon.json";

// A remapped daemon keeps its things below a directory named after its root: /var/lib/docker/
// 165536.165536/containers/ID/config.v2.json.
std::optional<IdMaps> maps_named_by(std::string_view path) {
  constexpr std::uint32_t usual_count = 65536;
  for (std::string_view at = directory_of(path); at.size() > 1; at = directory_of(at)) {
    const std::string_view name = file_name_of(at);
    const std::size_t dot = name.find('.');
    if (dot == name.npos) continue;
    const auto uid = decimal_id(name.substr(0, dot));
    const auto gid = decimal_id(name.substr(dot + 1));
    if (!uid || !gid) continue;
    return IdMaps{.uids = {{.inside = 0, .outside = *uid, .count = usual_count}},
                  .gids = {{.inside = 0, .outside = *gid, .count = usual_count}}};
  }
  return std::nullopt;
}

// "default", "user", "user:group", "1000:1000"; "" for none.
std::string remapped_root(const ServiceHost& host, Starts& starts) {
  const ServiceText* daemon = find_text(host, daemon_file);
  if (daemon == nullptr) {
    want(daemon_file, starts);
    return "";
  }
  const Tree tree = tree_of_json(daemon->text);
  const std::string remap{tree.root()["userns-remap"].text()};
  return remap == "default" ? "dockremap" : remap;
}

IdMaps maps_of(const ServiceHost& host, const std::string& remap, Starts& starts) {
  const std::size_t colon = remap.find(':');
  const std::string user = remap.substr(0, colon);
  const std::string group = colon == remap.npos ? user : remap.substr(colon + 1);
  IdMaps maps{.uids = subordinate_uids(host, user, 0, starts),
              .gids = subordinate_gids(host, group, 0, starts)};
  if (maps.gids.empty()) maps.gids = subordinate_gids(host, user, 0, starts);
  return maps;
}

// nullopt where there is no user namespace.
std::optional<IdMaps> docker_id_maps(const ServiceHost& host, const ServiceText& definition,
                                     Starts& starts) {
  const std::string_view path = definition.path;
  if (path.find("/.local/share/docker/") != path.npos) {
    return rootless_maps(host, definition, starts);
  }
  if (const auto named = maps_named_by(path)) return named;
  const std::string remap = remapped_root(host, starts);
  if (remap.empty()) return std::nullopt;
  return maps_of(host, remap, starts);
}

}  // namespace

std::string docker_root(const ServiceHost& host, Starts& starts) {
  const ServiceText* daemon = find_text(host, daemon_file);
  if (daemon == nullptr) return "";
  const Tree tree = tree_of_json(daemon->text);
  const Branch current = tree.root()["data-root"];
  const Branch named = current.is_set() ? current : tree.root()["graph"];
  const std::string remap = remapped_root(host, starts);
  if (!named.is_set() && remap.empty()) return "";
  const std::string root = lexical_path("/var/lib/docker", named.text());
  if (remap.empty()) return root;
  const IdMaps maps = maps_of(host, remap, starts);
  if (maps.uids.empty() || maps.gids.empty()) return root;
  return root + "/" + std::to_string(maps.uids.front().outside) + "." +
         std::to_string(maps.gids.front().outside);
}

void shift_docker_ids(const ServiceHost& host, const ServiceText& definition,
                      const std::string& userns_mode, Start& start, Starts& starts) {
  const auto maps = docker_id_maps(host, definition, starts);
  const bool is_rootless = definition.path.find("/.local/share/docker/") != std::string::npos;
  if (maps && (userns_mode != "host" || is_rootless)) set_shift(*maps, definition, start, starts);
}

}  // namespace cfwarden
