// What is known of an image by its name alone: whether it is cloudflared's own, and as whom that
// one runs. Images are not opened.
//
// Source  the official image, 2026.8.2: distroless, USER 65532:65532 (nonroot before 2025.7.0),
//         WORKDIR and home /home/nonroot, ENTRYPOINT cloudflared --no-autoupdate, CMD version.
#pragma once

#include "cfwarden/model/start.h"

#include <array>
#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::string_view official_id = "65532";  // Of its user and of its group.
inline constexpr std::string_view official_home = "/home/nonroot";
inline constexpr std::array<std::string_view, 2> official_entrypoint{"cloudflared",
                                                                     "--no-autoupdate"};

// cloudflare/cloudflared, behind any registry, with any tag and digest.
bool is_official_image(std::string_view reference);

// The official one, or one whose own name holds "cloudflared": erisamoe/cloudflared:2024.1.
bool is_cloudflared_image(std::string_view reference);

// `user` as in `--user`: "1000", "1000:1000", "nonroot"; "" for the image's own. Names that the
// official image knows become decimal. A user without a group has group 0, which is what a runtime
// gives a uid that the image does not know.
RunAs run_as_in_image(std::string_view user, std::string_view image);

// What `~` stands for, unless HOME is set.
std::string home_in_image(const RunAs& run_as, std::string_view image);

}  // namespace cfwarden
