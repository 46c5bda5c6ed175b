#include "cfwarden/base/pem.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

// "TYPE=bytes" for each block.
std::string summary(const std::vector<PemBlock>& blocks) {
  std::string text;
  for (const PemBlock& block : blocks) {
    if (!text.empty()) text += ' ';
    text += block.type + '=' + std::string{block.bytes.reveal()};
  }
  return text;
}

struct Case {
  std::string_view text;
  std::string_view blocks;
};

TEST_CASE("blocks are found between garbage, with headers, blanks and either line end") {
  constexpr Case cases[] = {
      {"-----BEGIN T-----\naGk=\n-----END T-----\n", "T=hi"},
      {"-----BEGIN T-----\naGk=\n-----END T-----", "T=hi"},
      {"text\n-----BEGIN T-----\naGk=\n-----END T-----\nmore", "T=hi"},
      {"-----BEGIN T-----\r\naGk=\r\n-----END T-----\r\n", "T=hi"},
      {"-----BEGIN T----- \t\naGk=\n-----END T-----\t \n", "T=hi"},
      {"-----BEGIN T-----\n  a G\tk=\n\n-----END T-----\n", "T=hi"},
      {"-----BEGIN T-----\nX: y\n\naGk=\n-----END T-----\n", "T=hi"},
      {"-----BEGIN T-----\nX: y\n folded: z\naGk=\n-----END T-----\n", "T=hi"},
      {"-----BEGIN T-----\n-----END T-----\n", "T="},
      {"-----BEGIN T-----\n\n-----END T-----\n", "T="},
      {"-----BEGIN T -----\naGk=\n-----END T -----\n", "T =hi"},
      {"-----BEGIN -----\naGk=\n-----END -----\n", "=hi"},
      {"-----BEGIN A-----\naGk=\n-----END A-----\n-----BEGIN B-----\naG8=\n-----END B-----\n",
       "A=hi B=ho"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(summary(pem_blocks(c.text)) == c.blocks);
  }
}

TEST_CASE("a block that Go cannot read is passed over, and the next one is read") {
  constexpr Case cases[] = {
      {"-----BEGIN A-----\na!k=\n-----END A-----\n-----BEGIN B-----\naG8=\n-----END B-----\n",
       "B=ho"},
      {"-----BEGIN A-----\naGk\n-----END A-----\n-----BEGIN B-----\naG8=\n-----END B-----\n",
       "B=ho"},
      {"-----BEGIN A-----\naGk=\n-----END C-----\n-----BEGIN B-----\naG8=\n-----END B-----\n",
       "B=ho"},
      {"-----BEGIN A-----\naGk=\n-----END A-----x\n-----BEGIN B-----\naG8=\n-----END B-----\n",
       "B=ho"},
      {"-----END A-----\n-----BEGIN B-----\naG8=\n-----END B-----\n", "B=ho"},
      {"-----BEGIN A-----\n-----BEGIN B-----\naG8=\n-----END B-----\n", "B=ho"},
      {"-----BEGIN A-----\nAAAA\n-----BEGIN A-----\naG8=\n-----END A-----\n", "A=ho"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(summary(pem_blocks(c.text)) == c.blocks);
  }
}

TEST_CASE("what only looks like a block is none") {
  for (const std::string_view text : {
           " -----BEGIN T-----\naGk=\n-----END T-----\n",
           "\xef\xbb\xbf-----BEGIN T-----\naGk=\n-----END T-----\n",
           "x-----BEGIN T-----\naGk=\n-----END T-----\n",
           "-----BEGIN T-----\raGk=\r-----END T-----\r",
           "-----BEGIN T-----aGk=\n-----END T-----\n",
           "-----BEGIN T----- aGk= -----END T-----",
           "-----BEGIN T-----\naGk=\n",
           "-----BEGIN T----------END T-----\n",
           "----BEGIN T----\naGk=\n----END T----\n",
           "------BEGIN T------\naGk=\n------END T------\n",
           "-----BEGIN T\nU-----\naGk=\n-----END T\nU-----\n",
           "-----BEGIN T-----\nX: y\n-----END T-----\n",
       }) {
    CAPTURE(text);
    CHECK(pem_blocks(text).empty());
  }
}

TEST_CASE("headers that run past the END line end the search, as they do in Go") {
  CHECK(pem_blocks("-----BEGIN A:B-----\nx: y\n-----END A:B-----\n"
                   "-----BEGIN B-----\naG8=\n-----END B-----\n")
            .empty());
}

TEST_CASE("damaged blocks are read too, whatever stands around and in them") {
  constexpr Case cases[] = {
      {"cert: |\n    -----BEGIN A TOKEN-----\n    aGVs\n    bG8=\n    -----END A TOKEN-----\n",
       "A TOKEN=hello"},
      {"-----BEGIN A-----aGVsbG8-----END A-----", "A=hello"},
      {"------BEGIN A------\naGVsbG8\n------END A------", "A=hello"},
      {"----BEGIN A----\naGVsbG8\n----END A----", "A=hello"},
      {"\"-----BEGIN A-----\",\n\"aGVs\",\n\"bG8=\",\n\"-----END A-----\"", "A=hello"},
      {"-----BEGIN A\nB-----\raGVs\rbG8=\r-----END A", "A B=hello"},
      {"-----BEGIN A-----\nX: y\n\naGVsbG8=\n-----END A-----", "A=hello"},
      {"-----BEGIN A-----\n-_-_\n-----END A-----", "A=\xfb\xff\xbf"},
      {"-----BEGIN A-----\n!!\n-----END A-----\n-----BEGIN B-----\naGk", "B=hi"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(summary(damaged_pem_blocks(c.text)) == c.blocks);
  }
}

// Readers that are not linear in the text hang here.
TEST_CASE("many blocks, BEGINs or ENDs are read to their end") {
  constexpr std::string_view whole = "-----BEGIN A-----\nAAAA\n-----END A-----\n";
  constexpr std::string_view parts[] = {"-----BEGIN A-----\n",
                                        "\n-----END A-----",
                                        "-----BEGIN A-----\nX:\n-----END B-----\n",
                                        whole,
                                        "\n-----BEGIN ",
                                        "-BEGIN ",
                                        "----"};
  for (const std::string_view part : parts) {
    CAPTURE(part);
    std::string text;
    while (text.size() < 500'000) text += part;
    const std::size_t blocks = part == whole ? text.size() / whole.size() : 0;
    CHECK(pem_blocks(text).size() == blocks);
    CHECK(damaged_pem_blocks(text).size() == blocks);
  }
}

}  // namespace
}  // namespace cfwarden
