// The `{fact}`, `{fact:quoted}` and `{fact:clause}` of a template, found in its text.
//
// A brace that is not followed by lower-case letters and underscores, and then by '}' or ':',
// stands for itself: commands hold JSON.
#pragma once

#include "cfwarden/rules/facts.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace cfwarden {

struct Placeholder {
  std::size_t begin = 0;  // Of its opening brace.
  std::size_t end = 0;    // Behind its closing one.
  std::string_view name;
  std::string_view form;  // "" or what stands behind the colon.
};

// The first one at or after `from`.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from);

// A step is a command to be copied: there a text that anyone may have chosen has to be quoted.
enum class TemplateUse { prose, step };

// "" when every placeholder is one that fill_template() can fill, else what is wrong.
std::string template_problem(std::string_view text, TemplateUse use);

}  // namespace cfwarden
