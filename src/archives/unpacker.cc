#include "cfwarden/archives/unpacker.h"

#define ZLIB_CONST
#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <variant>

namespace cfwarden {
namespace {

using State = Unpacker::State;

constexpr int widest_window_log = 27;  // 128 MiB; zstd --ultra -22 takes as much.
// xz counts its tables too.
constexpr std::uint64_t xz_memory = (std::uint64_t{1} << widest_window_log) + (2 << 20);

struct Room {
  char* at;
  std::size_t left;
};

void advance(std::string_view& input, Room& room, std::size_t input_left, std::size_t room_left) {
  input.remove_prefix(input.size() - input_left);
  room.at += room.left - room_left;
  room.left = room_left;
}

// Each of them takes input and fills room until one is used up or the stream ends or fails. A file
// may hold several streams, one after the other; what begins no further one ends it all.
class GzipStream {
 public:
  GzipStream() {
    if (inflateInit2(&stream_, MAX_WBITS + 16) != Z_OK) throw std::bad_alloc{};
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() { (void)inflateEnd(&stream_); }  // Frees, whatever it says of the stream.

  State step(std::string_view& input, Room& room) {
    if (is_between_) {
      if (input.empty() || input.front() != '\x1f') return State::at_end;
      is_between_ = false;
      (void)inflateReset(&stream_);  // Fails only for a stream that was never begun.
    }
    stream_.next_in = reinterpret_cast<const Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(room.at);
    stream_.avail_out = static_cast<uInt>(room.left);
    const bool is_last = input.empty();
    const std::size_t room_before = room.left;
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    advance(input, room, stream_.avail_in, stream_.avail_out);
    if (outcome == Z_STREAM_END) {
      is_between_ = true;
    } else if (outcome == Z_MEM_ERROR) {
      return State::too_wide;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return State::damaged;
    } else if (is_last && room.left == room_before) {
      return State::cut_off;
    }
    return State::on;
  }

 private:
  z_stream stream_{};
  bool is_between_ = false;
};

class ZstdStream {
 public:
  ZstdStream() : stream_{ZSTD_createDStream()} {
    if (stream_ == nullptr) throw std::bad_alloc{};
    (void)ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, widest_window_log);
  }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;
  ~ZstdStream() { (void)ZSTD_freeDStream(stream_); }

  State step(std::string_view& input, Room& room) {
    if (is_between_ && input.empty()) return State::at_end;
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{room.at, room.left, 0};
    const std::size_t outcome = ZSTD_decompressStream(stream_, &out, &in);
    const bool is_last = input.empty();
    advance(input, room, in.size - in.pos, out.size - out.pos);
    if (ZSTD_isError(outcome) != 0) return state_of(ZSTD_getErrorCode(outcome));
    if (is_last && out.pos == 0) return State::cut_off;
    is_between_ = outcome == 0;
    has_frames_ = has_frames_ || is_between_;
    return State::on;
  }

 private:
  State state_of(ZSTD_ErrorCode code) const {
    if (code == ZSTD_error_frameParameter_windowTooLarge) return State::too_wide;
    if (code == ZSTD_error_memory_allocation) return State::too_wide;
    return code == ZSTD_error_prefix_unknown && has_frames_ ? State::at_end : State::damaged;
  }

  ZSTD_DStream* stream_;
  bool is_between_ = false;
  bool has_frames_ = false;
};

class XzStream {
 public:
  // Checksums are left out: what a damaged stream unpacks to is looked at all the same.
  XzStream() {
    if (lzma_stream_decoder(&stream_, xz_memory, LZMA_CONCATENATED | LZMA_IGNORE_CHECK) != LZMA_OK)
      throw std::bad_alloc{};
  }
  XzStream(const XzStream&) = delete;
  XzStream& operator=(const XzStream&) = delete;
  ~XzStream() { lzma_end(&stream_); }

  State step(std::string_view& input, Room& room) {
    const bool is_last = input.empty();
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(room.at);
    stream_.avail_out = room.left;
    const lzma_ret outcome = lzma_code(&stream_, is_last ? LZMA_FINISH : LZMA_RUN);
    advance(input, room, stream_.avail_in, stream_.avail_out);
    switch (outcome) {
      case LZMA_OK:
        return State::on;
      case LZMA_STREAM_END:
        return State::at_end;
      case LZMA_BUF_ERROR:
        return is_last ? State::cut_off : State::damaged;
      case LZMA_MEM_ERROR:
      case LZMA_MEMLIMIT_ERROR:
        return State::too_wide;
      default:
        return State::damaged;
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Bzip2Stream {
 public:
  Bzip2Stream() { begin(); }
  Bzip2Stream(const Bzip2Stream&) = delete;
  Bzip2Stream& operator=(const Bzip2Stream&) = delete;
  ~Bzip2Stream() { (void)BZ2_bzDecompressEnd(&stream_); }

  State step(std::string_view& input, Room& room) {
    if (is_between_) {
      if (input.empty() || input.front() != 'B') return State::at_end;
      (void)BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      begin();
      is_between_ = false;
    }
    const bool is_last = input.empty();
    const std::size_t room_before = room.left;
    // The library's header knows no const.
    const std::size_t taken = input.copy(copied_.data(), copied_.size());
    stream_.next_in = copied_.data();
    stream_.avail_in = static_cast<unsigned>(taken);
    stream_.next_out = room.at;
    stream_.avail_out = static_cast<unsigned>(room.left);
    const int outcome = BZ2_bzDecompress(&stream_);
    advance(input, room, input.size() - taken + stream_.avail_in, stream_.avail_out);
    if (outcome == BZ_STREAM_END) {
      is_between_ = true;
    } else if (outcome == BZ_MEM_ERROR) {
      return State::too_wide;
    } else if (outcome != BZ_OK) {
      return State::damaged;
    } else if (is_last && room.left == room_before) {
      return State::cut_off;
    }
    return State::on;
  }

 private:
  void begin() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc{};
  }

  std::array<char, 4096> copied_{};
  bz_stream stream_{};
  bool is_between_ = false;
};

}  // namespace

struct Unpacker::Streams {
  std::variant<GzipStream, ZstdStream, XzStream, Bzip2Stream> stream;
  std::unique_ptr<char[]> buffer{new char[buffer_bytes]};

  explicit Streams(ArchiveForm form) {
    if (form == ArchiveForm::zstd) stream.emplace<ZstdStream>();
    if (form == ArchiveForm::xz) stream.emplace<XzStream>();
    if (form == ArchiveForm::bzip2) stream.emplace<Bzip2Stream>();
  }
};

Unpacker::Unpacker(ArchiveForm form) : streams_{std::make_unique<Streams>(form)} {}
Unpacker::~Unpacker() = default;

Unpacker::Step Unpacker::step(std::string_view& input) {
  Room room{streams_->buffer.get(), buffer_bytes};
  const bool is_last = input.empty();
  State state = State::on;
  // A stream that ends leaves room and input for the next one.
  do {
    state = std::visit([&](auto& stream) { return stream.step(input, room); }, streams_->stream);
  } while (state == State::on && !is_last && !input.empty() && room.left > 0);
  return {{streams_->buffer.get(), buffer_bytes - room.left}, state};
}

}  // namespace cfwarden
