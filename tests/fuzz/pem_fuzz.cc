#include "cfwarden/base/pem.h"
#include "cfwarden/kinds/kind.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace cfwarden;

// No bytes may crash the PEM readers or the certificate decoder, or make more of the input than it
// holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  std::size_t decoded_bytes = 0;
  for (const PemBlock& block : pem_blocks(text)) decoded_bytes += block.bytes.size();
  if (decoded_bytes > size) std::abort();
  (void)damaged_pem_blocks(text);
  const Sample sample{.bytes = text, .file_name = "host-cf_key", .hmac_key = "invented key"};
  if (std::holds_alternative<NotThisKind>(decode_account_certificate(sample))) std::abort();
  (void)recognise(sample);
  return 0;
}
