#include "cfwarden/rules/placeholders.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/rules/rule.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::string_view quoted_form = "quoted";
constexpr std::string_view clause_form = "clause";
constexpr std::size_t longest_identifier = 64;

bool is_name_letter(char c) {
  return is_lower(c) || c == '_';
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= longest_identifier &&
         std::ranges::all_of(
             text, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-'; });
}

// Quoted, a path is one that whoever copies the command reaches.
std::optional<std::string> quoted(const Fact& fact, const std::string& text,
                                  const FactValues& values) {
  if (fact.path == PathFact::none || values.root_prefix.empty()) return shell_word(text);
  if (fact.path == PathFact::elsewhere || !values.free_of_links) return std::nullopt;
  return shell_word(values.root_prefix + text);
}

std::string filled(const Placeholder& place, const FactValues& values) {
  const Fact& fact = *find_fact(place.name);
  const FactValue& value = values.of(fact);
  const bool is_clause = place.form == clause_form;
  if (std::holds_alternative<std::monostate>(value)) {
    return is_clause ? "" : std::string{fact.placeholder};
  }
  std::string text = text_of(fact, value);
  if (is_clause) return "; " + text;
  if (fact.identifier && !is_identifier(text)) return std::string{fact.placeholder};
  if (place.form != quoted_form) return text;
  return quoted(fact, text, values).value_or(std::string{fact.placeholder});
}

std::vector<std::string_view> fact_names() {
  std::vector<std::string_view> names;
  for (const Fact& fact : all_facts()) names.push_back(fact.name);
  return names;
}

std::string placeholder_problem(const Placeholder& place, TemplateUse use) {
  const std::string shown = "placeholder '{" + std::string{place.name} + "}': ";
  const Fact* fact = find_fact(place.name);
  if (fact == nullptr) return shown + unknown_among(place.name, fact_names());
  const bool is_clause = place.form == clause_form && use == TemplateUse::prose;
  if (!place.form.empty() && place.form != quoted_form && !is_clause) {
    return shown + "only ':quoted' may follow the fact, or ':clause' outside steps";
  }
  if (fact->command && !place.form.empty()) return shown + "a command stands without ':quoted'";
  const bool anyones_text = fact->type == FactType::text && !fact->identifier && !fact->command;
  if (use == TemplateUse::step && anyones_text && place.form.empty()) {
    return shown + "in a step write '{" + std::string{place.name} +
           ":quoted}': it may hold anything, and steps are copied to a shell";
  }
  return "";
}

}  // namespace

std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  for (std::size_t begin = text.find('{', from); begin != std::string_view::npos;
       begin = text.find('{', begin + 1)) {
    std::size_t end = begin + 1;
    while (end < text.size() && is_name_letter(text[end])) ++end;
    if (end == begin + 1 || end == text.size()) continue;
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    if (text[end] == '}') return Placeholder{begin, end + 1, name, {}};
    if (text[end] != ':') continue;
    const std::size_t form = end + 1;
    end = form;
    while (end < text.size() && is_name_letter(text[end])) ++end;
    if (end == form || end == text.size() || text[end] != '}') continue;
    return Placeholder{begin, end + 1, name, text.substr(form, end - form)};
  }
  return std::nullopt;
}

std::string template_problem(std::string_view text, TemplateUse use) {
  for (auto place = next_placeholder(text, 0); place; place = next_placeholder(text, place->end)) {
    std::string problem = placeholder_problem(*place, use);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string fill_template(std::string_view text, const FactValues& facts) {
  std::string result;
  std::size_t done = 0;
  for (auto place = next_placeholder(text, 0); place; place = next_placeholder(text, place->end)) {
    result += text.substr(done, place->begin - done);
    result += find_fact(place->name) != nullptr
                  ? filled(*place, facts)
                  : std::string{text.substr(place->begin, place->end - place->begin)};
    done = place->end;
  }
  result += text.substr(done);
  return result;
}

}  // namespace cfwarden
