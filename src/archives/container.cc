#include "cfwarden/archives/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

// libarchive would turn names that are marked as UTF-8 into the character set of the locale, which
// opens files where no file may be opened, and loses what that set lacks. Nothing else in the
// program converts text, so whoever asks gets the same bytes back.
extern "C" {

iconv_t iconv_open(const char*, const char*) {
  static char any = '\0';
  return &any;
}

std::size_t iconv(iconv_t, char** from, std::size_t* left, char** to, std::size_t* room) {
  if (from == nullptr || *from == nullptr) return 0;
  const std::size_t count = std::min(*left, *room);
  std::memcpy(*to, *from, count);
  *from += count;
  *to += count;
  *left -= count;
  *room -= count;
  if (*left == 0) return 0;
  errno = E2BIG;
  return static_cast<std::size_t>(-1);
}

int iconv_close(iconv_t) {
  return 0;
}

}  // extern "C"

namespace cfwarden {
namespace {

// A sound member has a few blocks without bytes in a row, where a compressor needs much input.
constexpr int most_empty_blocks = 4096;

// Those whose memory is bounded, and whose reading in libarchive many programs rely on.
constexpr std::array<std::string_view, 4> known_methods{"(uncompressed)", "(deflation)", "(bzip)",
                                                        "(zstd)"};

}  // namespace

struct Container::Reading {
  archive* library = nullptr;
  archive_entry* entry = nullptr;  // The library's.
  const PieceSource& source;
  ContainerSeek seek;
  std::uint64_t position = 0;
  bool is_broken = false;
  bool is_at_end = false;
  bool passed_over = false;
  std::exception_ptr thrown;  // By the source, below frames of C.

  Reading(const PieceSource& from, ContainerSeek how) : source{from}, seek{std::move(how)} {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { (void)archive_read_free(library); }

  la_ssize_t pull(const void** bytes) {
    if (is_broken) return ARCHIVE_FATAL;
    const auto piece = source();
    is_broken = !piece;
    if (is_broken) return ARCHIVE_FATAL;
    if (!piece->bytes.empty() && piece->offset != position) return ARCHIVE_FATAL;  // A hole.
    position += piece->bytes.size();
    *bytes = piece->bytes.data();
    return static_cast<la_ssize_t>(piece->bytes.size());
  }

  la_int64_t go_to(la_int64_t offset, int whence) {
    const auto end = static_cast<la_int64_t>(seek.size);
    const la_int64_t from = whence == SEEK_END ? end : 0;
    if (whence == SEEK_CUR || offset > end - from || offset < -from) return ARCHIVE_FATAL;
    position = static_cast<std::uint64_t>(from + offset);
    seek.go_to(position);
    return static_cast<la_int64_t>(position);
  }

  State failure() const {
    return archive_errno(library) == ENOMEM ? State::too_large : State::damaged;
  }

  void rethrow() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  }
};

namespace {

template <class Reading>
la_ssize_t read_for(archive*, void* context, const void** bytes) {
  auto& reading = *static_cast<Reading*>(context);
  try {
    return reading.pull(bytes);
  } catch (...) {
    reading.is_broken = true;
    reading.thrown = std::current_exception();
    return ARCHIVE_FATAL;
  }
}

template <class Reading>
la_int64_t seek_for(archive*, void* context, la_int64_t offset, int whence) {
  return static_cast<Reading*>(context)->go_to(offset, whence);
}

}  // namespace

Container::Container(ArchiveForm form, const PieceSource& source, ContainerSeek seek)
    : reading_{std::make_unique<Reading>(source, std::move(seek))} {
  reading_->library = archive_read_new();
  archive* const library = reading_->library;
  if (library == nullptr) throw std::bad_alloc{};
  bool is_ready = false;
  if (form == ArchiveForm::zip) {
    is_ready = archive_read_support_format_zip(library) == ARCHIVE_OK;
  } else {
    // Archives appended to each other have zeros between them, which else end the reading.
    is_ready = archive_read_support_format_tar(library) == ARCHIVE_OK &&
               archive_read_set_format_option(library, "tar", "read_concatenated_archives", "1") ==
                   ARCHIVE_OK;
  }
  if (reading_->seek.go_to) (void)archive_read_set_seek_callback(library, seek_for<Reading>);
  (void)archive_read_set_read_callback(library, read_for<Reading>);
  (void)archive_read_set_callback_data(library, reading_.get());
  // Where it fails so does the first header.
  if (!is_ready) throw std::bad_alloc{};
  (void)archive_read_open1(library);
  reading_->rethrow();
}

Container::~Container() = default;

Container::State Container::next() {
  Reading& reading = *reading_;
  while (!reading.is_at_end) {
    const int outcome = archive_read_next_header(reading.library, &reading.entry);
    reading.rethrow();
    if (reading.is_broken) return State::broken;
    if (outcome == ARCHIVE_EOF) reading.is_at_end = true;
    if (outcome == ARCHIVE_RETRY) reading.passed_over = true;
    if (outcome == ARCHIVE_EOF || outcome == ARCHIVE_RETRY) continue;
    if (outcome < ARCHIVE_WARN) {
      reading.is_at_end = true;
      return reading.failure();
    }
    const bool is_link = archive_entry_hardlink(reading.entry) != nullptr;
    if (archive_entry_filetype(reading.entry) == AE_IFREG && !is_link) return State::good;
  }
  return State::at_end;
}

std::string_view Container::name() const {
  const char* const name = archive_entry_pathname(reading_->entry);
  // Of a zip that calls it UTF-8, which it is not, libarchive gives no name.
  return name == nullptr ? "?" : name;
}

bool Container::is_encrypted() const {
  return archive_entry_is_encrypted(reading_->entry) != 0;
}

bool Container::unpacks() const {
  return archive_format(reading_->library) == ARCHIVE_FORMAT_ZIP;
}

bool Container::has_known_method() const {
  if (!unpacks()) return true;
  const char* const name = archive_format_name(reading_->library);
  return name != nullptr &&
         std::any_of(known_methods.begin(), known_methods.end(), [&](std::string_view method) {
           return std::string_view{name}.ends_with(method);
         });
}

Container::State Container::pull(ArchivePiece& piece) {
  Reading& reading = *reading_;
  for (int empty_blocks = 0; empty_blocks < most_empty_blocks; ++empty_blocks) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int outcome = archive_read_data_block(reading.library, &bytes, &size, &offset);
    reading.rethrow();
    if (reading.is_broken) return State::broken;
    if (outcome == ARCHIVE_EOF) return State::at_end;
    if (outcome == ARCHIVE_RETRY) continue;
    if (outcome < ARCHIVE_WARN || offset < 0) return reading.failure();
    if (size == 0) continue;
    piece = {{static_cast<const char*>(bytes), size}, static_cast<std::uint64_t>(offset)};
    return State::good;
  }
  return State::damaged;
}

bool Container::passed_over_damage() const {
  return reading_->passed_over;
}

}  // namespace cfwarden
