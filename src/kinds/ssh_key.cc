#include "cfwarden/base/pem.h"
#include "cfwarden/kinds/decoders.h"
#include "cfwarden/kinds/repair.h"

#include <vector>

namespace cfwarden {
namespace {

const PemBlock* private_key_in(const std::vector<PemBlock>& blocks) {
  for (const PemBlock& block : blocks) {
    if (block.type.ends_with("PRIVATE KEY") && !block.bytes.empty()) return &block;
  }
  return nullptr;
}

// With its short-lived certificate the key logs in as the user it was made for.
Credential ssh_credential(const PemBlock& key, std::string_view hmac_key) {
  Credential credential;
  credential.kind = ssh_key_kind;
  credential.status = Status::usable;
  credential.authority = Authority::act_as_user;
  describe_secret(credential, key.bytes.reveal(), hmac_key);
  return credential;
}

}  // namespace

Decoded recognise_ssh_key(const Sample& sample) {
  if (kind_of_name(sample.file_name) != ssh_key_kind) return NotThisKind{};
  if (refuse_size(ssh_key_kind, sample)) return NotThisKind{};
  const std::vector<PemBlock> blocks = pem_blocks(sample.bytes);
  if (const PemBlock* key = private_key_in(blocks)) return ssh_credential(*key, sample.hmac_key);
  const PlainText plain{sample.bytes};
  const std::vector<PemBlock> damaged = damaged_pem_blocks(plain.reveal());
  const PemBlock* key = private_key_in(damaged);
  if (key == nullptr) return NotThisKind{};
  Credential credential = ssh_credential(*key, sample.hmac_key);
  credential.status = Status::damaged;
  credential.reason = "its PEM cannot be read as it stands";
  return credential;
}

}  // namespace cfwarden
