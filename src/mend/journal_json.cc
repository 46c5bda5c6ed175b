#include "cfwarden/mend/journal_json.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/mode_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const std::vector<AclEntry>& acl) {
  ordered_json entries = ordered_json::array();
  for (const AclEntry& entry : acl) {
    const auto row = std::ranges::find(acl_tag_letters, entry.tag, &AclTagLetter::tag);
    ordered_json id = row->has_id ? ordered_json(entry.id) : ordered_json(nullptr);
    entries.push_back(ordered_json::array({row->letter, std::move(id), entry.permissions}));
  }
  return entries;
}

template <class Number>
ordered_json json_of(const std::optional<Number>& number) {
  return number ? ordered_json(*number) : ordered_json(nullptr);
}

void put(ordered_json& object, const Permissions& permissions) {
  object["mode"] = mode_text(permissions.mode);
  object["uid"] = permissions.uid;
  object["gid"] = permissions.gid;
  object["acl"] = json_of(permissions.acl);
}

void put(ordered_json& object, const InodeIdentity& identity) {
  object["dev"] = identity.id.device;
  object["inode"] = identity.id.inode;
  object["btime"] = json_of(identity.born_nanoseconds);
  object["generation"] = json_of(identity.generation);
}

ordered_json json_of(const Attributes& attributes) {
  ordered_json object;
  put(object, attributes.permissions);
  object["default_acl"] = json_of(attributes.default_acl);
  return object;
}

ordered_json json_of(const MovedFile& file) {
  ordered_json object;
  object["path"] = base64_of(file.path);
  put(object, file.identity);
  object["ctime"] = file.changed_nanoseconds;
  object["mtime"] = file.modified_nanoseconds;
  object["size"] = file.size;
  put(object, file.permissions);
  return object;
}

ordered_json json_of(const std::optional<MovedFile>& file) {
  return file ? json_of(*file) : ordered_json(nullptr);
}

ordered_json json_of(const JournalRun& run) {
  return {{"op", "run"},
          {"version", journal_version},
          {"tool", run.tool_version},
          {"user", run.user},
          {"euid", run.euid},
          {"root", base64_of(run.root)},
          {"root_dev", run.root_id.device},
          {"root_inode", run.root_id.inode},
          {"started", run.started}};
}

ordered_json json_of(const Intent& intent) {
  ordered_json object{{"op", "intent"}, {"number", intent.number}};
  object["path"] = base64_of(intent.path);
  object["type"] = word_in(journalled_types, intent.type);
  put(object, intent.identity);
  object["ctime"] = intent.changed_nanoseconds;
  object["mtime"] = intent.modified;
  object["size"] = intent.size;
  object["before"] = json_of(intent.before);
  object["after"] = json_of(intent.after);
  object["first"] = json_of(intent.first);
  return object;
}

ordered_json json_of(const TokenMove& move) {
  return {{"op", "move"},
          {"number", move.number},
          {"unit", base64_of(move.unit_path)},
          {"token", base64_of(move.token_path)},
          {"unit_temporary", base64_of(move.unit_temporary)},
          {"token_temporary", base64_of(move.token_temporary)},
          {"unit_before", json_of(move.unit_before)},
          {"unit_after", json_of(move.unit_after)},
          {"token_after", json_of(move.token_after)}};
}

ordered_json json_of(const MovedToken& moved) {
  ordered_json object = json_of(moved.move);
  object["op"] = "moved";
  return object;
}

ordered_json json_of(const FateChange& change) {
  ordered_json object{{"op", word_in(fate_ops, change.fate)}, {"number", change.number}};
  if (change.fate == Fate::done) object["ctime"] = change.changed_nanoseconds;
  if (change.fate == Fate::failed || change.fate == Fate::left) object["why"] = change.why;
  return object;
}

ordered_json json_of(const RunEnd&) {
  return {{"op", "end"}};
}

}  // namespace

std::string json_text(const JournalLine& line) {
  const ordered_json object =
      std::visit([](const auto& record) { return json_of(record); }, line.record);
  return object.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

}  // namespace cfwarden
