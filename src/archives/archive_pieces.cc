#include "cfwarden/archives/archive_pieces.h"

#include <utility>

namespace cfwarden {

PeekedSource::PeekedSource(const PieceSource& source, std::size_t wanted) : source_{source} {
  auto piece = source_();
  if (piece && !piece->bytes.empty()) {
    first_ = *piece;
    if (first_.bytes.size() >= wanted) return;
    copied_ = first_.bytes;
    while (copied_.size() < wanted) {
      piece = source_();
      if (!piece || piece->bytes.empty()) break;
      if (piece->offset != first_.offset + copied_.size()) {
        following_ = piece;
        return;
      }
      copied_ += piece->bytes;
    }
    if (copied_.size() >= wanted) return;
  }
  is_broken_ = !piece;
  has_ended_ = !is_broken_;
}

std::optional<ArchivePiece> PeekedSource::next() {
  if (!is_given_) {
    is_given_ = true;
    if (!beginning().empty()) return ArchivePiece{beginning(), first_.offset};
  }
  if (following_) return std::exchange(following_, std::nullopt);
  if (is_broken_) return std::nullopt;
  return has_ended_ ? ArchivePiece{} : source_();
}

}  // namespace cfwarden
