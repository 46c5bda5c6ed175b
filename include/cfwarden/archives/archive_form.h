// What sort of archive some bytes begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cfwarden {

enum class ArchiveForm : std::uint8_t { none, gzip, zstd, xz, bzip2, tar, zip };

// As many bytes tell every form.
inline constexpr std::size_t archive_form_bytes = 512;

ArchiveForm archive_form_of(std::string_view beginning);

// "app.log" for "var/log/app.log.gz", "x" for "x".
std::string_view without_suffix(std::string_view path);

}  // namespace cfwarden
