#include "cfwarden/base/go_json.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/go_text.h"
#include "cfwarden/base/json_text.h"

#include <array>
#include <charconv>
#include <vector>

namespace cfwarden {
namespace {

constexpr std::size_t longest_name = 32;
// Each character of a name takes at most 6 bytes: \u0041. A longer key is none of ours.
constexpr std::size_t longest_key = 6 * longest_name;

// Decodes one document into fields. Text is unquoted only at the end, when it is known which value
// is the last: many duplicates cost no more than one.
class Decoder {
 public:
  Decoder(std::string_view document, std::span<JsonField> fields)
      : document_{document}, scanner_{document}, fields_{fields}, last_(fields.size()) {}

  std::optional<JsonError> decode() {
    if (read_document()) {
      scanner_.skip_space();
      if (!scanner_.at_end()) scanner_.fail();
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) store_text(i);
    return scanner_.error() ? scanner_.error() : type_error_;
  }

 private:
  bool read_document() {
    scanner_.skip_space();
    if (scanner_.peeks('{')) return read_object();
    JsonValue value;
    if (!scanner_.scan_value(0, value)) return false;
    if (value.type != JsonType::null) refuse(JsonFlaw::wrong_type, value.offset);
    return true;
  }

  bool read_object() {
    scanner_.take('{');
    scanner_.skip_space();
    if (scanner_.peeks('}')) return scanner_.take('}');
    do {
      std::string_view key;
      if (!scanner_.scan_string(key) || !scanner_.take(':')) return false;
      if (!read_member(key)) return false;
    } while (scanner_.take_comma('}'));
    return !scanner_.error();
  }

  bool read_member(std::string_view raw_key) {
    const std::size_t index = field_of(raw_key);
    JsonValue value;
    if (index == fields_.size()) return scanner_.scan_value(1, value);
    JsonField& field = fields_[index];
    field.seen = true;
    scanner_.skip_space();
    GoBytes* const* bytes = std::get_if<GoBytes*>(&field.into);
    if (bytes != nullptr && scanner_.peeks('[')) return read_byte_array(**bytes);
    if (!scanner_.scan_value(1, value)) return false;
    store(index, value);
    return true;
  }

  // fields_.size() for a key that names none.
  std::size_t field_of(std::string_view raw_key) const {
    if (raw_key.size() > longest_key) return fields_.size();
    std::array<char, unquoted_growth * longest_key> room;
    const std::string_view key{room.data(), unquote(raw_key, room.data())};
    std::size_t index = 0;
    while (index < fields_.size() && !folds_to(key, fields_[index].name)) ++index;
    return index;
  }

  void store(std::size_t index, const JsonValue& value) {
    const JsonTarget& into = fields_[index].into;
    if (std::holds_alternative<LooseValue*>(into)) {
      last_[index] = value;
    } else if (GoBytes* const* bytes = std::get_if<GoBytes*>(&into)) {
      store_bytes(**bytes, value);
    } else if (value.type == JsonType::null) {
      return;  // Go leaves text and UUIDs as they were.
    } else if (value.type != JsonType::string) {
      refuse(JsonFlaw::wrong_type, value.offset);
    } else if (Uuid* const* uuid = std::get_if<Uuid*>(&into)) {
      store_uuid(**uuid, value);
    } else {
      last_[index] = value;
    }
  }

  void store_uuid(Uuid& uuid, const JsonValue& value) {
    const auto parsed = parse_uuid(unquoted_text(value.raw));
    if (!parsed) return refuse(JsonFlaw::bad_uuid, value.offset);
    uuid = *parsed;
  }

  void store_bytes(GoBytes& bytes, const JsonValue& value) {
    if (value.type == JsonType::null) return bytes.clear();
    if (value.type != JsonType::string) return refuse(JsonFlaw::wrong_type, value.offset);
    make_room(bytes);
    const std::span<char> room = bytes.room();
    const std::size_t size = unquote(value.raw, room.data());
    const Base64Outcome outcome = decode_base64({room.data(), size}, room);
    bytes.set_size(outcome.bad_byte ? 0 : outcome.size);
    if (outcome.bad_byte) refuse(JsonFlaw::bad_base64, value.offset);
  }

  bool read_byte_array(GoBytes& bytes) {
    make_room(bytes);
    scanner_.take('[');
    scanner_.skip_space();
    if (scanner_.peeks(']')) {
      bytes.clear();
      return scanner_.take(']');
    }
    std::size_t count = 0;
    do {
      JsonValue element;
      if (!scanner_.scan_value(2, element)) return false;
      store_element(bytes, count++, element);
    } while (scanner_.take_comma(']'));
    bytes.end_array(count);
    return !scanner_.error();
  }

  void store_element(GoBytes& bytes, std::size_t index, const JsonValue& element) {
    unsigned value = 0;
    const char* const end = element.literal.data() + element.literal.size();
    const auto [next, error] = std::from_chars(element.literal.data(), end, value);
    const bool is_number = element.type == JsonType::number && next == end && error == std::errc{};
    if (is_number && value <= 0xff) return bytes.set_element(index, static_cast<char>(value));
    if (element.type != JsonType::null) refuse(JsonFlaw::wrong_type, element.offset);
    bytes.keep_element(index);
  }

  // Any text of the document, unquoted, and any array of it fit; so one allocation is enough.
  void make_room(GoBytes& bytes) { bytes.reserve(base64_room(unquoted_growth * document_.size())); }

  void store_text(std::size_t index) {
    const JsonValue& value = last_[index];
    if (value.type == JsonType::absent) return;
    const JsonTarget& into = fields_[index].into;
    if (std::string* const* text = std::get_if<std::string*>(&into)) {
      **text = unquoted_text(value.raw);
    } else if (Secret* const* secret = std::get_if<Secret*>(&into)) {
      **secret = unquoted_secret(value.raw);
    } else if (LooseValue* const* loose = std::get_if<LooseValue*>(&into)) {
      store_loose(**loose, value);
    }
  }

  static void store_loose(LooseValue& loose, const JsonValue& value) {
    loose.type = value.type;
    if (value.type == JsonType::string) {
      loose.text = unquoted_secret(value.raw);
    } else if (value.type == JsonType::number) {
      loose.text = Secret::copy_of(value.literal);
    } else if (value.type == JsonType::array) {
      JsonScanner elements{value.literal.substr(1)};
      JsonValue first;
      if (elements.scan_value(1, first) && first.type == JsonType::string) {
        loose.text = unquoted_secret(first.raw);
      }
    }
  }

  void refuse(JsonFlaw flaw, std::size_t offset) {
    if (!type_error_) type_error_ = JsonError{.flaw = flaw, .offset = offset};
  }

  std::string_view document_;
  JsonScanner scanner_;
  std::span<JsonField> fields_;
  std::vector<JsonValue> last_;  // Of the fields whose value is stored at the end.
  std::optional<JsonError> type_error_;
};

}  // namespace

std::optional<JsonError> unmarshal(std::string_view document, std::span<JsonField> fields) {
  return Decoder{document, fields}.decode();
}

}  // namespace cfwarden
