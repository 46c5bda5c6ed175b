// What static libraries bring that must not be in the program: code that runs at every start, to
// ask the processor for its features, whether or not there is an archive. These definitions come
// first, so that the linker leaves out the files that hold that code. Where the libraries are
// shared ones nothing of this is there.
#ifdef CFWARDEN_LIBRARY_STAND_INS

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {

// liblzma's own tells by a constructor how it will count. This one is as right and slower; it is
// not asked: checksums of xz are left out, and a zip's member that is packed by xz is not read.
std::uint64_t lzma_crc64(const std::uint8_t* bytes, std::size_t size, std::uint64_t sum) {
  constexpr std::uint64_t polynomial = 0xc96c5795d7870f42;
  sum = ~sum;
  for (std::size_t at = 0; at < size; ++at) {
    sum ^= bytes[at];
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  return ~sum;
}

// nettle's ciphers, for libarchive's members with a password: no password is ever given.
[[noreturn]] void nettle_pbkdf2_hmac_sha1() {
  std::abort();
}
[[noreturn]] void nettle_aes128_set_encrypt_key() {
  std::abort();
}
[[noreturn]] void nettle_aes128_encrypt() {
  std::abort();
}
[[noreturn]] void nettle_aes192_set_encrypt_key() {
  std::abort();
}
[[noreturn]] void nettle_aes192_encrypt() {
  std::abort();
}
[[noreturn]] void nettle_aes256_set_encrypt_key() {
  std::abort();
}
[[noreturn]] void nettle_aes256_encrypt() {
  std::abort();
}
[[noreturn]] void nettle_hmac_sha1_set_key() {
  std::abort();
}
[[noreturn]] void nettle_hmac_sha1_update() {
  std::abort();
}
[[noreturn]] void nettle_hmac_sha1_digest() {
  std::abort();
}

}  // extern "C"

#endif
