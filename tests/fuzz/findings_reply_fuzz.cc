// A decoder that was taken over may say anything: its supervisor must neither crash nor accept what
// encode_findings() would not have said itself.
#include "cfwarden/sweep/decoder_process.h"
#include "cfwarden/sweep/findings_reply.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

namespace {

std::string again(const cfwarden::DecoderWord& word) {
  return std::visit([](const auto& said) { return cfwarden::frame_of(said); }, word);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view reply{reinterpret_cast<const char*>(bytes), size};
  const auto findings = cfwarden::decode_findings(reply);
  if (findings && cfwarden::encode_findings(*findings) != reply) std::abort();
  std::string_view rest = reply;
  const auto word = cfwarden::take_word(rest);
  if (!word || !*word) return 0;
  if (again(**word) != reply.substr(0, reply.size() - rest.size())) std::abort();
  return 0;
}
