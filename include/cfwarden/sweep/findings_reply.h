// What a decoder tells its supervisor, as bytes: bounded, and checked field by field when it comes
// back, because the parser that wrote it may have been taken over.
//
// Promises  every accepted reply is the only encoding of what it says.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/sweep/found.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::size_t max_findings_bytes = 4 * 1024 * 1024;

// What does not fit is left out, and a miss says so.
std::string encode_findings(const FileFindings& findings);

// Known kinds, words and carriers, ids and fingerprints of their forms, lines from 1, bounded text;
// else an Error.
Result<FileFindings> decode_findings(std::string_view bytes);

}  // namespace cfwarden
