#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/rows.h"

#include <ostream>

namespace cfwarden {

// No cell holds a tab or a newline: printable() escapes both.
void write_plain(const Report& report, const Terminal&, std::ostream& out) {
  for (const Row& row : rows_of(report)) {
    for (std::size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : "\t") << row.at(i);
    out << '\n';
  }
}

}  // namespace cfwarden
