// What the page says of each credential, service, file and directory: a card each.
//
// Promises  cards in the order of the screen: worst first, and those without findings last. All
//           text is printable(); none is escaped for HTML, which the template does.
#pragma once

#include "cfwarden/model/report.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// A word of the page's style: a severity's, or "ok".
std::string_view html_tone(std::optional<Severity> severity);

// "Critical", "OK".
std::string html_label(std::optional<Severity> severity);

// A label and what stands behind it, line by line.
struct HtmlRow {
  std::string name;
  std::vector<std::string> values;
};

struct HtmlFinding {
  Severity severity = Severity::info;
  std::string rule;
  std::string title;
  std::string message;     // "" where the title says it all.
  std::string note;        // Who accepts it, or what a baseline says of it; "" for neither.
  bool is_mended = false;  // See is_mended_by_attributes().
  bool is_excepted = false;
};

struct HtmlCard {
  std::optional<Severity> worst;  // nullopt: nothing is wrong with it, or all of it is accepted.
  bool is_excepted = false;       // All that is wrong with it.
  std::string title;
  std::string path;
  std::optional<Audience> readers;  // nullopt for what is no credential.
  std::vector<HtmlRow> rows;
  std::vector<HtmlFinding> findings;
  std::vector<HtmlRow> more;  // For those who look closer.
};

std::vector<HtmlCard> html_cards(const Report& report);

}  // namespace cfwarden
