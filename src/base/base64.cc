#include "cfwarden/base/base64.h"

#include <array>
#include <cstdint>

namespace cfwarden {
namespace {

constexpr std::uint8_t no_letter = 0xff;

constexpr std::array<std::uint8_t, 256> letter_values() {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(no_letter);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    values[static_cast<unsigned char>(letters[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> letter_value = letter_values();

std::uint8_t value_of(char byte) {
  return letter_value[static_cast<unsigned char>(byte)];
}

bool is_line_break(char byte) {
  return byte == '\n' || byte == '\r';
}
bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

// Reads a text byte by byte, without its blanks when those are skipped, and counts what it read.
class Letters {
 public:
  Letters(std::string_view text, Blanks blanks) : text_{text}, blanks_{blanks} { skip_blanks(); }

  bool at_end() const { return next_ == text_.size(); }
  char peek() const { return text_[next_]; }
  std::size_t offset() const { return next_ - skipped_; }
  char take() {
    const char byte = text_[next_++];
    skip_blanks();
    return byte;
  }
  void skip_line_breaks() {
    while (!at_end() && is_line_break(peek())) take();
  }

 private:
  void skip_blanks() {
    if (blanks_ == Blanks::refused) return;
    while (next_ < text_.size() && is_blank(text_[next_])) {
      ++next_;
      ++skipped_;
    }
  }

  std::string_view text_;
  Blanks blanks_;
  std::size_t next_ = 0;
  std::size_t skipped_ = 0;
};

struct Quantum {
  std::array<std::uint8_t, 4> sextets{};
  unsigned count = 0;                   // 0 at the end of the text, else 2 to 4.
  std::optional<std::size_t> bad_byte;  // The sextets before it still count.
};

Quantum bad(std::size_t offset) {
  return {.sextets = {}, .count = 0, .bad_byte = offset};
}

// The first '=' of a quantum is taken: one more must follow two letters, none three, and only line
// breaks may stand before the end.
Quantum padded(Letters& letters, Quantum quantum) {
  if (quantum.count < 2) return bad(letters.offset() - 1);
  if (quantum.count == 2) {
    letters.skip_line_breaks();
    if (letters.at_end()) return bad(letters.offset());
    if (letters.peek() != '=') return bad(letters.offset() - 1);
    letters.take();
  }
  letters.skip_line_breaks();
  if (!letters.at_end()) quantum.bad_byte = letters.offset();
  return quantum;
}

Quantum next_quantum(Letters& letters) {
  Quantum quantum;
  while (quantum.count < quantum.sextets.size()) {
    if (letters.at_end()) {
      if (quantum.count == 0) return quantum;
      return bad(letters.offset() - quantum.count);
    }
    const char byte = letters.take();
    if (const std::uint8_t value = value_of(byte); value != no_letter) {
      quantum.sextets[quantum.count++] = value;
    } else if (byte == '=') {
      return padded(letters, quantum);
    } else if (!is_line_break(byte)) {
      return bad(letters.offset() - 1);
    }
  }
  return quantum;
}

void write_bytes(const Quantum& quantum, std::span<char> out) {
  if (quantum.count < 2) return;
  const auto& s = quantum.sextets;
  const unsigned bits = unsigned{s[0]} << 18 | unsigned{s[1]} << 12 | unsigned{s[2]} << 6 | s[3];
  for (unsigned i = 0; i + 1 < quantum.count; ++i) {
    out[i] = static_cast<char>(bits >> (16 - 8 * i));
  }
}

bool is_white_space(char byte) {
  return is_blank(byte) || is_line_break(byte) || byte == '\v' || byte == '\f';
}

char to_standard_alphabet(char byte) {
  return byte == '-' ? '+' : byte == '_' ? '/' : byte;
}

// How many letters a damaged text has; nullopt when it holds anything but letters, white space, and
// padding behind them.
std::optional<std::size_t> count_letters(std::string_view text) {
  std::size_t letters = 0;
  bool padding = false;
  for (const char byte : text) {
    if (is_white_space(byte)) continue;
    if (byte == '=') {
      padding = true;
    } else if (padding || !is_base64_letter(byte)) {
      return std::nullopt;
    } else {
      ++letters;
    }
  }
  return letters;
}

// Calls write(bytes) for each quantum of the text.
template <class Write>
Base64Outcome decode_quanta(std::string_view text, Blanks blanks, Write write) {
  Base64Outcome outcome;
  Letters letters{text, blanks};
  while (true) {
    const Quantum quantum = next_quantum(letters);
    write(quantum, outcome.size);
    if (quantum.count > 0) outcome.size += quantum.count - 1;
    outcome.bad_byte = quantum.bad_byte;
    if (outcome.bad_byte || quantum.count < quantum.sextets.size()) return outcome;
  }
}

}  // namespace

Base64Outcome decode_base64(std::string_view text, std::span<char> out, Blanks blanks) {
  return decode_quanta(text, blanks, [out](const Quantum& quantum, std::size_t at) {
    write_bytes(quantum, out.subspan(at));
  });
}

Base64Outcome measure_base64(std::string_view text, Blanks blanks) {
  return decode_quanta(text, blanks, [](const Quantum&, std::size_t) {});
}

std::optional<Secret> decode_base64(std::string_view text, Blanks blanks) {
  const Base64Outcome outcome = measure_base64(text, blanks);
  if (outcome.bad_byte) return std::nullopt;
  Secret bytes{outcome.size};
  (void)decode_base64(text, bytes.writable(), blanks);  // Its outcome is the one just measured.
  return bytes;
}

std::optional<Secret> decode_damaged_base64(std::string_view text) {
  const auto letters = count_letters(text);
  // A single letter left over holds less than a byte: something is missing, not merely damaged.
  if (!letters || *letters == 0 || *letters % 4 == 1) return std::nullopt;
  Secret bytes{(*letters + 3) / 4 * 4};
  const std::span<char> room = bytes.writable();
  std::size_t size = 0;
  for (const char byte : text) {
    if (is_base64_letter(byte)) room[size++] = to_standard_alphabet(byte);
  }
  while (size < room.size()) room[size++] = '=';
  const Base64Outcome outcome = decode_base64({room.data(), size}, room);
  bytes.shrink(outcome.size);
  return bytes;
}

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? letters[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return text;
}

bool is_base64_letter(char byte) {
  return value_of(to_standard_alphabet(byte)) != no_letter;
}

}  // namespace cfwarden
