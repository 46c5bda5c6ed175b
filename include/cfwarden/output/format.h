// How a report is written, as one table. Formats are pure: a Report in, text out.
//
// Promises  no control, bidi or invalid byte of a name reaches the stream (see printable());
//           a secret cannot, since a Report holds none.
//
// To add a format: write src/output/<format>.cc, a golden file, and its row in all_formats.cc.
#pragma once

#include "cfwarden/base/printable.h"
#include "cfwarden/model/report.h"

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {

enum class Color { off, on };

// Of the stream a format writes to. Machine formats ignore it.
struct Terminal {
  Color color = Color::off;
  Charset charset = Charset::utf8;
  std::size_t columns = 100;    // Never wider than 100.
  bool verbose = false;         // -v: every place, all account names.
  bool quiet = false;           // -q: findings and gaps only.
  std::string exceptions = {};  // DIR of --exceptions as it was given, for the hints; "" for none.
  std::string program =
      "cfwarden";  // As the hints name it: "sudo cfwarden" when that is what was run.
};

struct Format {
  std::string_view name;
  std::string_view summary;
  void (*write)(const Report& report, const Terminal& terminal, std::ostream& out);
  bool tells_rules = false;  // Report::rules has to be filled.
  bool only_counts = false;  // It holds no name, path or id: every account may read its file.
  // What a run exits with that writes this format and no other; null for what others exit with.
  int (*exit_code)(const Report& report) = nullptr;
  // Its line for a run that looked at nothing, which then exits with 3; null for a format that has
  // none: then the reason stands on standard error.
  std::string (*failure)(std::string_view why) = nullptr;
};

std::span<const Format> all_formats();
const Format* find_format(std::string_view name);

}  // namespace cfwarden
