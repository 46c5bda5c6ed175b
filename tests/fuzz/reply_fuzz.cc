// A worker that was taken over may say anything: decoding must neither crash nor accept what
// encode_reply() or encode_starts() would not have said itself.
#include "cfwarden/host/reply.h"
#include "cfwarden/host/starts_reply.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t expected = bytes[0] % 5;
  const std::string_view reply{reinterpret_cast<const char*>(bytes) + 1, size - 1};
  const auto starts = cfwarden::decode_starts(reply);
  if (starts && cfwarden::encode_starts(*starts) != reply) std::abort();
  const auto readings = cfwarden::decode_reply(reply, expected);
  if (!readings) return 0;
  if (readings->size() != expected) std::abort();
  if (cfwarden::encode_reply(*readings) != reply) std::abort();
  return 0;
}
