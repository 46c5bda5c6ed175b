// What text costs that was written to cost much: four times as much of it must not cost sixteen
// times as long.
#include "corpus.h"

#include "cfwarden/spots/spots.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

std::string repeated(const std::string& text, std::size_t size) {
  std::string all;
  while (all.size() < size) all += text;
  all.resize(size);
  return all;
}

struct Hostile {
  std::string name;
  std::string unit;         // Repeated,
  std::string before{};     // behind this.
  bool is_followed = true;  // Not with more keys than are.
};

std::vector<Hostile> hostile_texts() {
  const std::string token = base64_of(corpus::token_json(corpus::secret));
  std::vector<Hostile> texts{
      {"brackets", "["},
      {"braces", "{"},
      {"closed braces", "{}"},
      {"first letters of tokens", "ey"},
      {"anchors of tokens", base64_of("{\"a\":\"")},
      {"objects in objects", base64_of("{\"a\":{\"a\":{\"a\":")},
      {"objects in arrays", base64_of("{\"a\":[")},
      {"arrays of objects", base64_of("{\"a\":1},"), base64_of("{\"a\":[ ")},
      {"texts without end", base64_of("{\"a\":\"aaaaaaaaaaaaaa")},
      {"spaces in objects", base64_of("{\n                ")},
      {"anchors and blanks", base64_of("{\"a\":\"") + "\n" + std::string(900, ' ')},
      {"anchors and continued lines", base64_of("{\"a\":\"") + "\\\n"},
      {"numbers without end", base64_of("{\"a\":111111")},
      {"base64 of anchors", base64_of(base64_of("{\"a\":\"aaa"))},
      {"base64 of base64 of anchors", base64_of(base64_of(base64_of("{\"a\":\"aaa")))},
      {"base64 lines of anchors", base64_of(base64_of("{\"a\":\"aaa")) + "\n"},
      {"short pieces of base64", base64_of(base64_of("{\"a\":\"aaa")) + " "},
      {"keys", "\"TunnelSecret\""},
      {"keys in objects", "{\"TunnelSecret\":"},
      {"keys in closed objects", "{\"TunnelSecret\":{}},"},
      {"keys in comments", "# {\"TunnelSecret\":\n"},
      {"keys in escapes", "\\\"TunnelSecret\\\":"},
      {"keys in many escapes", "\\\\\\\\\\\\\\\"TunnelSecret\\\\\\\\\\\\\\\":"},
      {"keys behind backslashes", "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"TunnelSecret\\\""},
      {"keys in entities", "&quot;TunnelSecret&quot;"},
      {"keys in percent", "%22TunnelSecret%22"},
      {"keys in percent of percent", "%252522TunnelSecret%252522"},
      {"keys in doubled quotes", "\"\"TunnelSecret\"\":"},
      {"keys of split credentials", "tunnel_secret=", "", false},
      {"split secrets", "tunnel_secret=" + base64_of(corpus::secret) + "\n", "", false},
      {"split secrets deep down", "{tunnel_secret=" + base64_of(corpus::secret) + "\n"},
      {"split secrets in lists", " - tunnel_secret: " + base64_of(corpus::secret) + "\n"},
      {"ids without secrets", "id=" + corpus::tunnel + "\naccount=" + corpus::account + "\n",
       "tunnel_secret=" + base64_of(corpus::secret) + "\n", false},
      {"types", "type tunnelId cloudflare {"},
      {"labels", "ARGO TUNNEL TOKEN"},
      {"begins", "-----BEGIN ARGO TUNNEL TOKEN-----"},
      {"begins with bodies", "-----BEGIN ARGO TUNNEL TOKEN-----\nAAAA\n"},
      {"blocks", "-----BEGIN ARGO TUNNEL TOKEN-----\nAAAA\n-----END ARGO TUNNEL TOKEN-----\n"},
      {"ends", "-----END X-----\n-----BEGIN ARGO TUNNEL TOKEN-----\n"},
      {"blocks of other sorts",
       "-----BEGIN X-----\nAAAA\n-----END X-----\n-----BEGIN WARP TOKEN-----\nAAAA\n"
       "-----END WARP TOKEN-----\n"},
      {"labels in percent", "ARGO%20TUNNEL%20TOKEN"},
      {"labels in base64", base64_of("ARGO TUNNEL TOKEN")},
      {"bodies", base64_of("{\"zoneID\":\"")},
      {"bodies in bodies", base64_of("{\"zoneID\":{\"zoneID\":{\"zoneID\":")},
      {"the same token", token + "\n"},
      {"the same token, in UTF-16", corpus::utf16(token + "\n", corpus::Ends::little)},
      {"anchors in UTF-16", corpus::utf16("TunnelSecret", corpus::Ends::little)},
      {"anchors in UTF-16, in both divisions",
       corpus::utf16("TunnelSecret", corpus::Ends::little) + "x"},
      {"joints of quotes", base64_of("{\"a\":\"") + "\" + \""},
      {"zeros", std::string(1, '\0')},
  };
  texts.push_back({"a mark of UTF-16 and zeros", std::string(1, '\0'), "\xff\xfe"});
  return texts;
}

double seconds_for(const std::string& text) {
  double least = 1e9;
  for (int round = 0; round < 5; ++round) {
    const std::clock_t start = std::clock();
    (void)finder().spots_of(text);
    least = std::min(least, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return least;
}

// Up to max_object_bytes, where looking that far from each anchor shows most.
TEST_CASE("four times as much hostile text takes no more than about four times as long") {
  constexpr std::size_t size = 16 * 1024;
  constexpr double noise = 0.005;
  for (const Hostile& hostile : hostile_texts()) {
    CAPTURE(hostile.name);
    const std::string once = hostile.before + repeated(hostile.unit, size);
    const std::string four_times = hostile.before + repeated(hostile.unit, 4 * size);
    CHECK(seconds_for(four_times) < 8 * seconds_for(once) + noise);
  }
}

TEST_CASE("a mebibyte of hostile text is gone through to its end") {
  for (const Hostile& hostile : hostile_texts()) {
    CAPTURE(hostile.name);
    const std::string text = hostile.before + repeated(hostile.unit, 1024 * 1024);
    CHECK(finder().spots_of(text).is_complete == hostile.is_followed);
  }
}

}  // namespace
}  // namespace cfwarden
