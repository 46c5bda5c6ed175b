// The times of certificates, as Go's cryptobyte reads them.
//
// Accepts   UTCTime, with or without seconds; 50 to 99 are 1950 to 1999. GeneralizedTime with
//           seconds and without fractions. Each ends in Z or in an offset from UTC that is not 0.
#pragma once

#include "cfwarden/base/der.h"

#include <cstdint>
#include <optional>

namespace cfwarden {

// Seconds since the epoch; nullopt for any other element and for a moment that does not exist.
std::optional<std::int64_t> der_time(const DerElement& element);

}  // namespace cfwarden
