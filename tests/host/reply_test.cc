#include "cfwarden/host/reply.h"

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/carriers/context.h"
#include "cfwarden/kinds/kind.h"

#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

Credential full_credential() {
  Credential credential;
  credential.kind = std::string{all_kinds().front().name};
  credential.status = Status::legacy;
  credential.reason = "only old versions read it";
  credential.authority = Authority::manage_account;
  credential.scope = {"account\n\xff", "zone", "6f1b2c3d-0000-4000-8000-00000000000a", "fed"};
  credential.fingerprint = "sha256:0123456789abcdef";
  credential.secret_bytes = 32;
  credential.secret_quality = SecretQuality::predictable;
  credential.not_after = -1;
  credential.expires = std::numeric_limits<std::int64_t>::max();
  credential.issuer = "https://example.invalid";
  credential.audience_claim = "somebody";
  return credential;
}

Examination with(const Credential& credential) {
  Examination examination;
  examination.recognised.push_back(
      {std::string{all_carriers().front().name}, 9, credential, Placement::argument});
  return examination;
}

bool is_accepted(const Examination& examination) {
  return decode_reply(encode_reply({examination}), 1).has_value();
}

TEST_CASE("every field of a credential comes back as it was sent") {
  const auto readings = decode_reply(encode_reply({with(full_credential())}), 1);
  REQUIRE(readings);
  const auto& recognised = std::get<Examination>(readings->front()).recognised.at(0);
  const Credential sent = full_credential();
  const auto& got = std::get<Credential>(recognised.decoded);
  CHECK(recognised.carrier == all_carriers().front().name);
  CHECK(recognised.line == 9);
  CHECK(recognised.placement == Placement::argument);
  CHECK(got.kind == sent.kind);
  CHECK(got.status == sent.status);
  CHECK(got.reason == sent.reason);
  CHECK(got.authority == sent.authority);
  CHECK(got.scope.account == sent.scope.account);
  CHECK(got.scope.zone == sent.scope.zone);
  CHECK(got.scope.tunnel == sent.scope.tunnel);
  CHECK(got.scope.endpoint == sent.scope.endpoint);
  CHECK(got.fingerprint == sent.fingerprint);
  CHECK(got.secret_bytes == sent.secret_bytes);
  CHECK(got.secret_quality == sent.secret_quality);
  CHECK(got.not_after == sent.not_after);
  CHECK(got.expires == sent.expires);
  CHECK(got.issuer == sent.issuer);
  CHECK(got.audience_claim == sent.audience_claim);
}

TEST_CASE("whatever sort of file a credential may be found in is known, and nothing else") {
  Examination examination = with(full_credential());
  std::string& carrier = examination.recognised[0].carrier;
  for (const CarrierContext& context : all_contexts()) {
    CAPTURE(context.name);
    carrier = context.name;
    CHECK(is_accepted(examination));
  }
  for (const char* unknown : {"", "others", "Log", "\x1b[2J"}) {
    CAPTURE(unknown);
    carrier = unknown;
    CHECK_FALSE(is_accepted(examination));
  }
}

TEST_CASE("readings of every sort come back in their order") {
  Examination examination;
  const std::string kind{all_kinds().back().name};
  examination.recognised.push_back(
      {std::string{all_carriers().back().name}, std::nullopt, Malformed{kind, "not base64", 17}});
  examination.pointers.push_back({"credentials-file", "/etc/cloudflared/a\x1b[2J.json", 3});
  examination.is_configuration = true;
  examination.problem = "nested too deeply";
  const auto readings = decode_reply(
      encode_reply({Unread{"permission denied to uid 1000"}, examination, Examination{}}), 3);
  REQUIRE(readings);
  CHECK(std::get<Unread>(readings->at(0)).why == "permission denied to uid 1000");
  const auto& got = std::get<Examination>(readings->at(1));
  const auto& malformed = std::get<Malformed>(got.recognised.at(0).decoded);
  CHECK(got.recognised[0].line == std::nullopt);
  CHECK(malformed.kind == kind);
  CHECK(malformed.why == "not base64");
  CHECK(malformed.offset == 17);
  CHECK(got.pointers.at(0).key == "credentials-file");
  CHECK(got.pointers[0].value == "/etc/cloudflared/a\x1b[2J.json");
  CHECK(got.pointers[0].line == 3);
  CHECK(got.is_configuration);
  CHECK_FALSE(got.over_cap);
  CHECK(got.problem == "nested too deeply");
  CHECK(std::get<Examination>(readings->at(2)).recognised.empty());
}

TEST_CASE("that a file is over its cap comes back, whether it is a configuration or not") {
  for (const bool is_configuration : {false, true}) {
    Examination examination;
    examination.is_configuration = is_configuration;
    examination.over_cap = true;
    const auto readings = decode_reply(encode_reply({examination}), 1);
    REQUIRE(readings);
    const auto& got = std::get<Examination>(readings->front());
    CHECK(got.over_cap);
    CHECK(got.is_configuration == is_configuration);
    CHECK_FALSE(got.is_blank);
  }
}

TEST_CASE("that a file is blank comes back") {
  Examination examination;
  examination.is_blank = true;
  examination.is_unrelated = true;
  const auto readings = decode_reply(encode_reply({examination}), 1);
  REQUIRE(readings);
  const auto& got = std::get<Examination>(readings->front());
  CHECK(got.is_blank);
  CHECK(got.is_unrelated);
  CHECK_FALSE(got.over_cap);
  CHECK_FALSE(got.is_configuration);
}

