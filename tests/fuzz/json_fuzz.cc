#include "cfwarden/kinds/kind.h"
#include "cfwarden/kinds/tunnel_fields.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace cfwarden;

// The verdict on a credentials file must be the JSON reader's, and nothing may crash on the way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  if (size > max_credential_bytes) return 0;
  const Sample sample{.bytes = text, .file_name = {}, .hmac_key = {}};
  const bool accepted = !read_tunnel_fields(text, credentials_field_names).error;
  const Decoded decoded = decode_tunnel_credentials(sample);
  const auto* credential = std::get_if<Credential>(&decoded);
  const bool taken = credential != nullptr && credential->status != Status::damaged;
  if (taken != accepted || std::holds_alternative<NotThisKind>(decoded)) std::abort();
  (void)mend_tunnel_fields(text, credentials_field_names);
  (void)recognise(sample);
  return 0;
}
