#include "cfwarden/base/der.h"
#include "cfwarden/base/der_time.h"
#include "cfwarden/kinds/pkcs8.h"
#include "cfwarden/kinds/x509.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace cfwarden;

namespace {

// An element is its tag, its length in the fewest bytes, and its content.
std::string written(const DerElement& element) {
  std::string length;
  for (std::size_t rest = element.content.size(); rest > 0; rest >>= 8) {
    length.insert(length.begin(), static_cast<char>(rest & 0xff));
  }
  if (element.content.empty()) length = std::string(1, '\0');
  if (element.content.size() >= 0x80) {
    length.insert(length.begin(), static_cast<char>(0x80 | length.size()));
  }
  return static_cast<char>(element.tag) + length + std::string{element.content};
}

}  // namespace

// What is read of DER is what it would be written as, to any depth, and a certificate with its last
// byte missing is none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view der{reinterpret_cast<const char*>(bytes), size};
  std::vector<std::string_view> levels{der};
  while (!levels.empty()) {
    DerReader reader{levels.back()};
    levels.pop_back();
    while (!reader.at_end()) {
      const std::string_view before = reader.rest();
      const DerElement element = reader.take_any();
      if (!reader.sound()) break;
      const std::size_t taken = before.size() - reader.rest().size();
      if (before.substr(0, taken) != written(element)) std::abort();
      if (der_integer(element.content) && !is_der_integer(element.content)) std::abort();
      (void)is_der_object_id(element.content);
      (void)is_der_bit_string(element.content);
      (void)der_time(element);
      levels.push_back(element.content);
    }
  }
  const bool certificate = is_certificate(der);
  if (certificate && is_certificate(der.substr(0, size - 1))) std::abort();
  (void)is_private_key(der);
  return 0;
}
