// The credentials that stand anywhere in a text of whatever syntax, however they are wrapped.
//
// Supplies  SpotFinder, built once and then asked by any number of threads at a time.
// Expects   a whole file, or a window of it that reaches spot_reach beyond each anchor: what begins
//           or ends outside of it is cut off and not found. Lines are counted from its first byte.
//           What begins with the mark of UTF-16 is to be asked without a hit, too.
// Promises  each kind and fingerprint once, where it stands first; in the order of the text. Only
//           what decodes, and names an account of 32 hex digits and a tunnel that is a UUID, is
//           found; a tunnel's secret under a key of its own without them is incomplete. Linear in
//           the text; without an anchor nothing is allocated. No secret leaves but as a
//           fingerprint.
#pragma once

#include "cfwarden/model/credential.h"
#include "cfwarden/search/anchors.h"
#include "cfwarden/search/multi_search.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t spot_reach = 64 * 1024;

struct Spot {
  std::size_t offset = 0;  // In the text: the first letter of a token, the brace of an object, the
                           // BEGIN line, the secret of split credentials.
  std::size_t line = 0;    // 1-based.
  std::vector<std::string_view> wrappings;  // Outermost first: "base64", "escapes", "lines", ...
  Credential credential;
};

struct Spots {
  std::vector<Spot> found;
  // The text made more work than any but a hostile one does: what was not looked at is a gap.
  bool is_complete = true;
};

class SpotFinder {
 public:
  explicit SpotFinder(std::string hmac_key = {});
  // Portable is built in half of the time, and asks the processor nothing: for texts that are few
  // and small.
  SpotFinder(std::string hmac_key, Implementation implementation);

  // What announces a credential: a text without a hit has no spot.
  const MultiSearch& search() const { return search_; }
  const std::string& hmac_key() const { return hmac_key_; }

  Spots spots_of(std::string_view text) const;
  // With the hits of search() in the text, in their order.
  Spots spots_of(std::string_view text, std::span<const Hit> hits) const;
  // With fingerprints by this key instead of the finder's own.
  Spots spots_with_key(std::string_view text, std::string_view hmac_key) const;

 private:
  template <class TakeHits>
  Spots search_in(std::string_view text, std::string_view hmac_key, TakeHits take_hits) const;

  std::string hmac_key_;
  std::vector<Anchor> anchors_;
  MultiSearch search_;
};

// How much of a text was looked at in all, for tests of what hostile text costs: bytes of peeled
// layers.
std::size_t most_peeled_bytes(std::size_t text_size);

}  // namespace cfwarden
