#include "cfwarden/base/pem.h"

#include "cfwarden/base/base64.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "\n-----END ";
constexpr std::string_view dashes = "-----";
constexpr auto npos = std::string_view::npos;

std::string_view trimmed_right(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t");
  return line.substr(0, last == npos ? 0 : last + 1);
}

// A line without its end and trailing blanks, and how many bytes it takes with them.
struct Line {
  std::string_view text;
  std::size_t size = 0;
};

Line first_line(std::string_view text) {
  const std::size_t feed = text.find('\n');
  if (feed == npos) return {.text = trimmed_right(text), .size = text.size()};
  std::string_view line = text.substr(0, feed);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {.text = trimmed_right(line), .size = feed + 1};
}

// One pass of pem.Decode. Positions are offsets in the whole text; `end` is where the line break
// before "-----END " stands, or one before the body's start when the body is empty.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_{text} {}

  std::optional<PemBlock> next() {
    std::size_t from = next_;
    while (true) {
      const std::size_t end = text_.find(end_mark, from);
      if (end == npos) return std::nullopt;
      const std::size_t trailer = end + end_mark.size();
      if (std::optional<PemBlock> block = block_between(from, end, trailer)) return block;
      // Headers that run past the END line are where Go gives up on the rest.
      if (stopped_) return std::nullopt;
      from = trailer;
    }
  }

 private:
  std::optional<PemBlock> block_between(std::size_t from, std::size_t end, std::size_t trailer) {
    const std::size_t begin = last_begin(from, end);
    if (begin == npos) return std::nullopt;
    const std::size_t type_start = begin + begin_mark.size();
    const Line type_line = first_line(text_.substr(type_start));
    if (!type_line.text.ends_with(dashes)) return std::nullopt;
    const std::string_view type = type_line.text.substr(0, type_line.text.size() - dashes.size());

    const std::size_t headers = type_start + type_line.size;
    const std::size_t body = skip_headers(headers);
    if (stopped_) return std::nullopt;
    if (body > headers && body > end) {
      stopped_ = body > trailer;
      return std::nullopt;
    }
    if (!is_trailer(trailer, type)) return std::nullopt;
    auto bytes = body_bytes(body, end);
    if (!bytes) return std::nullopt;
    next_ = trailer + first_line(text_.substr(trailer)).size;
    return PemBlock{.type = std::string{type}, .bytes = std::move(*bytes)};
  }

  // The last BEGIN before the END; only one at the start of a line, or of what is left, counts.
  std::size_t last_begin(std::size_t from, std::size_t end) const {
    const std::size_t begin = text_.substr(from, end - from).rfind(begin_mark);
    if (begin == npos) return npos;
    return begin == 0 || text_[from + begin - 1] == '\n' ? from + begin : npos;
  }

  // Every line with a colon is a header. A text that ends among them ends the search.
  std::size_t skip_headers(std::size_t position) {
    while (position < text_.size()) {
      const Line line = first_line(text_.substr(position));
      if (line.text.find(':') == npos) return position;
      position += line.size;
    }
    stopped_ = true;
    return position;
  }

  bool is_trailer(std::size_t trailer, std::string_view type) const {
    const std::string_view rest = text_.substr(trailer);
    return rest.starts_with(type) && rest.substr(type.size()).starts_with(dashes) &&
           first_line(rest.substr(type.size() + dashes.size())).text.empty();
  }

  std::optional<Secret> body_bytes(std::size_t body, std::size_t end) const {
    if (end <= body) return Secret{};
    return decode_base64(text_.substr(body, end - body), Blanks::skipped);
  }

  std::string_view text_;
  std::size_t next_ = 0;
  bool stopped_ = false;
};

// White space runs become one space: a type may be broken over lines.
std::string squeezed(std::string_view type) {
  std::string text;
  for (const char byte : type) {
    const bool space = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    if (!space) {
      text += byte;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

// A body without headers and without what a string literal in some other language puts around it.
std::optional<Secret> damaged_body(std::string_view body) {
  Secret letters{body.size()};
  std::size_t size = 0;
  while (!body.empty()) {
    const Line line = first_line(body);
    const bool header = line.text.find(':') != npos && line.size < body.size();
    for (const char byte : header ? std::string_view{} : body.substr(0, line.size)) {
      if (byte == '"' || byte == '\'' || byte == ',' || byte == '\\') continue;
      letters.writable()[size++] = byte;
    }
    body.remove_prefix(line.size);
  }
  return decode_damaged_base64(letters.reveal().substr(0, size));
}

}  // namespace

std::vector<PemBlock> pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  Splitter splitter{text};
  while (std::optional<PemBlock> block = splitter.next()) blocks.push_back(std::move(*block));
  return blocks;
}

std::vector<PemBlock> damaged_pem_blocks(std::string_view text) {
  // A dash more or less does not hide a block; two could be letters of the URL alphabet.
  constexpr std::string_view begin = "-BEGIN ";
  constexpr std::string_view few_dashes = "----";
  constexpr std::size_t longest_type = 64;
  std::vector<PemBlock> blocks;
  for (std::size_t start = text.find(begin); start != npos; start = text.find(begin)) {
    text.remove_prefix(start + begin.size());
    const std::size_t type_end = text.substr(0, longest_type).find(few_dashes);
    if (type_end == npos) continue;
    const std::string type = squeezed(text.substr(0, type_end));
    text.remove_prefix(std::min(text.find_first_not_of('-', type_end), text.size()));
    const std::string_view body = text.substr(0, text.find(few_dashes));
    text.remove_prefix(body.size());
    if (auto bytes = damaged_body(body)) {
      blocks.push_back(PemBlock{.type = type, .bytes = std::move(*bytes)});
    }
  }
  return blocks;
}

}  // namespace cfwarden
