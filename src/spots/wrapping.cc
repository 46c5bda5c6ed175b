#include "cfwarden/spots/wrapping.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/spots/letters.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

// Behind the name that the anchor is, or is a part of.
std::string_view behind_name(std::string_view text, const AnchorPlace& place) {
  constexpr std::size_t longest_name = 64;
  const std::string_view rest = text.substr(place.end, longest_name);
  const auto* const end = std::ranges::find_if_not(rest, is_name_byte);
  return rest.substr(static_cast<std::size_t>(end - rest.begin()));
}

// Keys stand between quotes; how those are written tells what the text is written in.
bool is_key(const AnchorPlace& place) {
  return place.anchor.announced == Announced::credentials ||
         place.anchor.announced == Announced::split_credentials;
}

bool is_plain_key(const AnchorPlace& place) {
  return place.anchor.layer == Layer::plain && is_key(place);
}

// The number that these hex digits make; -1 when it is none of ASCII.
int ascii_of(std::string_view digits) {
  int number = 0;
  for (const char digit : digits) {
    if (hex_value(digit) < 0) return -1;
    number = number * 16 + hex_value(digit);
    if (number > 0x7f) return -1;
  }
  return number;
}

// As far as no byte on the way ends it.
template <class Ends>
Region region_until(std::string_view text, const AnchorPlace& place, Ends ends) {
  Region region{place.begin, place.end};
  const std::size_t least = place.begin - std::min(place.begin, max_object_bytes);
  const std::size_t most = std::min(text.size(), place.end + max_object_bytes);
  while (region.begin > least && !ends(text, region.begin - 1)) --region.begin;
  while (region.end < most && !ends(text, region.end)) ++region.end;
  return region;
}

// UTF-16. Without a byte order mark it is taken for the one of Windows.

bool has_big_end_first(std::string_view text) {
  return text.starts_with("\xfe\xff");
}

bool is_in_utf16(std::string_view, const AnchorPlace& place) {
  return place.anchor.layer == Layer::utf16;
}

Region utf16_region(std::string_view text, const AnchorPlace& place) {
  // The zero of a letter stands behind it, or before it.
  const std::size_t first = has_big_end_first(text) ? place.begin + 1 : place.begin;
  return {first % 2, text.size()};
}

PlainByte utf16_little(std::string_view rest) {
  if (rest.size() < 2) return {.byte = std::nullopt, .size = rest.size()};
  return {.byte = rest[1] == '\0' ? rest[0] : '?', .size = 2};
}

PlainByte utf16_big(std::string_view rest) {
  if (rest.size() < 2) return {.byte = std::nullopt, .size = rest.size()};
  return {.byte = rest[0] == '\0' ? rest[1] : '?', .size = 2};
}

bool is_in_big_utf16(std::string_view text, const AnchorPlace& place) {
  return is_in_utf16(text, place) && has_big_end_first(text);
}

// Percent-encoding, with a blank as %20 or, in forms, as +.

bool ends_url(std::string_view text, std::size_t at) {
  constexpr std::string_view others = "\"'`<>\\^{|}";
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte <= ' ' || byte >= 0x7f || others.find(text[at]) != npos;
}

bool has_plus(const AnchorPlace& place) {
  return place.anchor.literal.find('+') != npos;
}

bool is_in_percent(std::string_view text, const AnchorPlace& place) {
  if (place.anchor.layer == Layer::percent) return !has_plus(place);
  const std::string_view behind = is_plain_key(place) ? behind_name(text, place) : "";
  return behind.starts_with("%22") || behind.starts_with("%25") || behind.starts_with("%5C");
}

bool is_in_form(std::string_view, const AnchorPlace& place) {
  return place.anchor.layer == Layer::percent && has_plus(place);
}

Region url_region(std::string_view text, const AnchorPlace& place) {
  return region_until(text, place, ends_url);
}

PlainByte percent_byte(std::string_view rest) {
  if (rest[0] != '%' || rest.size() < 3) return {.byte = rest[0], .size = 1};
  const int number = ascii_of(rest.substr(1, 2));
  if (number < 0) return {.byte = rest[0], .size = 1};
  return {.byte = static_cast<char>(number), .size = 3};
}

PlainByte form_byte(std::string_view rest) {
  return rest[0] == '+' ? PlainByte{.byte = ' ', .size = 1} : percent_byte(rest);
}

// Entities of XML and HTML.

struct Entity {
  std::string_view name;
  char byte;
};
constexpr std::array entities{Entity{"&quot;", '"'}, Entity{"&amp;", '&'},  Entity{"&apos;", '\''},
                              Entity{"&lt;", '<'},   Entity{"&gt;", '>'},   Entity{"&#34;", '"'},
                              Entity{"&#39;", '\''}, Entity{"&#10;", '\n'}, Entity{"&#13;", '\r'}};

bool is_in_entities(std::string_view text, const AnchorPlace& place) {
  const std::string_view behind = is_plain_key(place) ? behind_name(text, place) : "";
  return behind.starts_with("&quot;") || behind.starts_with("&#34;") ||
         behind.starts_with("&#x22;") || behind.starts_with("&amp;");
}

Region entity_region(std::string_view text, const AnchorPlace& place) {
  return region_until(text, place, [](std::string_view all, std::size_t at) {
    return all[at] == '<' || all[at] == '>';
  });
}

