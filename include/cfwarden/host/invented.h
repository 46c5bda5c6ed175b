// Credentials for the demo, in cloudflared's own forms. Their secrets say that they are invented.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

inline constexpr std::string_view invented_account = "9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0";

std::string invented_secret(std::string_view name);  // 32 bytes.
std::string published_secret();  // The 32 bytes of the example in Cloudflare's documentation.

std::string invented_credentials(std::string_view tunnel, const std::string& secret);
std::string invented_token(std::string_view tunnel, const std::string& secret);
std::string invented_certificate(std::string_view account);

std::string pem_block(std::string_view label, const std::string& body);

}  // namespace cfwarden
