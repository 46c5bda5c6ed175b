// Decodes one thing that a person names, in the sandboxed worker.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/credential.h"

#include <string>
#include <string_view>

namespace cfwarden {

enum class InspectAs { recognised, token, token_file, tunnel_credentials, account_certificate };

// An Error means that the file could not be read; its code is errno.
Result<Decoded> inspect(const std::string& file, InspectAs as, std::string_view hmac_key);

}  // namespace cfwarden
