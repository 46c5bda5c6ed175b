// A journal may hold anything by the time it is read: parsing must neither crash nor take what was
// not written so, and what it takes says the same when it is written again.
//
// The bytes are tried as they are, and with the checksum that each line would need.
#include "cfwarden/base/printable.h"
#include "cfwarden/mend/journal_line.h"
#include "cfwarden/mend/read_journals.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace cfwarden;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string line_for(JournalLine line) {
  const Result<std::string> text = line_of(line);
  demand(text.has_value());
  return *text;
}

void write_records(const Recorded& recorded, std::string& bytes) {
  std::size_t number = 0;
  if (const auto* intent = std::get_if<Intent>(&recorded.what)) {
    number = intent->number;
    bytes += line_for({*intent});
  } else {
    const auto& move = std::get<TokenMove>(recorded.what);
    number = move.number;
    bytes += line_for({move});
    if (recorded.fate == Fate::done) bytes += line_for({MovedToken{move}});
    if (recorded.fate == Fate::done) return;
  }
  if (recorded.fate == Fate::intended) return;
  bytes += line_for({FateChange{.number = number,
                                .fate = recorded.fate,
                                .changed_nanoseconds = recorded.changed_nanoseconds,
                                .why = {}}});
}

// What it says, in as few lines as that takes.
std::string written_again(const ReadJournal& journal) {
  std::string bytes = line_for({journal.run});
  for (const Recorded& recorded : journal.records) write_records(recorded, bytes);
  if (journal.has_end) bytes += line_for({RunEnd{}});
  return bytes;
}

void exercise(std::string_view bytes) {
  const Result<ReadJournal> journal = parse_journal("invented", bytes);
  if (!journal) {
    demand(journal.error().what == printable(journal.error().what, Charset::ascii));
    return;
  }
  (void)first_touch({*journal}, InodeIdentity{}, Attributes{});
  demand(journal->is_torn == (!bytes.empty() && bytes.back() != '\n'));
  const std::string again = written_again(*journal);
  const Result<ReadJournal> second = parse_journal("invented", again);
  demand(second.has_value());
  demand(second->is_undone() == journal->is_undone());
  demand(second->is_interrupted() == journal->is_interrupted());
  demand(written_again(*second) == again);
}

// As in every gzip and PNG file.
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : text) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

// Each line that has no checksum gets one.
std::string sealed(std::string_view bytes) {
  std::string all;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    const bool is_whole = end < bytes.size();
    bytes.remove_prefix(is_whole ? end + 1 : end);
    if (line.ends_with('}')) line.remove_suffix(1);
    char digits[9];
    (void)std::snprintf(digits, sizeof digits, "%08x", crc32(line));
    all.append(line).append(",\"crc\":\"").append(digits).append("\"}");
    if (is_whole) all += '\n';
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  exercise(text);
  exercise(sealed(text));
  return 0;
}
