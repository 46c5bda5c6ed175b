// The members of a tar or zip, by libarchive, one after the other.
//
// Promises  no name of an account is looked up, no character set loaded: names are the bytes of the
//           archive; where a zip calls them UTF-8 composed, or "?" where they are not. Encrypted
//           members are not tried. None of libarchive's texts is shown.
#pragma once

#include "cfwarden/archives/archive_form.h"
#include "cfwarden/archives/archive_pieces.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace cfwarden {

// Where a zip can be read by its directory, at its end: it knows more than what precedes the
// members.
struct ContainerSeek {
  std::uint64_t size = 0;
  std::function<void(std::uint64_t position)> go_to;  // Empty: cannot.
};

class Container {
 public:
  enum class State { good, at_end, damaged, too_large, broken };

  // Pulls from `source` without holes. Throws bad_alloc.
  Container(ArchiveForm form, const PieceSource& source, ContainerSeek seek = {});
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container();

  // To the next regular file. broken: by the source, which has told.
  State next();

  // Of the member it is at.
  std::string_view name() const;
  bool is_encrypted() const;
  bool has_known_method() const;
  bool unpacks() const;  // Into more bytes than it pulled: a zip.
  // Good, and never empty, until something else; next() then tells whether anything is left.
  State pull(ArchivePiece& piece);

  // Of what came so far, damaged headers that were passed over.
  bool passed_over_damage() const;

 private:
  struct Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace cfwarden
