#include "cfwarden/archives/archive_reading.h"

#include "cfwarden/archives/container.h"
#include "cfwarden/archives/unpacked_pieces.h"
#include "cfwarden/archives/unpacker.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace cfwarden {
namespace {

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return a != 0 && b > most / a ? most : a * b;
}

std::string name_in(const ArchiveLevel& level, std::string_view member) {
  std::string name = level.name;
  if (!name.empty()) name += '!';
  name += member;
  if (name.size() > longest_member) name.resize(longest_member);
  return name;
}

// Out of memory is the archive's doing: behind walls it may ask for more than there is.
template <class Made, class... Arguments>
std::unique_ptr<Made> made_if_room(Arguments&&... arguments) {
  try {
    return std::make_unique<Made>(std::forward<Arguments>(arguments)...);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

ArchiveMiss miss_of(Unpacker::State state) {
  switch (state) {
    case Unpacker::State::cut_off:
      return ArchiveMiss::cut_off;
    case Unpacker::State::too_wide:
      return ArchiveMiss::window;
    default:
      return ArchiveMiss::damaged;
  }
}

ArchiveMiss miss_of(Container::State state) {
  return state == Container::State::too_large ? ArchiveMiss::window : ArchiveMiss::damaged;
}

}  // namespace

void ArchiveReading::read(const std::string& file_name) {
  const PieceSource store = [this] { return from_store(); };
  PeekedSource peeked{store, archive_form_bytes};
  const ArchiveForm form = archive_form_of(peeked.beginning());
  if (form == ArchiveForm::none || is_over_) return;
  const ArchiveLevel level{"", file_name, 1};
  if (form == ArchiveForm::zip) return look_into_stored_zip(level);
  look_into(
      form, [&] { return peeked.next(); }, level);
}

void ArchiveReading::look_into(ArchiveForm form, const PieceSource& source,
                               const ArchiveLevel& level) {
  if (form == ArchiveForm::tar || form == ArchiveForm::zip) {
    look_into_container(form, source, level);
  } else {
    look_into_stream(form, source, level);
  }
}

void ArchiveReading::look_into_stream(ArchiveForm form, const PieceSource& source,
                                      const ArchiveLevel& level) {
  const auto unpacker = made_if_room<Unpacker>(form);
  if (!unpacker) return miss(level.name, ArchiveMiss::window);
  UnpackedPieces unpacked{*unpacker, source};
  const PieceSource output = [&]() -> std::optional<ArchivePiece> {
    ArchivePiece piece;
    while (may_go_on(level)) {
      switch (unpacked.pull(piece)) {
        case UnpackedPieces::Pull::at_end:
          return ArchivePiece{};
        case UnpackedPieces::Pull::failed:
          miss(level.name, miss_of(unpacked.state()));
          return std::nullopt;
        case UnpackedPieces::Pull::broken:
          return std::nullopt;
        case UnpackedPieces::Pull::good:
          break;
      }
      if (!count_bytes(piece.bytes.size(), level)) return std::nullopt;
      if (!piece.bytes.empty()) return piece;
    }
    return std::nullopt;
  };
  look_at(output, without_suffix(level.file_name), level, Around::stream);
}

void ArchiveReading::look_into_container(ArchiveForm form, const PieceSource& source,
                                         const ArchiveLevel& level) {
  const auto container = made_if_room<Container>(form, source);
  if (!container) return miss(level.name, ArchiveMiss::window);
  if (!look_at_members(*container, level)) miss(level.name, ArchiveMiss::damaged);
}

// By the directory at its end. Where that is damaged, or larger than there is memory for, the
// members themselves may be sound.
void ArchiveReading::look_into_stored_zip(const ArchiveLevel& level) {
  const PieceSource store = [this] { return from_store(); };
  const auto go_to = [this](std::uint64_t position) { position_ = position; };
  go_to(0);
  const auto container =
      made_if_room<Container>(ArchiveForm::zip, store, ContainerSeek{store_.size, go_to});
  if (container && look_at_members(*container, level)) return;
  go_to(0);
  look_into_container(ArchiveForm::zip, store, level);
}

bool ArchiveReading::look_at_members(Container& container, const ArchiveLevel& level) {
  bool has_members = false;
  while (may_go_on(level)) {
    const Container::State state = container.next();
    if (state == Container::State::broken) return true;
    if (state == Container::State::at_end) {
      if (container.passed_over_damage()) miss(level.name, ArchiveMiss::damaged);
      return true;
    }
    if (state != Container::State::good) {
      if (has_members) miss(level.name, miss_of(state));
      return has_members;
    }
    has_members = true;
    look_at_member_of(container, level);
  }
  return true;
}

void ArchiveReading::look_at_member_of(Container& container, const ArchiveLevel& level) {
  const std::string member{container.name()};
  if (container.is_encrypted()) return miss(name_in(level, member), ArchiveMiss::encrypted);
  if (!container.has_known_method()) {
    return miss(name_in(level, member), ArchiveMiss::unknown_method);
  }
  const PieceSource content = [&]() -> std::optional<ArchivePiece> {
    if (!may_go_on(level)) return std::nullopt;
    ArchivePiece piece;
    const Container::State state = container.pull(piece);
    if (state == Container::State::at_end) return ArchivePiece{};
    if (state == Container::State::good) {
      if (container.unpacks() && !count_bytes(piece.bytes.size(), level)) return std::nullopt;
      return piece;
    }
    if (state != Container::State::broken) miss(name_in(level, member), miss_of(state));
    return std::nullopt;
  };
  look_at(content, member, level, Around::container);
}

void ArchiveReading::look_at(const PieceSource& source, std::string_view member,
                             const ArchiveLevel& level, Around around) {
  PeekedSource peeked{source, archive_form_bytes};
  if (is_over_ && peeked.beginning().empty()) return;
  const PieceSource all = [&] { return peeked.next(); };
  const ArchiveForm form = archive_form_of(peeked.beginning());
  if (form == ArchiveForm::tar && around == Around::stream) {
    return look_into_container(form, all, level);
  }
  if (!count_member(level)) return;
  const std::string name = name_in(level, member);
  if (form == ArchiveForm::none) return hand_out(all, name);
  if (level.depth >= limits_.most_depth) {
    miss(name, ArchiveMiss::too_deep);
    return hand_out(all, name);
  }
  look_into(form, all, {name, std::string{member}, level.depth + 1});
}

void ArchiveReading::hand_out(const PieceSource& source, const std::string& name) {
  events_.begin(name);
  for (auto piece = source(); piece && !piece->bytes.empty(); piece = source()) {
    events_.content(piece->bytes, piece->offset);
  }
  events_.end();
}

std::optional<ArchivePiece> ArchiveReading::from_store() {
  if (!may_go_on({})) return std::nullopt;
  const auto bytes = store_.bytes_at(position_);
  if (!bytes) {
    stop("", ArchiveMiss::unreadable);
    return std::nullopt;
  }
  return ArchivePiece{*bytes, std::exchange(position_, position_ + bytes->size())};
}

bool ArchiveReading::may_go_on(const ArchiveLevel& level) {
  if (!is_over_ && events_.keep_going && !events_.keep_going()) {
    stop(level.name, ArchiveMiss::time);
  }
  return !is_over_;
}

bool ArchiveReading::count_bytes(std::size_t bytes, const ArchiveLevel& level) {
  bytes_ += bytes;
  const std::uint64_t by_ratio = times(store_.stored, limits_.most_ratio);
  const std::uint64_t by_size =
      std::max(limits_.most_bytes, times(store_.stored, limits_.usual_ratio));
  if (bytes_ <= std::max(limits_.free_bytes, std::min(by_ratio, by_size))) return true;
  stop(level.name, bytes_ > by_ratio ? ArchiveMiss::ratio : ArchiveMiss::size);
  return false;
}

bool ArchiveReading::count_member(const ArchiveLevel& level) {
  if (++members_ <= limits_.most_members) return true;
  stop(level.name, ArchiveMiss::members);
  return false;
}

void ArchiveReading::miss(std::string_view name, ArchiveMiss why) {
  if (misses_ == limits_.most_misses) events_.miss("", ArchiveMiss::more);
  if (misses_++ < limits_.most_misses) events_.miss(name, why);
}

// Told even where there are too many misses: it is the one that counts.
void ArchiveReading::stop(std::string_view name, ArchiveMiss why) {
  if (!std::exchange(is_over_, true)) events_.miss(name, why);
}

}  // namespace cfwarden
