#include "cfwarden/sweep/findings_reply.h"

#include "cfwarden/carriers/context.h"
#include "cfwarden/kinds/kind.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

FoundCredential full_found() {
  FoundCredential found;
  found.member = "inner.zip!etc/to\x1bken\xff";
  found.line = 123'456'789'012;
  found.carrier = all_contexts().front().name;
  found.credential.kind = std::string{all_kinds().front().name};
  found.credential.status = Status::incomplete;
  found.credential.reason = "has no account";
  found.credential.authority = Authority::run_tunnel;
  found.credential.scope.account = "9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0";
  found.credential.scope.tunnel = "6f1b2c3d-0000-4000-8000-00000000000a";
  found.credential.fingerprint = "sha256:0123456789abcdef";
  found.credential.secret_bytes = 32;
  return found;
}

FileFindings with(FoundCredential found) {
  return {.found = {std::move(found)}, .misses = {}};
}

bool is_accepted(FoundCredential found) {
  return decode_findings(encode_findings(with(std::move(found)))).has_value();
}

TEST_CASE("what a decoder found comes back as it was sent") {
  FileFindings sent = with(full_found());
  sent.misses.push_back({.member = "a.zip", .why = "is encrypted"});
  const auto got = decode_findings(encode_findings(sent));
  REQUIRE(got);
  REQUIRE(got->found.size() == 1);
  const FoundCredential& found = got->found[0];
  CHECK(found.member == full_found().member);
  CHECK(found.line == 123'456'789'012);
  CHECK(found.carrier == all_contexts().front().name);
  CHECK(found.credential.kind == all_kinds().front().name);
  CHECK(found.credential.reason == "has no account");
  CHECK(found.credential.scope.account == full_found().credential.scope.account);
  CHECK(found.credential.fingerprint == "sha256:0123456789abcdef");
  REQUIRE(got->misses.size() == 1);
  CHECK(got->misses[0].member == "a.zip");
  CHECK(got->misses[0].why == "is encrypted");
}

TEST_CASE("nothing found is an answer, too") {
  const auto got = decode_findings(encode_findings({}));
  REQUIRE(got);
  CHECK(got->found.empty());
  CHECK(got->misses.empty());
}

TEST_CASE("the name of a carrier does not die with the reply") {
  std::string bytes = encode_findings(with(full_found()));
  const auto got = decode_findings(bytes);
  bytes.assign(bytes.size(), '#');
  REQUIRE(got);
  CHECK(got->found[0].carrier == all_contexts().front().name);
}

TEST_CASE("a carrier, kind, fingerprint or tunnel of no known form is refused") {
  CHECK(is_accepted(full_found()));
  FoundCredential carrier = full_found();
  carrier.carrier = "no-such-carrier";
  CHECK_FALSE(is_accepted(carrier));
  FoundCredential kind = full_found();
  kind.credential.kind = "password";
  CHECK_FALSE(is_accepted(kind));
  FoundCredential fingerprint = full_found();
  fingerprint.credential.fingerprint = "INVENTED-secret-in-here";
  CHECK_FALSE(is_accepted(fingerprint));
  FoundCredential tunnel = full_found();
  tunnel.credential.scope.tunnel = "INVENTED-secret-in-here";
  CHECK_FALSE(is_accepted(tunnel));
}

TEST_CASE("a reply that is cut, or goes on, is refused wherever that is") {
  const std::string bytes = encode_findings(with(full_found()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_findings(bytes.substr(0, size)));
  }
  CHECK_FALSE(decode_findings(bytes + '\0'));
}

TEST_CASE("no line is less than the first") {
  std::string bytes = encode_findings(with(full_found()));
  // The number of credentials, the length of the member, the member, and that there is a line.
  const std::size_t at = 4 + 4 + full_found().member.size() + 1;
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = '\0';
  CHECK_FALSE(decode_findings(bytes));
  bytes[at] = 1;
  CHECK(decode_findings(bytes));
}

TEST_CASE("a forged number of credentials reserves no memory") {
  CHECK_FALSE(decode_findings("\xff\xff\xff\xff"));
}

TEST_CASE("more than fits is left out and said to be, and is the same once more") {
  FileFindings findings;
  FoundCredential large = full_found();
  large.member.assign(4096, 'm');
  findings.found.assign(2000, large);
  for (int i = 0; i < 2000; ++i) {
    findings.misses.push_back({.member = std::string(4096, 'm'), .why = "is encrypted"});
  }
  const std::string bytes = encode_findings(findings);
  CHECK(bytes.size() <= max_findings_bytes);
  const auto got = decode_findings(bytes);
  REQUIRE(got);
  CHECK(got->found.size() < 2000);
  CHECK(got->found.size() > 500);
  CHECK(got->misses.back().why == "there is more in it than a report can hold");
  CHECK(encode_findings(*got) == bytes);
}

TEST_CASE("credentials that are left out are said to be, where all misses fit") {
  FileFindings findings;
  FoundCredential large = full_found();
  large.member.assign(4096, 'm');
  findings.found.assign(2000, large);
  const std::string bytes = encode_findings(findings);
  const auto got = decode_findings(bytes);
  REQUIRE(got);
  REQUIRE(got->misses.size() == 1);
  CHECK(got->misses[0].why == "there is more in it than a report can hold");
  CHECK(encode_findings(*got) == bytes);
}

TEST_CASE("our own words carry no control character") {
  FileFindings findings;
  findings.misses.push_back({.member = "", .why = "two\nlines"});
  const auto got = decode_findings(encode_findings(findings));
  REQUIRE(got);
  CHECK(got->misses[0].why == "two?lines");
}

}  // namespace
}  // namespace cfwarden
