#include "cfwarden/sweep/findings_reply.h"

#include "cfwarden/archives/archive.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/host/credential_wire.h"
#include "cfwarden/host/wire.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t count_bytes = 4;  // Before each list.
constexpr std::size_t room_for_misses = 512 * 1024;
constexpr std::size_t room_for_found = max_findings_bytes - room_for_misses - 2 * count_bytes;
constexpr std::uint64_t last_line = std::uint64_t{1} << 53;  // What JSON's readers take.

const FileFindings::Miss cut_short{.member = "",
                                   .why = "there is more in it than a report can hold"};

void encode_line(Encoder& out, const std::optional<std::size_t>& line) {
  out.flag(line.has_value());
  if (line) out.number(std::clamp<std::uint64_t>(*line, 1, last_line), 8);
}

std::optional<std::size_t> decode_line(Decoder& in) {
  if (!in.flag()) return std::nullopt;
  const std::uint64_t line = in.number(8);
  in.demand(line >= 1 && line <= last_line);
  return static_cast<std::size_t>(line);
}

std::string encoded(const FoundCredential& found) {
  Encoder out;
  out.text(found.member, longest_member);
  encode_line(out, found.line);
  out.text(found.carrier, max_name);
  encode_credential(out, found.credential);
  return out.bytes();
}

std::string encoded(const FileFindings::Miss& miss) {
  Encoder out;
  out.text(miss.member, longest_member);
  out.own_text(miss.why);
  return out.bytes();
}

// The table's own name, which outlives the reply.
std::string_view decode_carrier(Decoder& in) {
  const std::string name = in.text(max_name);
  for (const CarrierContext& context : all_contexts()) {
    if (context.name == name) return context.name;
  }
  in.demand(false);
  return {};
}

FoundCredential decoded_found(Decoder& in) {
  FoundCredential found;
  found.member = in.text(longest_member);
  found.line = decode_line(in);
  found.carrier = decode_carrier(in);
  found.credential = decode_credential(in);
  return found;
}

FileFindings::Miss decoded_miss(Decoder& in) {
  FileFindings::Miss miss;
  miss.member = in.text(longest_member);
  miss.why = in.own_text();
  in.demand(!miss.why.empty());
  return miss;
}

// All of them where they fit, with what is to be added when something else was cut; else as many as
// leave room to say that there are more.
std::string encoded_misses(const std::vector<FileFindings::Miss>& misses, bool is_cut) {
  const auto encode = [](const FileFindings::Miss& miss) { return encoded(miss); };
  std::vector<FileFindings::Miss> told = misses;
  if (is_cut) told.push_back(cut_short);
  std::size_t room = room_for_misses;
  bool is_too_long = false;
  std::string all = encoded_list(told, room, is_too_long, encode);
  if (!is_too_long) return all;
  room = room_for_misses - encoded(cut_short).size();
  std::size_t count = 0;
  for (; count < misses.size(); ++count) {
    const std::size_t size = encoded(misses[count]).size();
    if (size > room) break;
    room -= size;
  }
  told.assign(misses.begin(), misses.begin() + static_cast<std::ptrdiff_t>(count));
  told.push_back(cut_short);
  room = room_for_misses;
  is_too_long = false;
  return encoded_list(told, room, is_too_long, encode);
}

}  // namespace

std::string encode_findings(const FileFindings& findings) {
  std::size_t room = room_for_found;
  bool is_cut = false;
  std::string bytes = encoded_list(findings.found, room, is_cut,
                                   [](const FoundCredential& found) { return encoded(found); });
  bytes += encoded_misses(findings.misses, is_cut);
  return bytes;
}

Result<FileFindings> decode_findings(std::string_view bytes) {
  Decoder in{bytes};
  FileFindings findings;
  findings.found = decoded_list(in, decoded_found);
  in.demand(bytes.size() - in.left() <= room_for_found + count_bytes);
  const std::size_t before = in.left();
  findings.misses = decoded_list(in, decoded_miss);
  in.demand(before - in.left() <= room_for_misses + count_bytes);
  if (in.failed() || in.left() != 0) return Error{"the decoder answered nonsense"};
  return findings;
}

}  // namespace cfwarden
