#include "cfwarden/mend/journal_line.h"

#include "cfwarden/mend/journal_json.h"
#include "cfwarden/mend/read_journal_json.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

// The largest ACLs that Linux keeps, six times, and the longest path fit.
constexpr std::size_t max_journal_line = 1024 * 1024;

// {...}, closed by ,"crc":"xxxxxxxx"} instead of its own brace.
constexpr std::string_view crc_begins = R"(,"crc":")";
constexpr std::string_view crc_ends = R"("})";
constexpr std::size_t crc_digits = 8;
constexpr std::size_t crc_size = crc_begins.size() + crc_digits + crc_ends.size();

std::string crc_of(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::string digits(crc_digits, '0');
  auto sum = static_cast<std::uint32_t>(crc.checksum());
  for (std::size_t i = crc_digits; i-- > 0; sum >>= 4) digits[i] = "0123456789abcdef"[sum & 15];
  return digits;
}

bool is_path(std::string_view path) {
  return path.starts_with('/') && path.find('\0') == std::string_view::npos;
}

bool is_sound(const std::vector<AclEntry>& acl) {
  return acl.size() <= max_acl_entries && std::ranges::all_of(acl, [](const AclEntry& entry) {
           const bool has_id = entry.tag == AclTag::user || entry.tag == AclTag::named_group;
           return entry.permissions <= 7 && (has_id || entry.id == 0);
         });
}

bool is_sound(const Permissions& permissions) {
  return permissions.mode <= 07777 && is_sound(permissions.acl);
}

bool is_sound(const Attributes& attributes, FileType type) {
  return is_sound(attributes.permissions) && is_sound(attributes.default_acl) &&
         (type == FileType::directory || attributes.default_acl.empty());
}

bool is_sound(const MovedFile& file) {
  return is_path(file.path) && is_sound(file.permissions);
}

// What no journal may hold, as a clause; "" for a sound record.
std::string_view flaw_of(const JournalRun&) {
  return "";
}

std::string_view flaw_of(const Intent& intent) {
  if (!is_path(intent.path)) return "its path is not absolute";
  if (word_in(journalled_types, intent.type).empty()) return "it is no file or directory";
  for (const Attributes* attributes : {&intent.before, &intent.after, &intent.first}) {
    if (!is_sound(*attributes, intent.type)) return "its mode or ACL is impossible";
  }
  return "";
}

std::string_view flaw_of(const TokenMove& move) {
  if (!is_path(move.unit_path) || !is_path(move.token_path)) return "its path is not absolute";
  if (!is_sound(move.unit_before) || (move.unit_after && !is_sound(*move.unit_after)) ||
      (move.token_after && !is_sound(*move.token_after))) {
    return "one of its files is impossible";
  }
  return "";
}

std::string_view flaw_of(const MovedToken& moved) {
  return flaw_of(moved.move);
}

std::string_view flaw_of(const FateChange& change) {
  return word_in(fate_ops, change.fate).empty() ? "it decides nothing" : "";
}

std::string_view flaw_of(const RunEnd&) {
  return "";
}

// The record without its checksum; "" where that is missing or wrong.
std::string checked_record(std::string_view line) {
  if (line.size() < crc_size || !line.ends_with(crc_ends)) return "";
  const std::string_view record = line.substr(0, line.size() - crc_size);
  const std::string_view crc = line.substr(record.size());
  if (!crc.starts_with(crc_begins)) return "";
  if (crc.substr(crc_begins.size(), crc_digits) != crc_of(record)) return "";
  return std::string{record} + "}";
}

}  // namespace

Result<std::string> line_of(const JournalLine& line) {
  const auto flaw = std::visit([](const auto& record) { return flaw_of(record); }, line.record);
  if (!flaw.empty()) return Error{"this cannot be recorded: " + std::string{flaw}, 0};
  std::string text = json_text(line);
  text.pop_back();
  const std::string crc = crc_of(text);
  text.append(crc_begins).append(crc).append(crc_ends) += '\n';
  if (text.size() > max_journal_line) {
    return Error{"this cannot be recorded: it takes more than 1 MiB", 0};
  }
  return text;
}

Result<JournalLine> parse_line(std::string_view text) {
  if (text.size() >= max_journal_line) return Error{"it is longer than 1 MiB", 0};
  const std::string record = checked_record(text);
  if (record.empty()) return Error{"its checksum is wrong", 0};
  Result<JournalLine> line = record_in(record);
  if (!line) return line.error();
  const Result<std::string> canonical = line_of(*line);
  if (!canonical || *canonical != std::string{text} + '\n') {
    return Error{"it is not a record as cfwarden writes it", 0};
  }
  return line;
}

}  // namespace cfwarden
