// PEM blocks, exactly as a loop over Go's pem.Decode sees them, and as whoever repairs them would.
//
// Promises  Strict: a block counts only if its BEGIN starts a line, its END line matches and
//           nothing follows it, and its body is padded base64; headers are skipped; a block that
//           does not decode is passed over. Linear in the text.
#pragma once

#include "cfwarden/base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct PemBlock {
  std::string type;
  Secret bytes;  // Empty for an empty body.
};

std::vector<PemBlock> pem_blocks(std::string_view text);

// Also indented blocks, blocks on one line, text around BEGIN and END, a missing END, bodies
// without padding or with quotes and commas. Only blocks with a body.
std::vector<PemBlock> damaged_pem_blocks(std::string_view text);

}  // namespace cfwarden
