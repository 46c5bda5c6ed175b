#include "cfwarden/needs/id_map.h"

#include <algorithm>
#include <charconv>

namespace cfwarden {
namespace {

std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find(':'));
  line.remove_prefix(field.size() < line.size() ? field.size() + 1 : line.size());
  return field;
}

std::optional<std::uint32_t> id_for(std::string_view text) {
  return text.empty() ? 0 : decimal_id(text).value_or(1);
}

// "alice:100000:65536".
IdRange range_of(std::string_view line, std::string_view name, std::string_view uid) {
  const std::string_view who = take_field(line);
  if (who.empty() || (who != name && who != uid)) return {};
  const auto start = decimal_id(take_field(line));
  return {.outside = start.value_or(0), .count = start ? decimal_id(line).value_or(0) : 0};
}

}  // namespace

void append_range(const IdRange& range, IdMap& map) {
  const bool fits = range.count <= ~range.inside && range.count <= ~range.outside;
  if (fits && range.count > 0 && map.size() < max_id_ranges) map.push_back(range);
}

std::optional<std::uint32_t> outside_id(const IdMap& map, std::uint32_t inside) {
  for (const IdRange& range : map) {
    if (inside >= range.inside && inside - range.inside < range.count) {
      return range.outside + (inside - range.inside);
    }
  }
  return std::nullopt;
}

IdMap subordinate_ids(std::string_view text, std::string_view name, std::string_view uid,
                      std::uint32_t first) {
  IdMap map;
  while (!text.empty() && map.size() < max_id_ranges) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    IdRange range = range_of(line, name, uid);
    range.inside = map.empty() ? first : map.back().inside + map.back().count;
    append_range(range, map);
  }
  return map;
}

IdMap rootless_ids(std::uint32_t own, IdMap subordinate) {
  subordinate.insert(subordinate.begin(), {.inside = 0, .outside = own, .count = 1});
  return subordinate;
}

IdMap through(const IdMap& inner, const IdMap& outer) {
  if (inner.empty()) return outer;
  IdMap map;
  for (const IdRange& piece : inner) {
    for (const IdRange& range : outer) {
      const std::uint64_t begin = std::max(piece.outside, range.inside);
      const std::uint64_t end = std::min(std::uint64_t{piece.outside} + piece.count,
                                         std::uint64_t{range.inside} + range.count);
      if (begin >= end) continue;
      map.push_back({.inside = static_cast<std::uint32_t>(piece.inside + (begin - piece.outside)),
                     .outside = static_cast<std::uint32_t>(range.outside + (begin - range.inside)),
                     .count = static_cast<std::uint32_t>(end - begin)});
    }
  }
  return map;
}

std::optional<IdShift> shift_of(const IdMaps& maps, const RunAs& run_as) {
  const auto uid = id_for(run_as.user);
  const auto gid = id_for(run_as.group);
  const auto uid_outside = outside_id(maps.uids, *uid);
  const auto gid_outside = outside_id(maps.gids, *gid);
  if (!uid_outside || !gid_outside) return std::nullopt;
  // Modulo 2^32, as whoever adds it does: a map may well lead to smaller ids.
  return IdShift{.uid_base = *uid_outside - *uid, .gid_base = *gid_outside - *gid};
}

std::optional<std::uint32_t> decimal_id(std::string_view text) {
  std::uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, id);
  const bool is_whole = error == std::errc{} && stopped == end && !text.empty();
  // The last one is no id: the kernel's "unchanged".
  return is_whole && id != ~std::uint32_t{0} ? std::optional{id} : std::nullopt;
}

}  // namespace cfwarden
