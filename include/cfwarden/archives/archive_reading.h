// One file's reading, through all archives inside of it: who is inside whom, and what all of them
// together may cost. Each level pulls its bytes from the one around it.
#pragma once

#include "cfwarden/archives/archive.h"
#include "cfwarden/archives/archive_form.h"
#include "cfwarden/archives/archive_pieces.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cfwarden {

class Container;

struct ArchiveStore {
  std::uint64_t size = 0;  // Where its end is.
  // Without holes. What it may unpack to goes by this: a hole costs nobody anything.
  std::uint64_t stored = 0;
  // What stands there, or "" at the end; nullopt: it cannot be read.
  std::function<std::optional<std::string_view>(std::uint64_t position)> bytes_at;
};

// An archive that is looked into.
struct ArchiveLevel {
  std::string name;       // As its members' names begin; "" for the file itself.
  std::string file_name;  // Its own.
  unsigned depth = 1;
};

class ArchiveReading {
 public:
  ArchiveReading(const ArchiveStore& store, const ArchiveLimits& limits,
                 const ArchiveEvents& events)
      : store_{store}, limits_{limits}, events_{events} {}

  void read(const std::string& file_name);

 private:
  enum class Around { stream, container };

  void look_into(ArchiveForm form, const PieceSource& source, const ArchiveLevel& level);
  void look_into_stream(ArchiveForm form, const PieceSource& source, const ArchiveLevel& level);
  void look_into_container(ArchiveForm form, const PieceSource& source, const ArchiveLevel& level);
  void look_into_stored_zip(const ArchiveLevel& level);
  // False: not even one member was met before the damage, which has not been told.
  bool look_at_members(Container& container, const ArchiveLevel& level);
  void look_at_member_of(Container& container, const ArchiveLevel& level);
  void look_at(const PieceSource& source, std::string_view member, const ArchiveLevel& level,
               Around around);
  void hand_out(const PieceSource& source, const std::string& name);

  std::optional<ArchivePiece> from_store();
  bool may_go_on(const ArchiveLevel& level);
  bool count_bytes(std::size_t bytes, const ArchiveLevel& level);
  bool count_member(const ArchiveLevel& level);
  void miss(std::string_view name, ArchiveMiss why);
  // Ends the whole reading.
  void stop(std::string_view name, ArchiveMiss why);

  const ArchiveStore& store_;
  const ArchiveLimits& limits_;
  const ArchiveEvents& events_;
  std::uint64_t position_ = 0;
  std::uint64_t bytes_ = 0;  // Unpacked, at all levels.
  std::uint64_t members_ = 0;
  std::size_t misses_ = 0;
  bool is_over_ = false;
};

}  // namespace cfwarden
