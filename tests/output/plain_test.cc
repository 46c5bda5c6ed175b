#include "cfwarden/output/rows.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

using namespace cfwarden;

TEST_CASE("plain reports stay as they are") {
  check_golden("formats-messy.tsv", written_as("plain", samples::messy()));
  check_golden("formats-markup.tsv", written_as("plain", samples::markup()));
  check_golden("formats-swept-names.tsv", written_as("plain", samples::swept_names()));
}

TEST_CASE("every plain line has as many cells as there are columns, whatever the names") {
  for (const Report& report : {samples::hostile(), samples::markup()}) {
    for (const std::string& line : lines_of(written_as("plain", report))) {
      CHECK(parted(line, '\t').size() == row_columns.size());
    }
  }
}

TEST_CASE("plain does not differ from terminal to terminal") {
  const Terminal ascii{
      .color = Color::on, .charset = Charset::ascii, .columns = 40, .verbose = true, .quiet = true};
  CHECK(written_as("plain", samples::hostile(), ascii) == written_as("plain", samples::hostile()));
}
