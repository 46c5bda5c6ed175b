#include "cfwarden/sweep/text_stream.h"

#include "../spots/corpus.h"
#include "cfwarden/carriers/context.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

using corpus::Ends;
using corpus::Expected;
using corpus::NearMiss;
using corpus::Shape;

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

using Told = std::multiset<std::string>;

std::string scope_of(const Scope& scope) {
  std::string words;
  const auto add = [&words](const std::string& word) {
    words += words.empty() ? "" : ",";
    words += word;
  };
  if (scope.account == corpus::account) add("account");
  if (scope.zone == corpus::zone) add("zone");
  if (scope.tunnel == corpus::tunnel) add("tunnel");
  if (scope.tunnel == corpus::second_tunnel) add("tunnel2");
  return words.empty() ? "-" : words;
}

std::string told(const std::string& kind, std::optional<std::size_t> line,
                 const std::string& scope) {
  std::string words = kind;
  words += line ? " line " + std::to_string(*line) : " without a line";
  words += " " + scope;
  return words;
}

Told expected_of(const Shape& shape, std::size_t lines_before = 0) {
  Told all;
  for (const Expected& expected : shape.expected) {
    all.insert(told(expected.kind, expected.line + lines_before, expected.scope));
  }
  return all;
}

Told told_of(const std::vector<FoundCredential>& found) {
  Told all;
  for (const FoundCredential& one : found) {
    all.insert(told(one.credential.kind, one.line, scope_of(one.credential.scope)));
  }
  return all;
}

std::vector<FoundCredential> found_in(TextStream& stream, std::string_view text, std::size_t piece,
                                      TextSource source = {.path = "/srv/x"}) {
  stream.begin(std::move(source));
  for (std::size_t at = 0; at < text.size(); at += piece) stream.append(text.substr(at, piece));
  return stream.finish();
}

Told told_in(std::string_view text, std::size_t piece = 1 << 20, TextSource source = {}) {
  static TextStream stream{finder()};
  return told_of(found_in(stream, text, piece, std::move(source)));
}

// The shapes of binary files have no lines here.
bool holds_zero(const Shape& shape) {
  return !holds_lines(shape.text);
}

Told without_lines(const Shape& shape) {
  Told all;
  for (const Expected& expected : shape.expected) {
    all.insert(told(expected.kind, std::nullopt, expected.scope));
  }
  return all;
}

std::string lines_of(std::size_t bytes, std::size_t line_bytes = 64) {
  std::string text(bytes, '.');
  for (std::size_t at = line_bytes - 1; at < bytes; at += line_bytes) text[at] = '\n';
  if (bytes > 0) text.back() = '\n';
  return text;
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

const std::string token = corpus::names().at("TOKEN");

TEST_CASE("each shape of the corpus is found in pieces of any size: kind, line, scope, carrier") {
  TextStream stream{finder()};
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const Told expected = holds_zero(shape) ? without_lines(shape) : expected_of(shape);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      CAPTURE(piece);
      const auto found = found_in(stream, shape.text, piece, {.path = shape.path});
      CHECK(told_of(found) == expected);
      for (const FoundCredential& one : found) CHECK(one.carrier == shape.carrier);
      CHECK(stream.problem() == "");
    }
  }
}

TEST_CASE("each near miss of the corpus is silent") {
  for (const NearMiss& miss : corpus::near_misses()) {
    CAPTURE(miss.file);
    CHECK(told_in(miss.text, 4096) == Told{});
  }
}

TEST_CASE("each shape is found with the line ends of Windows, and in UTF-16 of either order") {
  for (const Shape& shape : corpus::shapes()) {
    if (holds_zero(shape)) continue;
    CAPTURE(shape.file);
    const std::string windows = corpus::replaced(shape.text, {{'\n', "\r\n"}});
    const Told expected = expected_of(shape);
    CHECK(told_in(windows, 7) == expected);
    CHECK(told_in(corpus::utf16_file(windows, Ends::little), 7) == expected);
    CHECK(told_in(corpus::utf16_file(shape.text, Ends::big), 7) == expected);
  }
}

// Where windows end, and where the core of one ends and that of the next begins.
constexpr std::size_t border = whole_text_bytes;
constexpr std::size_t margin = 2 * spot_reach;
constexpr std::size_t small_border = 5 * margin;  // The rules are the same, the tests are faster.

TEST_CASE("each shape is found across the end of a window, on its line") {
  TextStream stream{finder(), small_border};
  const std::string filler = lines_of(small_border);
  for (const Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const std::size_t at = small_border - shape.text.size() / 2;
    const std::string before = filler.substr(0, at - 1) + "\n";
    const Told expected =
        holds_zero(shape) ? without_lines(shape) : expected_of(shape, count_lines(before));
    const std::string text = before + shape.text + "\n" + filler;
    CHECK(told_of(found_in(stream, text, 4096)) == expected);
  }
}

TEST_CASE("a token is found once wherever it stands across what windows share") {
  TextStream stream{finder(), small_border};
  const std::size_t step = small_border - 2 * margin;  // From window to window.
  for (const std::size_t window : {std::size_t{0}, step}) {
    for (const std::size_t place : {step, step + margin, small_border}) {
      for (const std::size_t back :
           {std::size_t{0}, std::size_t{1}, token.size() / 2, token.size()}) {
        CAPTURE(window);
        CAPTURE(place);
        CAPTURE(back);
        const std::string before = lines_of(window + place - back);
        const std::string text = before + token + "\n" + lines_of(small_border);
        CHECK(told_of(found_in(stream, text, 1 << 20)) ==
              Told{told("tunnel-token", count_lines(before) + 1, "account,tunnel")});
      }
    }
  }
}

