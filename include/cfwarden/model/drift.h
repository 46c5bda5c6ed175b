// What changed between two reports of one host: plain values that its formats are written from.
#pragma once

#include "cfwarden/model/report.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

// unknown: it was there, and was not looked at again. In the order in which they are told.
enum class Turn { fresh, worse, unknown, better, gone };

struct Drifted {
  Turn turn = Turn::fresh;
  Severity severity = Severity::info;  // As the newer report has it, where it does.
  std::optional<Severity> severity_before;
  std::string rule;
  std::string title;
  std::string message;
  std::string path;  // Hostile bytes, as the other texts are: a report is a file like any other.
  std::optional<std::size_t> line;
  std::string why;        // Of worse and better what became so; of unknown what was not looked at.
  bool excepted = false;  // In the newer report.
};

// Which report.
struct ReportStamp {
  std::string hostname;  // "" when unknown.
  std::string root;
  std::string started;  // ISO 8601 in UTC; "" when unknown.
  std::string tool_version;
  bool complete = true;
  bool stopped = false;  // Before its end.
};

struct Drift {
  ReportStamp older;
  ReportStamp newer;
  // By turn, then excepted ones last, then worst first, then path, line, rule.
  std::vector<Drifted> changes;
  std::size_t unchanged = 0;  // Findings, but for excepted ones.
  std::size_t excepted = 0;   // In the newer report; changed or not.
  std::vector<Gap> new_gaps;  // What the newer one could not look at, and the older one could.
  Severity fail_on = Severity::low;
  int exit_code = 0;

  std::size_t count(Turn turn) const;  // But for excepted ones.
};

}  // namespace cfwarden
