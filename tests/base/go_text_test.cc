#include "cfwarden/base/go_text.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

TEST_CASE("all Unicode white space is trimmed, and nothing that merely looks like it") {
  CHECK(trim_space(" \t\r\n\v\fx y\f ") == "x y");
  CHECK(trim_space("\xc2\xa0\xe2\x80\x83x\xc2\x85\xe3\x80\x80\xe1\x9a\x80\xe2\x80\xa8\xe2\x80\xa9"
                   "\xe2\x80\xaf\xe2\x81\x9f") == "x");
  for (const std::string_view kept :
       {"\xe2\x80\x8b", "\xef\xbb\xbf", "\xa0", "\x85", "\x1c", "\xe2\x80"}) {
    CAPTURE(kept);
    CHECK(trim_space(kept) == kept);
  }
  CHECK(trim_space(" \xc2\xa0 ").empty());
}

TEST_CASE("a byte that is not UTF-8 is one replacement rune") {
  for (const std::string_view text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xe2\x82", "\xff"}) {
    CAPTURE(text);
    CHECK(first_rune(text).value == replacement_rune);
    CHECK(first_rune(text).size == 1);
    CHECK(last_rune(text).size == 1);
  }
  CHECK(first_rune("\xf0\x9f\x98\x80").value == 0x1f600);
  CHECK(last_rune("x\xe2\x82\xac").value == 0x20ac);
}

TEST_CASE("a rune is written as it is read") {
  for (const char32_t rune :
       {U'\0', U'\x7f', U'\x80', U'\x7ff', U'\x800', U'\xffff', U'\x10000', U'\x10ffff'}) {
    char bytes[4];
    const std::size_t size = write_utf8(rune, bytes);
    CAPTURE(static_cast<unsigned>(rune));
    CHECK(first_rune({bytes, size}).value == rune);
    CHECK(first_rune({bytes, size}).size == size);
  }
  char bytes[4];
  CHECK(std::string_view(bytes, write_utf8(0xd800, bytes)) == "\xef\xbf\xbd");
}

TEST_CASE("keys fold over ASCII case, the long s and the Kelvin sign, and over nothing else") {
  CHECK(folds_to("TUNNELSECRET", "TunnelSecret"));
  CHECK(
      folds_to("Tunnel\xc5\xbf"
               "ecret",
               "TunnelSecret"));
  CHECK(
      folds_to("api\x54o\xe2\x84\xaa"
               "en",
               "apiToken"));
  for (const std::string_view key : {"Tunnel\xc4\xb1"
                                     "D",
                                     "TunnelI", "TunnelIDs", "", "Tunnel_ID"}) {
    CAPTURE(key);
    CHECK_FALSE(folds_to(key, "TunnelID"));
  }
}

TEST_CASE("an endpoint is lower-cased as Go does it") {
  CHECK(lower_case("FED-Us") == "fed-us");
  CHECK(lower_case("\xe2\x84\xaa\xc4\xb0\xc3\x89\xc3\x97\xce\xa9\xd0\x96\xd0\x81") ==
        "ki\xc3\xa9\xc3\x97\xcf\x89\xd0\xb6\xd1\x91");
}

}  // namespace
}  // namespace cfwarden