TEST_CASE(
    "across 8 MiB a token, and what is put together of three keys, are found on their lines") {
  const std::string keys = "account: " + corpus::account + "\ntunnelId: " + corpus::tunnel +
                           "\ntunnelSecret: " + corpus::names().at("SECRET") + "\n";
  for (const std::size_t back :
       {std::size_t{1}, token.size() / 2, token.size() + keys.size() / 2}) {
    CAPTURE(back);
    const std::string before = lines_of(border - back);
    const std::string text = before + token + "\n" + keys;
    const std::size_t lines = count_lines(before);
    CHECK(told_in(text) == Told{told("tunnel-token", lines + 1, "account,tunnel"),
                                told("tunnel-credentials", lines + 4, "account,tunnel")});
  }
}

TEST_CASE("lines of UTF-16 are counted across windows, in either order") {
  TextStream stream{finder(), small_border};
  const std::string before = lines_of(small_border + 4711, 97);
  const std::string text = before + token + "\n";
  const Told expected{told("tunnel-token", count_lines(before) + 1, "account,tunnel")};
  CHECK(told_in(corpus::utf16_file(text, Ends::little), 4097) == expected);
  CHECK(told_in(corpus::utf16_file(text, Ends::big), 4097) == expected);
}

TEST_CASE(
    "UTF-16 without a mark is found in later windows at even and odd places, without a line") {
  for (const std::size_t shift : {std::size_t{0}, std::size_t{1}}) {
    CAPTURE(shift);
    const std::string text = lines_of(border + shift) + corpus::utf16(token + "\n", Ends::little);
    CHECK(told_in(text) == Told{told("tunnel-token", std::nullopt, "account,tunnel")});
  }
}

TEST_CASE("the same secret is told once, where it stands first, however far apart") {
  const std::string text = "a\n" + token + "\n" + lines_of(border) + token + "\n";
  CHECK(told_in(text) == Told{told("tunnel-token", 2, "account,tunnel")});
}

TEST_CASE("a text with a zero byte anywhere has no lines") {
  const std::string zero(1, '\0');
  const Told expected{told("tunnel-token", std::nullopt, "account,tunnel")};
  CHECK(told_in(zero + "\n" + token + "\n") == expected);
  CHECK(told_in(token + "\n" + zero) == expected);
  CHECK(told_in(token + "\n" + lines_of(border) + zero) == expected);
}

TEST_CASE("the next text knows nothing of the last one") {
  TextStream stream{finder()};
  const std::string zero(1, '\0');
  CHECK(found_in(stream, "\xff\xfe" + lines_of(border + 2) + token + zero, 4096).size() == 1);
  const auto found = found_in(stream, "a\n" + token, 4096, {.path = "/root/.bash_history"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 2);
  CHECK(found[0].carrier == "shell-history");
  CHECK(found_in(stream, "", 1).empty());
}

TEST_CASE("of a hole no more is looked at than parts what stands before from what stands behind") {
  TextStream stream{finder()};
  stream.begin({.path = "/srv/x"});
  stream.append("TUNNEL_TOKEN=" + token.substr(0, 40));
  stream.append_zeros(std::uint64_t{1} << 62);
  stream.append(token.substr(40) + "\nTUNNEL_TOKEN=" + token + "\n");
  CHECK(told_of(stream.finish()) == Told{told("tunnel-token", std::nullopt, "account,tunnel")});
}

TEST_CASE("UTF-16 stays in step across a hole of odd length") {
  TextStream stream{finder()};
  const std::string text = corpus::utf16_file("one\n", Ends::big);
  stream.begin({.path = "/srv/x"});
  stream.append(text + '\0');
  stream.append_zeros((std::uint64_t{1} << 40) + 1);
  stream.append(corpus::utf16("\n" + token, Ends::big));
  CHECK(told_of(stream.finish()) == Told{told("tunnel-token", 3, "account,tunnel")});
}

TEST_CASE("arguments and variables that end in zero bytes are read one by one, without a line") {
  const std::string zero(1, '\0');
  const std::string arguments = "cloudflared" + zero + "--token" + zero + token + zero;
  const std::string variables = "A=1" + zero + "TUNNEL_TOKEN=" + token + zero + "B=2" + zero;
  const TextSource process{.path = "/proc/17/cmdline", .form = TextForm::zero_ended};
  const Told expected{told("tunnel-token", std::nullopt, "account,tunnel")};
  CHECK(told_in(arguments, 3, process) == expected);
  CHECK(told_in(variables, 3, process) == expected);
}

TEST_CASE("a member is named with each credential, and tells the carrier by its own path") {
  TextStream stream{finder()};
  const auto found = found_in(stream, token, 4096,
                              {.path = "/root/.bash_history", .member = "root/.bash_history"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].member == "root/.bash_history");
  CHECK(found[0].carrier == "shell-history");
}

TEST_CASE("what is no other sort of file and begins as an archive is called one") {
  TextStream stream{finder()};
  const auto carrier_of = [&](const std::string& path) {
    const auto found =
        found_in(stream, std::string{"PK\3\4", 4} + " " + token, 4096, {.path = path});
    REQUIRE(found.size() == 1);
    return found.front().carrier;
  };
  CHECK(carrier_of("/srv/backup.001") == "archive");
  CHECK(carrier_of("/var/log/app.log.1") == "log");
}

TEST_CASE("a text of more credentials than are told says so") {
  std::string text;
  for (std::size_t i = 0; i < most_found_in_text + 1; ++i) {
    text += base64_of(corpus::token_json("INVENTED-" + std::to_string(i))) + "\n";
  }
  TextStream stream{finder()};
  CHECK(found_in(stream, text, 4096).size() == most_found_in_text);
  CHECK(stream.problem().find("4096") != std::string_view::npos);
}

}  // namespace
}  // namespace cfwarden
