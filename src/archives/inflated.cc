#include "cfwarden/archives/inflated.h"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace cfwarden {

std::optional<std::string> inflated(std::string_view bytes, std::size_t most) {
  constexpr std::size_t step = 64 << 10;
  if (bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc{};
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int outcome = Z_OK;
  while (outcome == Z_OK && text.size() <= most) {
    const std::size_t size = text.size();
    text.resize(std::min(size + step, most + 1));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + size);
    stream.avail_out = static_cast<uInt>(text.size() - size);
    outcome = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
  }
  const bool is_whole = outcome == Z_STREAM_END && stream.avail_in == 0 && text.size() <= most;
  (void)inflateEnd(&stream);  // Frees, whatever it says of the stream.
  if (!is_whole) return std::nullopt;
  return text;
}

std::optional<std::string> inflated_from(const std::function<std::string()>& more,
                                         std::size_t size) {
  constexpr std::size_t step = 64 << 10;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc{};
  std::string bytes;
  std::string text;
  int outcome = Z_OK;
  // One byte more than there may be tells a stream that holds more.
  while (outcome == Z_OK && text.size() <= size) {
    if (stream.avail_in == 0) {
      bytes = more();
      if (bytes.empty() || bytes.size() > step) break;
      stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
      stream.avail_in = static_cast<uInt>(bytes.size());
    }
    const std::size_t before = text.size();
    text.resize(std::min(before + step, size + 1));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = static_cast<uInt>(text.size() - before);
    outcome = inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
  }
  (void)inflateEnd(&stream);  // Frees, whatever it says of the stream.
  if (outcome != Z_STREAM_END || text.size() != size) return std::nullopt;
  return text;
}

}  // namespace cfwarden
