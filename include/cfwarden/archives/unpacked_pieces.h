// What comes out of a compressed stream that is itself pulled a piece at a time.
#pragma once

#include "cfwarden/archives/archive_pieces.h"
#include "cfwarden/archives/unpacker.h"

#include <cstdint>
#include <string_view>

namespace cfwarden {

class UnpackedPieces {
 public:
  // broken: by the source, which has told. failed: see state().
  enum class Pull { good, at_end, broken, failed };

  UnpackedPieces(Unpacker& unpacker, const PieceSource& source)
      : unpacker_{unpacker}, source_{source} {}

  // One step, so that whoever counts may end it: often without any bytes.
  Pull pull(ArchivePiece& piece);

  Unpacker::State state() const { return state_; }

 private:
  bool take_input();

  Unpacker& unpacker_;
  const PieceSource& source_;
  std::string_view input_;
  std::uint64_t taken_ = 0;
  std::uint64_t offset_ = 0;
  bool has_all_input_ = false;
  Unpacker::State state_ = Unpacker::State::on;
};

}  // namespace cfwarden
