#include "cfwarden/search/anchors.h"

#include "cfwarden/base/base64.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

// Each word of `forms` wraps the text, a letter a step, the innermost first:
//   t  base64 that begins with the text, as a token does: "tttt" is a token in base64 three times
//   b  base64 in which the text stands anywhere: a literal for each of the three places in a group
//   u  UTF-16
//   p  percent-encoding, of blanks
//   -  nothing
// A text in base64 is cut short where a line of 76 letters might break it.
struct Row {
  std::string_view text;
  std::string_view forms;
  Announced announced;
  LetterCase letter_case = LetterCase::exact;
};

constexpr std::string_view token_forms = "t tu tb tbb tttt tub";
constexpr std::string_view rarer_token_forms = "t tu tb";

constexpr Row rows[] = {
    // Any JSON encoder without blanks, and those that have one behind the colon only.
    {R"({"a")", token_forms, Announced::token},
    {R"({"s")", token_forms, Announced::token},
    {R"({"t")", token_forms, Announced::token},
    {R"({"e")", token_forms, Announced::token},
    // cloudflared reads keys in any letter case.
    {R"({"A")", rarer_token_forms, Announced::token},
    {R"({"S")", rarer_token_forms, Announced::token},
    {R"({"T")", rarer_token_forms, Announced::token},
    {R"({"E")", rarer_token_forms, Announced::token},
    {R"({ "a)", rarer_token_forms, Announced::token},
    {R"({ "s)", rarer_token_forms, Announced::token},
    {R"({ "t)", rarer_token_forms, Announced::token},
    {R"({ "e)", rarer_token_forms, Announced::token},
    // Indented by any number of blanks: a quote in place of the last blank gives the same letters.
    {"{\n  ", rarer_token_forms, Announced::token},
    {"{\n\t\"", rarer_token_forms, Announced::token},
    {"{\n\"a", "t", Announced::token},
    {"{\n\"s", "t", Announced::token},
    {"{\n\"t", "t", Announced::token},
    {"{\n\"e", "t", Announced::token},
    {"{\r\n ", rarer_token_forms, Announced::token},
    {"{\r\n\t", rarer_token_forms, Announced::token},

    {"ARGO TUNNEL TOKEN", "- u p", Announced::certificate},
    {"ARGO TUN", "b bb", Announced::certificate},
    {"-----BEGIN ARGO", "ttt", Announced::certificate},
    {"WARP TOKEN", "- u p b", Announced::certificate},
    {R"({"zoneID")", "t", Announced::certificate_body},
    {R"({"accountID")", "t", Announced::certificate_body},
    {R"({"apiToken")", "t", Announced::certificate_body},

    {"TunnelSecret", "- u", Announced::credentials, LetterCase::any},
    {"unnelSec", "b bb ub", Announced::credentials},
    {R"({"AccountTag")", "t tb ttt", Announced::credentials},

    {"tunnel_secret", "- u", Announced::split_credentials, LetterCase::any},
    // With what makes it a key: many a secret of Kubernetes has that name.
    {"--tunnel-secret", "-", Announced::split_credentials},
    {"tunnel-secret:", "-", Announced::split_credentials},
    {"tunnel-secret=", "-", Announced::split_credentials},
    {"tunnel-secret =", "-", Announced::split_credentials},
    {"tunnel-secret\":", "-", Announced::split_credentials},
    {"tunnel.secret", "-", Announced::split_credentials, LetterCase::any},
    {"tunnel create -", "-", Announced::split_credentials},
    {"tunnel create \\", "-", Announced::split_credentials},
    {"nnel_sec", "b", Announced::split_credentials},
    {"NNEL_SEC", "b", Announced::split_credentials},
    {"TUNNEL_CREATE_SECRET", "-", Announced::split_credentials},
    // Values of a Helm chart: account, tunnelId and secret.
    {"tunnelId", "- b", Announced::split_credentials},
    // Terraform: the argument is called `secret` and nothing else.
    {"cloudflare_tunnel", "-", Announced::split_credentials},
    {"argo_tunnel", "-", Announced::split_credentials},
    {"tunnel_cloudflared", "-", Announced::split_credentials},
};

struct Form {
  std::string literal;
  Layer layer = Layer::plain;
  std::uint8_t group_position = 0;
};

// The letters that do not depend on what stands around the text, with `before` bytes of the group
// before it.
Form in_base64(std::string_view text, std::size_t before) {
  const std::string letters = base64_of(std::string(before, '\0').append(text));
  const std::size_t first = before == 0 ? 0 : before + 1;
  const std::size_t behind = (before + text.size()) * 8 / 6;
  return {letters.substr(first, behind - first), Layer::base64, static_cast<std::uint8_t>(first)};
}

// Without the zero before the first letter or behind the last one, it is found in both byte orders.
Form in_utf16(std::string_view text) {
  std::string letters;
  for (const char letter : text) letters.append(letters.empty() ? 0 : 1, '\0').push_back(letter);
  return {std::move(letters), Layer::utf16, 0};
}

Form with_blanks_as(std::string_view replacement, std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    escaped.append(letter == ' ' ? replacement : std::string_view{&letter, 1});
  }
  return {std::move(escaped), Layer::percent, 0};
}

std::vector<Form> wrapped(std::string_view text, char step) {
  switch (step) {
    case 't':
      return {in_base64(text, 0)};
    case 'b':
      return {in_base64(text, 0), in_base64(text, 1), in_base64(text, 2)};
    case 'u':
      return {in_utf16(text)};
    case 'p':
      return {with_blanks_as("%20", text), with_blanks_as("+", text)};
    default:
      return {Form{.literal = std::string{text}}};
  }
}

std::vector<Form> forms_of(std::string_view text, std::string_view steps) {
  std::vector<Form> forms{Form{.literal = std::string{text}}};
  for (const char step : steps) {
    std::vector<Form> outer;
    for (const Form& form : forms) {
      for (Form& added : wrapped(form.literal, step)) outer.push_back(std::move(added));
    }
    forms = std::move(outer);
  }
  return forms;
}

void append_anchors(const Row& row, std::string_view steps, std::vector<Anchor>& anchors) {
  for (Form& form : forms_of(row.text, steps)) {
    const bool is_token = row.announced == Announced::token && steps == "t";
    anchors.push_back({.literal = std::move(form.literal),
                       .letter_case = row.letter_case,
                       .announced = row.announced,
                       .layer = is_token ? Layer::plain : form.layer,
                       .group_position = form.group_position});
  }
}

}  // namespace

std::vector<Anchor> all_anchors() {
  std::vector<Anchor> anchors;
  for (const Row& row : rows) {
    for (std::string_view left = row.forms; !left.empty();) {
      const std::size_t end = std::min(left.find(' '), left.size());
      append_anchors(row, left.substr(0, end), anchors);
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  return anchors;
}

std::vector<Literal> literals_of(std::span<const Anchor> anchors) {
  std::vector<Literal> literals;
  for (const Anchor& anchor : anchors) literals.push_back({anchor.literal, anchor.letter_case});
  return literals;
}

}  // namespace cfwarden
