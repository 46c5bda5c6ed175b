#include "cfwarden/archives/unpacked_pieces.h"

namespace cfwarden {

UnpackedPieces::Pull UnpackedPieces::pull(ArchivePiece& piece) {
  if (state_ == Unpacker::State::at_end) return Pull::at_end;
  if (state_ == Unpacker::State::on && input_.empty() && !has_all_input_ && !take_input()) {
    return Pull::broken;
  }
  if (state_ != Unpacker::State::on) return Pull::failed;
  const Unpacker::Step step = unpacker_.step(input_);
  state_ = step.state;
  piece = {step.output, offset_};
  offset_ += step.output.size();
  return Pull::good;
}

bool UnpackedPieces::take_input() {
  const auto piece = source_();
  if (!piece) return false;
  has_all_input_ = piece->bytes.empty();
  input_ = piece->bytes;
  // Behind a hole nothing fits together.
  if (!has_all_input_ && piece->offset != taken_) state_ = Unpacker::State::damaged;
  taken_ += input_.size();
  return true;
}

}  // namespace cfwarden