PlainByte entity_byte(std::string_view rest) {
  if (rest[0] != '&') return {.byte = rest[0], .size = 1};
  for (const Entity& entity : entities) {
    if (rest.starts_with(entity.name)) return {.byte = entity.byte, .size = entity.name.size()};
  }
  const std::size_t end = rest.substr(0, 8).find(';');
  if (rest.starts_with("&#x") && end != npos && end > 3) {
    const int number = ascii_of(rest.substr(3, end - 3));
    if (number > 0) return {.byte = static_cast<char>(number), .size = end + 1};
  }
  return {.byte = rest[0], .size = 1};
}

// A text in quotes, its own quotes behind backslashes: JSON in JSON, a shell's "...".

bool is_in_escapes(std::string_view text, const AnchorPlace& place) {
  const std::string_view behind = is_plain_key(place) ? behind_name(text, place) : "";
  const std::size_t quote = behind.find_first_not_of('\\');
  return quote != 0 && quote != npos && (behind[quote] == '"' || behind.starts_with("\\u0022"));
}

bool is_bare_quote(std::string_view text, std::size_t at) {
  return text[at] == '"' && (at == 0 || text[at - 1] != '\\');
}

Region escaped_region(std::string_view text, const AnchorPlace& place) {
  return region_until(text, place, is_bare_quote);
}

// A field of CSV or a string of SQL, its own quotes doubled.

bool is_in_doubled_quotes(std::string_view text, const AnchorPlace& place) {
  return is_plain_key(place) && behind_name(text, place).starts_with("\"\"");
}

bool is_single_quote(std::string_view text, std::size_t at) {
  const bool is_doubled = (at > 0 && text[at - 1] == '"') || text.substr(at + 1).starts_with('"');
  return text[at] == '"' && !is_doubled;
}

Region doubled_region(std::string_view text, const AnchorPlace& place) {
  return region_until(text, place, is_single_quote);
}

PlainByte doubled_byte(std::string_view rest) {
  return {.byte = rest[0], .size = rest.starts_with("\"\"") ? std::size_t{2} : std::size_t{1}};
}

// Quoted-printable, of mails: a sign in three letters, and lines that break behind one. A key that
// is broken so is not found, nor is one of an environment file: KEY=3D.

bool is_in_quoted_printable(std::string_view text, const AnchorPlace& place) {
  constexpr std::size_t longest_value = 256;
  const std::string_view behind = is_plain_key(place) ? behind_name(text, place) : "";
  if (!behind.starts_with('"')) return false;
  const std::string_view rest =
      text.substr(static_cast<std::size_t>(behind.data() - text.data()) + 1, longest_value);
  const std::size_t open = rest.find_first_not_of(": \t");
  if (open == npos || open == 0 || rest[open] != '"') return false;
  // A text of JSON that is not broken so has no line break, and base64 nothing behind its end.
  const std::string_view value = rest.substr(open + 1, rest.find('"', open + 1) - open - 1);
  return value.find("=3D") != npos || value.find("=\n") != npos || value.find("=\r\n") != npos;
}

bool ends_paragraph(std::string_view text, std::size_t at) {
  return text[at] == '\n' &&
         (text.substr(at + 1).starts_with("\n") || text.substr(at + 1).starts_with("\r\n"));
}

Region paragraph_region(std::string_view text, const AnchorPlace& place) {
  return region_until(text, place, ends_paragraph);
}

PlainByte quoted_printable_byte(std::string_view rest) {
  if (rest[0] != '=') return {.byte = rest[0], .size = 1};
  if (rest.starts_with("=\n")) return {.byte = std::nullopt, .size = 2};
  if (rest.starts_with("=\r\n")) return {.byte = std::nullopt, .size = 3};
  const int number = rest.size() < 3 ? -1 : ascii_of(rest.substr(1, 2));
  if (number < 0) return {.byte = rest[0], .size = 1};
  return {.byte = static_cast<char>(number), .size = 3};
}

constexpr std::array wrappings{
    Wrapping{"utf-16", is_in_big_utf16, utf16_region, utf16_big},
    Wrapping{"utf-16", is_in_utf16, utf16_region, utf16_little},
    Wrapping{"form", is_in_form, url_region, form_byte},
    Wrapping{"percent", is_in_percent, url_region, percent_byte},
    Wrapping{"entities", is_in_entities, entity_region, entity_byte},
    Wrapping{"escapes", is_in_escapes, escaped_region, unescaped_byte},
    Wrapping{"doubled-quotes", is_in_doubled_quotes, doubled_region, doubled_byte},
    Wrapping{"quoted-printable", is_in_quoted_printable, paragraph_region, quoted_printable_byte},
};

}  // namespace

std::span<const Wrapping> text_wrappings() {
  return wrappings;
}

const Wrapping* wrapping_of_all(std::string_view text) {
  if (has_big_end_first(text)) return &wrappings[0];
  return text.starts_with("\xff\xfe") ? &wrappings[1] : nullptr;
}

Peeled peel(const Wrapping& wrapping, std::string_view text, const Region& region) {
  Peeled peeled{.bytes = Secret{region.end - region.begin}, .sources = {}};
  std::string_view rest = text.substr(region.begin, region.end - region.begin);
  std::size_t size = 0;
  while (!rest.empty()) {
    const PlainByte plain = wrapping.next(rest);
    if (plain.byte) {
      peeled.bytes.writable()[size++] = *plain.byte;
      peeled.sources.append(region.end - rest.size());
    }
    rest.remove_prefix(plain.size);
  }
  peeled.bytes.shrink(size);
  return peeled;
}

}  // namespace cfwarden
