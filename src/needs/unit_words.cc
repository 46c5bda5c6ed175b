#include "cfwarden/needs/unit_words.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/go_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

// Exactly `count` digits of the base at the start of `text`.
std::optional<std::uint32_t> number_of(std::string_view text, std::size_t count, unsigned base) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  for (const char byte : text.substr(0, count)) {
    const int digit = hex_value(byte);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return std::nullopt;
    value = value * base + static_cast<unsigned>(digit);
  }
  return value;
}

struct NamedEscape {
  char letter;
  char byte;
};
constexpr std::array named_escapes{
    NamedEscape{'a', '\a'},  NamedEscape{'b', '\b'},  NamedEscape{'f', '\f'},
    NamedEscape{'n', '\n'},  NamedEscape{'r', '\r'},  NamedEscape{'t', '\t'},
    NamedEscape{'v', '\v'},  NamedEscape{'s', ' '},   NamedEscape{'"', '"'},
    NamedEscape{'\'', '\''}, NamedEscape{'\\', '\\'},
};

struct NumberedEscape {
  std::string_view letter;
  std::size_t digits;
  unsigned base;
  bool is_rune;
};
constexpr std::array numbered_escapes{
    NumberedEscape{"x", 2, 16, false},
    NumberedEscape{"u", 4, 16, true},
    NumberedEscape{"U", 8, 16, true},
    NumberedEscape{"", 3, 8, false},
};

// \uXXXX takes halves of surrogate pairs too, \UXXXXXXXX does not.
bool append_rune(std::uint32_t rune, std::size_t digits, std::string& word) {
  const bool is_surrogate = rune >= 0xd800 && rune <= 0xdfff;
  if (rune > 0x10ffff || (is_surrogate && digits == 8)) return false;
  if (is_surrogate) {
    for (const std::uint32_t part :
         {0xe0 | rune >> 12, 0x80 | (rune >> 6 & 0x3f), 0x80 | (rune & 0x3f)}) {
      word += static_cast<char>(part);
    }
    return true;
  }
  std::array<char, 4> bytes{};
  word.append(bytes.data(), write_utf8(rune, bytes.data()));
  return true;
}

// Appends what stands behind a backslash and returns how many bytes of it were taken; 0 when
// systemd knows no such escape.
std::size_t take_escape(std::string_view text, std::string& word) {
  for (const NamedEscape& known : named_escapes) {
    if (text.front() != known.letter) continue;
    word += known.byte;
    return 1;
  }
  for (const NumberedEscape& known : numbered_escapes) {
    if (!text.starts_with(known.letter)) continue;
    const auto value = number_of(text.substr(known.letter.size()), known.digits, known.base);
    if (!value || *value == 0) return 0;
    if (known.is_rune ? !append_rune(*value, known.digits, word) : *value > 0xff) return 0;
    if (!known.is_rune) word += static_cast<char>(*value);
    return known.letter.size() + known.digits;
  }
  return 0;
}

class WordTaker {
 public:
  WordTaker(std::string_view& rest, const WordSyntax& syntax) : rest_(rest), syntax_(syntax) {}

  TakenWord take() {
    skip_separators();
    if (rest_.empty()) return {};
    bool goes_on = true;
    while (goes_on && !rest_.empty()) goes_on = step();
    if (quote_ != '\0' && rest_.empty() && goes_on && !syntax_.is_relaxed) is_invalid_ = true;
    if (is_invalid_) return {.state = TakenWord::State::invalid, .text = {}};
    return {.state = TakenWord::State::word, .text = std::move(word_)};
  }

 private:
  bool is_separator(char byte) const {
    return syntax_.separators.find(byte) != std::string_view::npos;
  }

  void skip_separators() {
    if (syntax_.keeps_empty) return;
    while (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
  }

  bool step() {
    const char byte = rest_.front();
    rest_.remove_prefix(1);
    if (byte == '\\' && syntax_.escapes != Escapes::retain) return step_behind_backslash();
    if (quote_ != '\0') {
      if (byte == quote_) {
        quote_ = '\0';
      } else {
        word_ += byte;
      }
      return true;
    }
    if (byte == '\'' || byte == '"') {
      quote_ = byte;
      return true;
    }
    if (is_separator(byte)) {
      skip_separators();
      return false;
    }
    word_ += byte;
    return true;
  }

  bool step_behind_backslash() {
    if (rest_.empty()) {
      if (syntax_.escapes == Escapes::c_relaxed && quote_ == '\0') {
        word_ += '\\';
      } else if (!syntax_.is_relaxed) {
        is_invalid_ = true;
      }
      return false;
    }
    if (syntax_.escapes == Escapes::plain) {
      word_ += rest_.front();
      rest_.remove_prefix(1);
      return true;
    }
    const std::size_t taken = take_escape(rest_, word_);
    if (taken == 0) {
      if (syntax_.escapes == Escapes::c) {
        is_invalid_ = true;
        return false;
      }
      word_ += '\\';
      word_ += rest_.front();
    }
    rest_.remove_prefix(taken == 0 ? 1 : taken);
    return true;
  }

  std::string_view& rest_;
  const WordSyntax& syntax_;
  char quote_ = '\0';
  bool is_invalid_ = false;
  std::string word_;
};

}  // namespace

TakenWord take_word(std::string_view& rest, const WordSyntax& syntax) {
  return WordTaker{rest, syntax}.take();
}

std::vector<std::string> words_of(std::string_view text, const WordSyntax& syntax) {
  std::vector<std::string> words;
  while (true) {
    TakenWord word = take_word(text, syntax);
    if (word.state != TakenWord::State::word) return words;
    words.push_back(std::move(word.text));
  }
}

}  // namespace cfwarden
