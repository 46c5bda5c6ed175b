#include "cfwarden/base/der_time.h"

#include <doctest/doctest.h>
#include <openssl/asn1.h>

#include <memory>
#include <string>

namespace cfwarden {
namespace {

std::optional<std::int64_t> utc_time(std::string_view text) {
  return der_time({.tag = DerTag::utc_time, .content = text});
}
std::optional<std::int64_t> generalized_time(std::string_view text) {
  return der_time({.tag = DerTag::generalized_time, .content = text});
}

// The text that OpenSSL writes for a moment, and the tag that it chooses.
struct Written {
  DerTag tag;
  std::string text;
};

Written written_by_openssl(std::int64_t seconds) {
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> time{ASN1_TIME_set(nullptr, seconds),
                                                              ASN1_TIME_free};
  REQUIRE(time);
  const auto* const text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(time.get()));
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(time.get()));
  const bool is_utc_time = ASN1_STRING_type(time.get()) == V_ASN1_UTCTIME;
  return {.tag = is_utc_time ? DerTag::utc_time : DerTag::generalized_time,
          .text = std::string{text, size}};
}

TEST_CASE("two digits of a year are 1950 to 2049") {
  CHECK(utc_time("500101000000Z") == -631'152'000);
  CHECK(utc_time("691231235959Z") == -1);
  CHECK(utc_time("700101000000Z") == 0);
  CHECK(utc_time("991231235959Z") == 946'684'799);
  CHECK(utc_time("000101000000Z") == 946'684'800);
  CHECK(utc_time("491231235959Z") == 2'524'607'999);
}

TEST_CASE("four digits of a year are that year") {
  CHECK(generalized_time("19700101000000Z") == 0);
  CHECK(generalized_time("20500101000000Z") == 2'524'608'000);
  CHECK(generalized_time("99991231235959Z") == 253'402'300'799);
  CHECK(generalized_time("00000101000000Z") == -62'167'219'200);
}

TEST_CASE("seconds may be missing from UTCTime alone, and an offset is taken off") {
  CHECK(utc_time("7001010001Z") == 60);
  CHECK_FALSE(generalized_time("197001010001Z"));
  CHECK(utc_time("700101010000+0100") == 0);
  CHECK(utc_time("7001010000-0130") == 5'400);
  CHECK(generalized_time("19700101003000+0030") == 0);
  // The century follows from what is written, not from the moment it means.
  CHECK(utc_time("500101000000+0100") == -631'155'600);
}

TEST_CASE("a day that its month does not have does not exist") {
  CHECK(utc_time("000229000000Z"));
  CHECK(utc_time("520229000000Z"));
  CHECK_FALSE(utc_time("010229000000Z"));
  CHECK_FALSE(utc_time("240431000000Z"));
  CHECK(generalized_time("20000229000000Z"));
  CHECK_FALSE(generalized_time("19000229000000Z"));
  CHECK_FALSE(generalized_time("21000229000000Z"));
}

TEST_CASE("a time that Go would write in another way is refused") {
  for (const std::string_view text : {"",
                                      "Z",
                                      "240101000000",
                                      "24010100Z",
                                      "240101000000z",
                                      "240101000000ZZ",
                                      "240101000000 Z",
                                      "2401010000000Z",
                                      "240101000000.5Z",
                                      "240101000000,5Z",
                                      "240001000000Z",
                                      "241301000000Z",
                                      "240100000000Z",
                                      "240132000000Z",
                                      "240101240000Z",
                                      "240101006000Z",
                                      "240101000060Z",
                                      "240101000000+0000",
                                      "240101000000-0000",
                                      "240101000000+0060",
                                      "240101000000+2500",
                                      "240101000000+01",
                                      "240101000000+01000",
                                      "240101000000+01:0",
                                      "2401 1000000Z",
                                      "-40101000000Z",
                                      "24010100+100Z"}) {
    CAPTURE(text);
    CHECK_FALSE(utc_time(text));
    CHECK_FALSE(generalized_time("20" + std::string{text}));
  }
  CHECK_FALSE(der_time({.tag = DerTag::octet_string, .content = "240101000000Z"}));
}

TEST_CASE("every moment that OpenSSL writes is read as that moment") {
  constexpr std::int64_t first = -62'167'219'200;  // The year 0.
  constexpr std::int64_t last = 253'402'300'799;   // The end of 9999.
  constexpr std::int64_t step = 86'400 * 97 + 12'345;
  for (std::int64_t seconds = first; seconds <= last; seconds += step) {
    CAPTURE(seconds);
    const Written written = written_by_openssl(seconds);
    CAPTURE(written.text);
    CHECK(der_time({.tag = written.tag, .content = written.text}) == seconds);
  }
}

}  // namespace
}  // namespace cfwarden
