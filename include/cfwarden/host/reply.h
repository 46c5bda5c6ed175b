// What a worker tells its supervisor: Examinations as bytes, bounded, and checked field by field
// when they come back, because the parser that wrote them may have been taken over.
//
// Format: little-endian lengths and fields in declaration order, for this process and its child
// only. Every accepted reply is the only encoding of what it says.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/reader.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_reading_bytes = 256 * 1024;
inline constexpr std::size_t max_readings = 128;
inline constexpr std::size_t max_reply_bytes = max_readings * max_reading_bytes;

// Longer text is cut, and what does not fit into max_reading_bytes is left out: `problem` says so.
std::string encode_reply(const std::vector<Reading>& readings);

// Exactly `expected` readings of known kinds, carriers and words with bounded text; else an Error.
Result<std::vector<Reading>> decode_reply(std::string_view bytes, std::size_t expected);

}  // namespace cfwarden
