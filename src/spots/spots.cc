#include "cfwarden/spots/spots.h"

#include "cfwarden/spots/anchor_windows.h"
#include "cfwarden/spots/base64_run.h"
#include "cfwarden/spots/layer.h"
#include "cfwarden/spots/sighting.h"
#include "cfwarden/spots/wrapping.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_layers = 8;
constexpr std::size_t most_wrappings = 16;
constexpr std::string_view base64_name = "base64";
constexpr std::string_view lines_name = "lines";

// The spots of one text, each kind and fingerprint where it stands first.
class SpotTable {
 public:
  void add(TextLayer& layer, Sighting&& sighting) {
    const std::size_t offset = layer.outermost(sighting.begin);
    auto [known, is_new] = index_.try_emplace(
        {sighting.credential.kind, sighting.credential.fingerprint}, spots_.size());
    if (!is_new && spots_[known->second].offset <= offset) return;
    if (is_new) spots_.emplace_back();
    Spot& spot = spots_[known->second];
    spot.offset = offset;
    spot.line = layer.line_of(sighting.begin);
    spot.wrappings = layer.wrappings();
    if (sighting.is_broken) spot.wrappings.push_back(lines_name);
    spot.credential = std::move(sighting.credential);
  }

  std::vector<Spot> in_order() && {
    std::ranges::stable_sort(spots_, {}, &Spot::offset);
    return std::move(spots_);
  }

 private:
  std::vector<Spot> spots_;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;
};

// What the search of one text and of all that comes out of it share.
struct Errand {
  const MultiSearch& search;
  std::span<const Anchor> anchors;
  std::string_view hmac_key;
  std::size_t work_left = 0;  // Bytes that may still be peeled.
  bool is_complete = true;
  SpotTable table;
};

class LayerSearch {
 public:
  LayerSearch(Errand& errand, TextLayer& layer)
      : errand_{errand}, layer_{layer}, text_{layer.text()}, base64_{layer.text()} {}

  // In pieces, since a text may be nothing but anchors.
  void take_all() {
    constexpr std::size_t piece_bytes = 64 * 1024;
    const std::size_t overlap = errand_.search.longest() - 1;
    for (std::size_t begin = 0; begin < text_.size(); begin += piece_bytes) {
      for (const Hit& hit : errand_.search.hits_in(text_.substr(begin, piece_bytes + overlap))) {
        // What begins behind the piece is the next one's.
        if (hit.offset < piece_bytes) take({begin + hit.offset, hit.literal});
      }
    }
  }

  // A whole text that says of itself what it is written in. (A file of another sort may begin so.)
  void take_whole() {
    const Wrapping* const wrapping = wrapping_of_all(text_);
    if (wrapping != nullptr) peel_region(*wrapping, {wrapping_mark_bytes, text_.size()});
  }

  void take(const Hit& hit) {
    const Anchor& anchor = errand_.anchors[hit.literal];
    const AnchorPlace place{anchor, hit.offset, hit.offset + anchor.literal.size()};
    if (peel_text(place)) return;
    if (anchor.layer == Layer::base64 && anchor.announced != Announced::certificate_body) {
      peel_base64(place);
      return;
    }
    see(place);
  }

  void finish() {
    if (!has_keys_) return;
    SplitCredentials split = split_credentials(text_, errand_.hmac_key);
    if (!split.is_complete) errand_.is_complete = false;
    for (Sighting& sighting : split.found) {
      const auto around = std::ranges::upper_bound(objects_, sighting.begin, {}, &Region::begin);
      const bool is_known = around != objects_.begin() && std::prev(around)->end > sighting.begin;
      if (!is_known) errand_.table.add(layer_, std::move(sighting));
    }
  }

 private:
  // Whether the anchor stands in a wrapping: what comes out of it is searched in its place.
  bool peel_text(const AnchorPlace& place) {
    const std::span<const Wrapping> wrappings = text_wrappings();
    for (std::size_t i = 0; i < wrappings.size(); ++i) {
      if (!wrappings[i].is_around(text_, place)) continue;
      // Of UTF-16 there are two divisions.
      const std::size_t division = place.anchor.layer == Layer::utf16 ? place.begin % 2 : 0;
      Region& last = peeled_[i * 2 + division];
      if (place.begin < last.end) return true;
      last = wrappings[i].region(text_, place);
      peel_region(wrappings[i], last);
      return true;
    }
    return false;
  }

