#include "cfwarden/base/git_id.h"

// The low-level calls do not initialise the library, as EVP does.
#define OPENSSL_API_COMPAT 0x10100000L

#include <openssl/sha.h>

#include <array>

namespace cfwarden {

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
