#include "cfwarden/base/git_id.h"

// The low-level calls do not initialise the library, as EVP does.
#define OPENSSL_API_COMPAT 0x10100000L

#include "cfwarden/base/ascii.h"

#include <openssl/sha.h>

#include <array>

namespace cfwarden {

std::string git_id_text(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4U];
    text += digits[value & 0xfU];
  }
  return text;
}

std::string git_id_bytes(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(hex_value(text[i]) * 16 + hex_value(text[i + 1]));
  }
  return bytes;
}

std::string git_id_of(std::string_view sort, std::string_view content, std::size_t id_bytes) {
  std::string head{sort};
  head += ' ' + std::to_string(content.size()) + '\0';
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  if (id_bytes == SHA_DIGEST_LENGTH) {
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, head.data(), head.size());
    SHA1_Update(&context, content.data(), content.size());
    SHA1_Final(digest.data(), &context);
  } else if (id_bytes == SHA256_DIGEST_LENGTH) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, head.data(), head.size());
    SHA256_Update(&context, content.data(), content.size());
    SHA256_Final(digest.data(), &context);
  } else {
    return {};
  }
  return {reinterpret_cast<const char*>(digest.data()), id_bytes};
}

}  // namespace cfwarden