TEST_CASE("a reply with more or fewer readings than files is refused") {
  const std::string two = encode_reply({Unread{"a"}, Unread{"b"}});
  CHECK(decode_reply(two, 2));
  CHECK_FALSE(decode_reply(two, 1));
  CHECK_FALSE(decode_reply(two, 3));
  CHECK_FALSE(decode_reply(two, max_readings + 1));
  CHECK_FALSE(decode_reply(std::string(max_reply_bytes + 1, '\0'), 2));
}

TEST_CASE("a reply that ends anywhere too early is refused") {
  const std::string whole = encode_reply({with(full_credential())});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_reply(whole.substr(0, size), 1));
  }
}

TEST_CASE("names that no table has are refused") {
  Credential credential = full_credential();
  CHECK(is_accepted(with(credential)));
  credential.kind = "master-key";
  CHECK_FALSE(is_accepted(with(credential)));

  Examination examination = with(full_credential());
  examination.recognised[0].carrier = "telepathy";
  CHECK_FALSE(is_accepted(examination));

  examination = with(full_credential());
  examination.recognised[0].decoded = Malformed{"master-key", "why", std::nullopt};
  CHECK_FALSE(is_accepted(examination));

  examination = with(full_credential());
  examination.recognised[0].decoded = NotThisKind{};
  CHECK_FALSE(is_accepted(examination));
}

TEST_CASE("enumerators that have no word are refused") {
  Credential credential = full_credential();
  credential.status = static_cast<Status>(5);
  CHECK_FALSE(is_accepted(with(credential)));
  credential = full_credential();
  credential.authority = static_cast<Authority>(200);
  CHECK_FALSE(is_accepted(with(credential)));
  credential = full_credential();
  credential.secret_quality = static_cast<SecretQuality>(4);
  CHECK_FALSE(is_accepted(with(credential)));
}

TEST_CASE("only what looks like a fingerprint passes for one") {
  for (const char* good : {"", "sha256:0123456789abcdef", "hmac:ffffffffffffffff"}) {
    CAPTURE(good);
    Credential credential = full_credential();
    credential.fingerprint = good;
    CHECK(is_accepted(with(credential)));
  }
  for (const char* bad :
       {"sha256:", "sha256:0123456789abcde", "sha256:0123456789abcdef0", "sha256:0123456789ABCDEF",
        "md5:0123456789abcdef", "hush-hush-secret", "0123456789abcdef"}) {
    CAPTURE(bad);
    Credential credential = full_credential();
    credential.fingerprint = bad;
    CHECK_FALSE(is_accepted(with(credential)));
  }
}

TEST_CASE("a tunnel is a canonical UUID or nothing") {
  Credential credential = full_credential();
  credential.scope.tunnel = "";
  CHECK(is_accepted(with(credential)));
  for (const char* bad :
       {"6F1B2C3D-0000-4000-8000-00000000000A", "6f1b2c3d000040008000-00000000000a",
        "6f1b2c3d-0000-4000-8000-00000000000", "tunnel"}) {
    CAPTURE(bad);
    credential.scope.tunnel = bad;
    CHECK_FALSE(is_accepted(with(credential)));
  }
}

TEST_CASE("a pointer's key is a word of a configuration") {
  for (const char* bad : {"", "Token", "a b", "a\nb"}) {
    CAPTURE(bad);
    Examination examination;
    examination.pointers.push_back({bad, "value", 1});
    CHECK_FALSE(is_accepted(examination));
  }
}

TEST_CASE("control characters cannot hide in what should be our own words") {
  const std::string reply = encode_reply({Unread{"fine\x1b[2J\nCRITICAL  forged"}});
  const auto readings = decode_reply(reply, 1);
  REQUIRE(readings);
  CHECK(std::get<Unread>(readings->front()).why == "fine?[2J?CRITICAL  forged");
  std::string forged = reply;
  forged[forged.find('?')] = '\x1b';
  CHECK_FALSE(decode_reply(forged, 1));
}

TEST_CASE("too long a text is cut rather than refused") {
  Examination examination;
  examination.pointers.push_back({"logfile", std::string(5000, 'a'), 1});
  examination.problem = std::string(2000, 'p');
  const auto readings = decode_reply(encode_reply({examination}), 1);
  REQUIRE(readings);
  const auto& got = std::get<Examination>(readings->front());
  CHECK(got.pointers.at(0).value == std::string(4096, 'a'));
  CHECK(got.problem == std::string(1024, 'p'));
}

TEST_CASE("a file with more in it than a reading can hold is reported in part, and as such") {
  Examination examination;
  for (int i = 0; i < 20'000; ++i) {
    examination.recognised.push_back(with(full_credential()).recognised[0]);
  }
  const std::string reply = encode_reply({examination});
  CHECK(reply.size() <= max_reading_bytes);
  const auto readings = decode_reply(reply, 1);
  REQUIRE(readings);
  const auto& got = std::get<Examination>(readings->front());
  CHECK(got.recognised.size() > 500);
  CHECK(got.recognised.size() < 20'000);
  CHECK(got.problem == "there is more in it than a report can hold");
}

TEST_CASE("a forged count of items is refused without being believed") {
  std::string reply = encode_reply({Examination{}});
  for (std::size_t i = 1; i <= 4; ++i) reply[i] = '\xff';  // The number of recognised items.
  CHECK_FALSE(decode_reply(reply, 1));
}

}  // namespace
}  // namespace cfwarden
