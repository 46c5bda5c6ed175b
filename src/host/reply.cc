#include "cfwarden/host/reply.h"

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/host/credential_wire.h"
#include "cfwarden/host/wire.h"
#include "cfwarden/kinds/kind.h"
#include "cfwarden/model/words.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

static_assert(max_position == max_configuration_bytes + 1);

// What an examination says by yes or no, in one byte.
constexpr unsigned configuration_bit = 1;
constexpr unsigned over_cap_bit = 2;
constexpr unsigned blank_bit = 4;
constexpr unsigned unrelated_bit = 8;

enum class Tag : std::uint8_t { unread, examination, malformed, credential };

std::string encoded(const Credential& credential) {
  Encoder out;
  out.word(Tag::credential);
  encode_credential(out, credential);
  return out.bytes();
}

std::string encoded(const Malformed& malformed) {
  Encoder out;
  out.word(Tag::malformed);
  out.text(malformed.kind, max_name);
  out.own_text(malformed.why);
  out.position(malformed.offset);
  return out.bytes();
}

// Examinations hold no such thing; should one, decoding refuses it.
std::string encoded(const NotThisKind&) {
  return {};
}

std::string encoded(const Recognised& recognised) {
  Encoder out;
  out.text(recognised.carrier, max_name);
  out.position(recognised.line);
  out.word(recognised.placement);
  return out.bytes() +
         std::visit([](const auto& decoded) { return encoded(decoded); }, recognised.decoded);
}

std::string encoded(const Pointer& pointer) {
  Encoder out;
  out.text(pointer.key, max_name);
  out.text(pointer.value, max_hostile_text);
  out.position(pointer.line);
  return out.bytes();
}

constexpr std::string_view cut_short = "there is more in it than a report can hold";
constexpr std::size_t room_for_items =
    max_reading_bytes - max_service_text_bytes - 2 * max_own_text;

std::string encoded(const Examination& examination) {
  std::size_t room = room_for_items;
  bool cut = false;
  Encoder head;
  head.word(Tag::examination);
  const auto encode = [](const auto& item) { return encoded(item); };
  std::string items = encoded_list(examination.recognised, room, cut, encode);
  items += encoded_list(examination.pointers, room, cut, encode);
  Encoder tail;
  tail.number((examination.is_configuration ? configuration_bit : 0U) |
                  (examination.over_cap ? over_cap_bit : 0U) |
                  (examination.is_blank ? blank_bit : 0U) |
                  (examination.is_unrelated ? unrelated_bit : 0U),
              1);
  tail.own_text(cut ? cut_short : std::string_view{examination.problem});
  tail.text(examination.service_text, max_service_text_bytes);
  return head.bytes() + items + tail.bytes();
}

std::string encoded(const Unread& unread) {
  Encoder out;
  out.word(Tag::unread);
  out.own_text(unread.why);
  return out.bytes();
}

bool is_carrier(std::string_view name) {
  const auto is_named = [name](const auto& row) { return row.name == name; };
  return std::ranges::any_of(all_carriers(), is_named) ||
         std::ranges::any_of(all_contexts(), is_named);
}

bool is_pointer_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || byte == '-';
  });
}

Malformed decoded_malformed(Decoder& in) {
  Malformed malformed;
  malformed.kind = in.text(max_name);
  in.demand(find_kind(malformed.kind) != nullptr);
  malformed.why = in.own_text();
  malformed.offset = in.position();
  return malformed;
}

Recognised decoded_recognised(Decoder& in) {
  Recognised recognised;
  recognised.carrier = in.text(max_name);
  in.demand(is_carrier(recognised.carrier));
  recognised.line = in.position();
  recognised.placement = in.word<Placement>();
  const Tag tag = in.tag<Tag>();
  in.demand(tag == Tag::credential || tag == Tag::malformed);
  if (in.failed()) return recognised;
  if (tag == Tag::credential) {
    recognised.decoded = decode_credential(in);
  } else {
    recognised.decoded = decoded_malformed(in);
  }
  return recognised;
}

Pointer decoded_pointer(Decoder& in) {
  Pointer pointer;
  pointer.key = in.text(max_name);
  in.demand(is_pointer_key(pointer.key));
  pointer.value = in.text(max_hostile_text);
  const std::optional<std::size_t> line = in.position();
  in.demand(line.has_value());
  pointer.line = line.value_or(0);
  return pointer;
}

Examination decoded_examination(Decoder& in) {
  Examination examination;
  const std::size_t before = in.left();
  examination.recognised = decoded_list(in, decoded_recognised);
  examination.pointers = decoded_list(in, decoded_pointer);
  in.demand(before - in.left() <= room_for_items + 2 * sizeof(std::uint32_t));
  const std::uint64_t bits = in.number(1);
  in.demand(bits <= (configuration_bit | over_cap_bit | blank_bit | unrelated_bit));
  examination.is_configuration = (bits & configuration_bit) != 0;
  examination.over_cap = (bits & over_cap_bit) != 0;
  examination.is_blank = (bits & blank_bit) != 0;
  examination.is_unrelated = (bits & unrelated_bit) != 0;
  examination.problem = in.own_text();
  examination.service_text = in.text(max_service_text_bytes);
  return examination;
}

Reading decoded_reading(Decoder& in) {
  const Tag tag = in.tag<Tag>();
  in.demand(tag == Tag::unread || tag == Tag::examination);
  if (tag == Tag::examination) return decoded_examination(in);
  return Unread{in.own_text()};
}

}  // namespace

std::string encode_reply(const std::vector<Reading>& readings) {
  std::string bytes;
  for (const Reading& reading : readings) {
    bytes += std::visit([](const auto& one) { return encoded(one); }, reading);
  }
  return bytes;
}

Result<std::vector<Reading>> decode_reply(std::string_view bytes, std::size_t expected) {
  const Error nonsense{"the worker answered nonsense"};
  if (bytes.size() > max_reply_bytes || expected > max_readings) return nonsense;
  Decoder in{bytes};
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < expected && !in.failed(); ++i) {
    readings.push_back(decoded_reading(in));
  }
  if (in.failed() || in.left() != 0) return nonsense;
  return readings;
}

}  // namespace cfwarden
