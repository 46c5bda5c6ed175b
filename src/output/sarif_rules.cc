#include "cfwarden/output/sarif_rules.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/output/json_text.h"
#include "cfwarden/output/markdown_text.h"
#include "cfwarden/output/rows.h"

#include <algorithm>
#include <vector>

namespace cfwarden {
namespace {

struct Step {
  std::string_view prose;
  std::vector<std::string_view> commands;
};

Step taken_apart(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  Step step{.prose = text.substr(0, end)};
  text.remove_prefix(end);
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto next = std::min(text.find('\n'), text.size());
    step.commands.push_back(text.substr(0, next));
    text.remove_prefix(next);
  }
  return step;
}

// One that none of the lines can close.
std::string fence_around(const std::vector<std::string_view>& lines) {
  std::string fence = "```";
  const auto holds_fence = [&](std::string_view line) {
    return line.find(fence) != std::string_view::npos;
  };
  while (std::ranges::any_of(lines, holds_fence)) fence += '`';
  return fence;
}

std::string commands_in_markdown(const std::vector<std::string_view>& commands) {
  if (commands.empty()) return {};
  const std::string fence = fence_around(commands);
  std::string text = "\n   " + fence + "sh\n";
  for (const std::string_view command : commands) text += "   " + json_text(command) + "\n";
  return text + "   " + fence + "\n";
}

}  // namespace

std::string_view sarif_level(Severity severity) {
  if (severity >= Severity::high) return "error";
  return severity == Severity::medium ? "warning" : "note";
}

std::string_view security_severity(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "9.5";
    case Severity::high:
      return "8.0";
    case Severity::medium:
      return "5.5";
    case Severity::low:
      return "2.0";
    case Severity::info:
      return "";
  }
  return "";
}

std::string pascal_case(std::string_view id) {
  std::string name;
  bool begins = true;
  for (const char c : id) {
    if (is_lower(c) || is_upper(c) || is_digit(c)) {
      name += begins && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
    begins = c == '-';
  }
  return name;
}

std::string first_characters(const std::string& utf8, std::size_t most) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  if (static_cast<std::size_t>(std::ranges::count_if(utf8, begins)) <= most) return utf8;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < utf8.size(); ++end) {
    if (begins(utf8[end]) && ++seen == most) break;
  }
  return utf8.substr(0, end) + "\xE2\x80\xA6";
}

std::string help_text(const RuleText& rule) {
  std::string text = told(rule.rationale) + "\n\nWhat to do:\n";
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    const Step step = taken_apart(rule.steps[i]);
    text += std::to_string(i + 1) + ". " + told(step.prose) + "\n";
    for (const std::string_view command : step.commands) text += "   " + json_text(command) + "\n";
  }
  for (const std::string& reference : rule.references) text += "\n" + told(reference);
  return text;
}

std::string help_markdown(const RuleText& rule) {
  std::string text = markdown_prose(rule.rationale) + "\n\n**What to do**\n\n";
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    const Step step = taken_apart(rule.steps[i]);
    text += std::to_string(i + 1) + ". " + markdown_prose(step.prose) + "\n" +
            commands_in_markdown(step.commands);
  }
  if (!rule.references.empty()) text += "\n**References**\n\n";
  for (const std::string& reference : rule.references) {
    const std::string uri = uri_in(reference);
    const std::string words = reference.substr(0, reference.find("https://"));
    text += "- " + markdown_prose(words) + (uri.empty() ? "" : "<" + uri + ">") + "\n";
  }
  return text;
}

std::string weakness_tag(std::string_view reference) {
  constexpr std::string_view prefix = "CWE-";
  if (!reference.starts_with(prefix)) return {};
  reference.remove_prefix(prefix.size());
  const auto end = std::ranges::find_if_not(reference, is_digit) - reference.begin();
  return end == 0 ? ""
                  : "external/cwe/cwe-" +
                        std::string{reference.substr(0, static_cast<std::size_t>(end))};
}

std::string uri_in(std::string_view reference) {
  const auto at = reference.find("https://");
  if (at == std::string_view::npos) return {};
  const std::string_view uri = reference.substr(at);
  static constexpr std::string_view allowed = "/:?#@!$&'()*+,;=-._~%";
  const bool is_uri = std::ranges::all_of(uri, [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || allowed.find(c) != std::string_view::npos;
  });
  return is_uri ? std::string{uri} : "";
}

}  // namespace cfwarden
