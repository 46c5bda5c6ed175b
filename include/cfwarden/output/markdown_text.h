// Text for Markdown as GitHub and its like show it.
//
// Promises  what is escaped stays text: no markup, HTML, link, image, table cell, line or mention
// of
//           a person comes of it. Its bytes are expected raw; they leave printable() and
//           concealed().
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

// As code, for names: a span of backticks, or HTML where the name holds what would end one.
std::string markdown_code(std::string_view bytes);

// As prose, for sentences that may hold names.
std::string markdown_prose(std::string_view bytes);

}  // namespace cfwarden
