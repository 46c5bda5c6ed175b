#include "cfwarden/spots/spots.h"

#include "corpus.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

namespace cfwarden {
namespace {

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

std::string line(const Spot& spot) {
  return spot.credential.kind + " " + std::to_string(spot.offset) + ":" + std::to_string(spot.line);
}

std::vector<std::string> lines(const Spots& spots) {
  std::vector<std::string> all;
  for (const Spot& spot : spots.found) all.push_back(line(spot));
  return all;
}

using Lines = std::vector<std::string>;

TEST_CASE("a text without an anchor has no spot") {
  for (const std::string text : {"", "\n", "hello", "{}", "ey", "\xff\xfe"}) {
    CAPTURE(text);
    const Spots spots = finder().spots_of(text);
    CHECK(spots.found.empty());
    CHECK(spots.is_complete);
  }
}

TEST_CASE("one secret in several wrappings is told once for each kind, where it stands first") {
  const std::string text = corpus::expanded(
      "data: @TOKEN|b64@\n@TOKEN@\n@CREDENTIALS@\nsame: @CREDENTIALS|b64@\n@CREDENTIALS2@\n");
  const Spots spots = finder().spots_of(text);
  const std::string third = std::to_string(text.find("{\"AccountTag\""));
  const std::string last = std::to_string(text.rfind("{\"AccountTag\""));
  CHECK(lines(spots) == Lines{"tunnel-token 6:1", "tunnel-credentials " + third + ":3",
                              "tunnel-credentials " + last + ":5"});
  CHECK(spots.found[0].credential.fingerprint == spots.found[1].credential.fingerprint);
  CHECK(spots.found[1].credential.fingerprint != spots.found[2].credential.fingerprint);
}

TEST_CASE("the hits may have been searched before") {
  const std::string text = corpus::expanded("x\n@TOKEN@\n@CERTIFICATE|json@ tunnel_id=1\n");
  const auto hits = finder().search().hits_in(text);
  CHECK(lines(finder().spots_of(text, hits)) == lines(finder().spots_of(text)));
  CHECK(finder().spots_of(text, {}).found.empty());
}

TEST_CASE("a window that reaches far enough around an anchor shows the same spot") {
  const std::string filler(300'000, '\n');
  for (const corpus::Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const std::string file = filler + shape.text + filler;
    const auto hits = finder().search().hits_in(file);
    REQUIRE_FALSE(hits.empty());
    const std::size_t begin = hits.front().offset - spot_reach;
    const std::string window = file.substr(begin, hits.back().offset + spot_reach - begin);
    const Spots whole = finder().spots_of(file);
    const Spots part = finder().spots_of(window);
    REQUIRE(part.found.size() == whole.found.size());
    for (std::size_t i = 0; i < part.found.size(); ++i) {
      CHECK(part.found[i].offset + begin == whole.found[i].offset);
      CHECK(part.found[i].credential.fingerprint == whole.found[i].credential.fingerprint);
    }
  }
}

TEST_CASE("with the host's key fingerprints are those of the host") {
  const SpotFinder keyed{"a key"};
  const std::string text = corpus::expanded("@TOKEN@");
  REQUIRE(keyed.spots_of(text).found.size() == 1);
  CHECK(keyed.spots_of(text).found[0].credential.fingerprint.starts_with("hmac:"));
}

TEST_CASE("several threads may ask one finder") {
  const std::string text = corpus::expanded("@TOKEN@ @CREDENTIALS2|b64@ @CERTIFICATE|percent@");
  const Lines expected = lines(finder().spots_of(text));
  REQUIRE(expected.size() == 3);
  std::vector<Lines> seen(4);
  std::vector<std::thread> threads;
  for (Lines& mine : seen) {
    threads.emplace_back([&mine, &text] {
      for (int round = 0; round < 50; ++round) mine = lines(finder().spots_of(text));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Lines& mine : seen) CHECK(mine == expected);
}

TEST_CASE("no byte of a secret is in what is told of it") {
  for (const corpus::Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    for (const Spot& spot : finder().spots_of(shape.text).found) {
      const Credential& credential = spot.credential;
      std::string all = credential.kind + credential.reason + credential.scope.account +
                        credential.scope.zone + credential.scope.tunnel +
                        credential.scope.endpoint + credential.fingerprint + credential.issuer +
                        credential.audience_claim;
      for (const std::string_view word : spot.wrappings) all += word;
      for (const std::string& secret : {corpus::secret, corpus::second_secret, corpus::api_token}) {
        for (const std::string& form : {secret, base64_of(secret)}) {
          for (std::size_t at = 0; at + 8 <= form.size(); ++at) {
            CHECK(all.find(form.substr(at, 8)) == std::string::npos);
          }
        }
      }
    }
  }
}

TEST_CASE("text that makes more work than may be is told to be unfinished") {
  // Base64 in base64 in all four divisions, layer in layer.
  std::string text = "TunnelSecret";
  for (int layer = 0; layer < 12; ++layer) {
    text = base64_of("{\"AccountTag\"" + text + "ARGO TUNNEL TOKEN");
  }
  CHECK_FALSE(finder().spots_of(text).is_complete);
}

}  // namespace
}  // namespace cfwarden
