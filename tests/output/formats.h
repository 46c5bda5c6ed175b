// What a format makes of a report.
#pragma once

#include "cfwarden/output/format.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

inline std::string written_as(std::string_view format, const cfwarden::Report& report,
                              const cfwarden::Terminal& terminal = {}) {
  const cfwarden::Format* found = cfwarden::find_format(format);
  REQUIRE(found != nullptr);
  std::ostringstream out;
  found->write(report, terminal, out);
  return out.str();
}

inline std::vector<std::string> parted(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// The lines, without the newline behind the last one.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = parted(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}
