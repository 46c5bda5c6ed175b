#include "cfwarden/mend/read_journal_json.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/mend/journal_json.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

constexpr int max_depth = 8;

const ordered_json& member(const ordered_json& object, const char* name) {
  static const ordered_json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::uint64_t natural(const ordered_json& value) {
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

std::uint32_t id_number(const ordered_json& value) {
  return static_cast<std::uint32_t>(natural(value));
}

std::int64_t moment(const ordered_json& value) {
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

std::string_view text(const ordered_json& value) {
  const auto* string = value.get_ptr<const std::string*>();
  return string != nullptr ? std::string_view{*string} : std::string_view{};
}

std::string bytes(const ordered_json& value) {
  const std::string_view encoded = text(value);
  std::string decoded(base64_room(encoded.size()), '\0');
  const Base64Outcome outcome = decode_base64(encoded, decoded);
  decoded.resize(outcome.bad_byte ? 0 : outcome.size);
  return decoded;
}

unsigned mode_in(const ordered_json& value) {
  unsigned mode = 0;
  for (const char digit : text(value).substr(0, 4)) {
    mode = mode << 3 | (static_cast<unsigned>(digit - '0') & 7);
  }
  return mode;
}

std::vector<AclEntry> acl_in(const ordered_json& value) {
  std::vector<AclEntry> acl;
  if (!value.is_array() || value.size() > max_acl_entries) return acl;
  for (const ordered_json& entry : value) {
    if (!entry.is_array() || entry.size() != 3) return {};
    const auto row = std::ranges::find_if(acl_tag_letters, [&](const AclTagLetter& known) {
      return known.letter == text(entry[0]) && known.has_id == !entry[1].is_null();
    });
    if (row == acl_tag_letters.end()) return {};
    acl.push_back({.tag = row->tag,
                   .id = id_number(entry[1]),
                   .permissions = static_cast<unsigned>(natural(entry[2]))});
  }
  return acl;
}

Permissions permissions_in(const ordered_json& object) {
  return {.mode = mode_in(member(object, "mode")),
          .uid = id_number(member(object, "uid")),
          .gid = id_number(member(object, "gid")),
          .acl = acl_in(member(object, "acl"))};
}

InodeIdentity identity_in(const ordered_json& object) {
  InodeIdentity identity{
      .id = {.device = natural(member(object, "dev")), .inode = natural(member(object, "inode"))},
      .born_nanoseconds = {},
      .generation = {}};
  if (const auto& born = member(object, "btime"); !born.is_null()) {
    identity.born_nanoseconds = moment(born);
  }
  if (const auto& generation = member(object, "generation"); !generation.is_null()) {
    identity.generation = id_number(generation);
  }
  return identity;
}

Attributes attributes_in(const ordered_json& object) {
  return {.permissions = permissions_in(object),
          .default_acl = acl_in(member(object, "default_acl"))};
}

std::optional<MovedFile> file_in(const ordered_json& object) {
  if (object.is_null()) return std::nullopt;
  return MovedFile{.path = bytes(member(object, "path")),
                   .identity = identity_in(object),
                   .changed_nanoseconds = moment(member(object, "ctime")),
                   .modified_nanoseconds = moment(member(object, "mtime")),
                   .size = natural(member(object, "size")),
                   .permissions = permissions_in(object)};
}

JournalRun run_in(const ordered_json& object) {
  return {.tool_version = std::string{text(member(object, "tool"))},
          .user = std::string{text(member(object, "user"))},
          .euid = id_number(member(object, "euid")),
          .root = bytes(member(object, "root")),
          .root_id = {.device = natural(member(object, "root_dev")),
                      .inode = natural(member(object, "root_inode"))},
          .started = moment(member(object, "started"))};
}

Intent intent_in(const ordered_json& object) {
  const std::string_view type = text(member(object, "type"));
  return {.number = natural(member(object, "number")),
          .path = bytes(member(object, "path")),
          .type = type == "directory" ? FileType::directory : FileType::regular,
          .identity = identity_in(object),
          .changed_nanoseconds = moment(member(object, "ctime")),
          .modified = moment(member(object, "mtime")),
          .size = natural(member(object, "size")),
          .before = attributes_in(member(object, "before")),
          .after = attributes_in(member(object, "after")),
          .first = attributes_in(member(object, "first"))};
}

TokenMove move_in(const ordered_json& object) {
  return {.number = natural(member(object, "number")),
          .unit_path = bytes(member(object, "unit")),
          .token_path = bytes(member(object, "token")),
          .unit_temporary = bytes(member(object, "unit_temporary")),
          .token_temporary = bytes(member(object, "token_temporary")),
          .unit_before = file_in(member(object, "unit_before")).value_or(MovedFile{}),
          .unit_after = file_in(member(object, "unit_after")),
          .token_after = file_in(member(object, "token_after"))};
}

std::optional<JournalLine> line_in(const ordered_json& object) {
  const std::string_view op = text(member(object, "op"));
  if (op == "run") return JournalLine{run_in(object)};
  if (op == "intent") return JournalLine{intent_in(object)};
  if (op == "move") return JournalLine{move_in(object)};
  if (op == "moved") return JournalLine{MovedToken{move_in(object)}};
  if (op == "end") return JournalLine{RunEnd{}};
  const auto row = std::ranges::find(fate_ops, op, &Word<Fate>::name);
  if (row == fate_ops.end()) return std::nullopt;
  return JournalLine{FateChange{.number = natural(member(object, "number")),
                                .fate = row->value,
                                .changed_nanoseconds = moment(member(object, "ctime")),
                                .why = std::string{text(member(object, "why"))}}};
}

}  // namespace

Result<JournalLine> record_in(std::string_view json) {
  const auto object = ordered_json::parse(
      json, [](int depth, auto, const auto&) { return depth <= max_depth; }, false);
  if (object.is_discarded() || !object.is_object()) return Error{"it is not valid JSON", 0};
  std::optional<JournalLine> line = line_in(object);
  if (!line) return Error{"its kind of record is not known", 0};
  if (std::holds_alternative<JournalRun>(line->record) &&
      natural(member(object, "version")) != journal_version) {
    return Error{"another version of cfwarden wrote it", 0};
  }
  return std::move(*line);
}

}  // namespace cfwarden
