// A stream of bytes, pulled a piece at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

struct ArchivePiece {
  std::string_view bytes;    // Until the next one is pulled. Empty: that was all.
  std::uint64_t offset = 0;  // Where it stands; what was left out before it is a hole.
};

// nullopt: it broke off, and whoever is concerned has been told.
using PieceSource = std::function<std::optional<ArchivePiece>()>;

// A source whose first bytes can be looked at before they are pulled.
class PeekedSource {
 public:
  // Pulls until `wanted` bytes are there, or a hole or the end.
  PeekedSource(const PieceSource& source, std::size_t wanted);

  std::string_view beginning() const { return copied_.empty() ? first_.bytes : copied_; }
  std::optional<ArchivePiece> next();

 private:
  const PieceSource& source_;
  ArchivePiece first_;
  std::string copied_;  // Where the first piece was too short.
  std::optional<ArchivePiece> following_;
  bool is_given_ = false;
  bool has_ended_ = false;
  bool is_broken_ = false;
};

}  // namespace cfwarden