  void peel_region(const Wrapping& wrapping, const Region& region) {
    if (!may_peel(region.end - region.begin)) return;
    const Peeled peeled = peel(wrapping, text_, region);
    search_in(peeled.bytes.reveal(), wrapping.name,
              [&peeled](std::size_t offset) { return peeled.sources.source_of(offset); });
  }

  void peel_base64(const AnchorPlace& place) {
    const auto bytes = base64_.decode(place.begin, place.anchor.group_position);
    if (!bytes || !may_peel(bytes->size())) return;
    search_in(bytes->reveal(), base64_name,
              [this](std::size_t offset) { return base64_.source_of(offset); });
  }

  bool may_peel(std::size_t bytes) {
    const bool may = bytes <= errand_.work_left && layer_.depth() < most_layers;
    if (may) {
      errand_.work_left -= bytes;
    } else {
      errand_.is_complete = false;
    }
    return may;
  }

  void search_in(std::string_view text, std::string_view wrapping, TextLayer::SourceOf source_of) {
    TextLayer inner{text, layer_, wrapping, std::move(source_of)};
    LayerSearch search{errand_, inner};
    search.take_all();
    search.finish();
  }

  void see(const AnchorPlace& place) {
    switch (place.anchor.announced) {
      case Announced::token:
        return add(token_at(text_, place.begin, errand_.hmac_key));
      case Announced::certificate:
        return add(certificate_at(text_, place.begin, errand_.hmac_key));
      case Announced::certificate_body:
        return add(certificate_body_at(text_, place.begin, errand_.hmac_key));
      case Announced::credentials:
        see_credentials(place);
        return;
      case Announced::split_credentials:
        has_keys_ = true;
        return;
    }
  }

  void see_credentials(const AnchorPlace& place) {
    has_keys_ = true;
    auto sighting = credentials_at(text_, place.begin, keys_end_, errand_.hmac_key);
    keys_end_ = place.end;
    if (sighting) objects_.push_back({sighting->begin, sighting->end});
    add(std::move(sighting));
  }

  void add(std::optional<Sighting> sighting) {
    if (sighting) errand_.table.add(layer_, std::move(*sighting));
  }

  Errand& errand_;
  TextLayer& layer_;
  std::string_view text_;
  Base64Run base64_;
  std::array<Region, 2 * most_wrappings> peeled_{};
  std::vector<Region> objects_;  // Of credentials found, in the order of the text.
  std::size_t keys_end_ = 0;     // Of the last key TunnelSecret.
  bool has_keys_ = false;
};

}  // namespace

SpotFinder::SpotFinder(std::string hmac_key)
    : SpotFinder{std::move(hmac_key), fastest_implementation()} {}

SpotFinder::SpotFinder(std::string hmac_key, Implementation implementation)
    : hmac_key_{std::move(hmac_key)},
      anchors_{all_anchors()},
      search_{literals_of(anchors_), implementation, anchor_windows()} {}

template <class TakeHits>
Spots SpotFinder::search_in(std::string_view text, std::string_view hmac_key,
                            TakeHits take_hits) const {
  Errand errand{.search = search_,
                .anchors = anchors_,
                .hmac_key = hmac_key,
                .work_left = most_peeled_bytes(text.size())};
  TextLayer layer{text};
  LayerSearch search{errand, layer};
  search.take_whole();
  take_hits(search);
  search.finish();
  return {.found = std::move(errand.table).in_order(), .is_complete = errand.is_complete};
}

Spots SpotFinder::spots_of(std::string_view text) const {
  return spots_with_key(text, hmac_key_);
}

Spots SpotFinder::spots_with_key(std::string_view text, std::string_view hmac_key) const {
  return search_in(text, hmac_key, [](LayerSearch& search) { search.take_all(); });
}

Spots SpotFinder::spots_of(std::string_view text, std::span<const Hit> hits) const {
  return search_in(text, hmac_key_, [hits](LayerSearch& search) {
    for (const Hit& hit : hits) search.take(hit);
  });
}

std::size_t most_peeled_bytes(std::size_t text_size) {
  constexpr std::size_t times = 32;
  return times * text_size + 4 * spot_reach;
}

}  // namespace cfwarden
