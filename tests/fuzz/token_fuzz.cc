#include "cfwarden/base/base64.h"
#include "cfwarden/kinds/kind.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace cfwarden;

namespace {

bool is_accepted(const Decoded& decoded) {
  const auto* credential = std::get_if<Credential>(&decoded);
  return credential != nullptr && credential->status != Status::damaged;
}

}  // namespace

// Whatever is a token as it stands is one in a file too, and only base64 is one at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const Sample sample{.bytes = text, .file_name = "some-token", .hmac_key = {}};
  const bool as_value = is_accepted(decode_token(sample, Handover::value));
  const bool as_file = is_accepted(decode_token(sample, Handover::file));
  if (as_value && (!as_file || measure_base64(text).bad_byte)) std::abort();
  (void)decode_damaged_base64(text);
  (void)recognise(sample);
  return 0;
}
