#include "cfwarden/base/pem.h"
#include "cfwarden/kinds/decoders.h"

#include <vector>

namespace cfwarden {
namespace {

constexpr std::string_view key_type = "BOX PRIVATE KEY";

}  // namespace

// Until 2026.7.3 `cloudflared login` and `access` took this key from the current directory, of
// whatever type its block was: whoever left it there can read what the transfer brings.
Decoded recognise_planted_key_pair(const Sample& sample) {
  if (refuse_size(planted_key_pair_kind, sample)) return NotThisKind{};
  const bool is_named = kind_of_name(sample.file_name) == planted_key_pair_kind;
  for (const PemBlock& block : pem_blocks(sample.bytes)) {
    if (block.bytes.empty() || (block.type != key_type && !is_named)) continue;
    Credential credential;
    credential.kind = planted_key_pair_kind;
    credential.status = Status::usable;
    describe_secret(credential, block.bytes.reveal(), sample.hmac_key);
    return credential;
  }
  return NotThisKind{};
}

}  // namespace cfwarden
