#include "cfwarden/host/invented.h"

#include "cfwarden/base/base64.h"

namespace cfwarden {
namespace {

constexpr std::string_view zone = "5b1e2d3c4b5a69788796a5b4c3d2e1f0";

std::string quoted(std::string_view text) {
  return '"' + std::string{text} + '"';
}

}  // namespace

std::string invented_secret(std::string_view name) {
  std::string secret = "INVENTED-BY-CFWARDEN-DEMO-" + std::string{name};
  secret.resize(32, '.');
  return secret;
}

std::string published_secret() {
  std::string secret;
  for (int i = 0; i < 32; ++i) secret += static_cast<char>(i % 8 + 1);
  return secret;
}

std::string invented_credentials(std::string_view tunnel, const std::string& secret) {
  return "{\"AccountTag\":" + quoted(invented_account) +
         ",\"TunnelSecret\":" + quoted(base64_of(secret)) + ",\"TunnelID\":" + quoted(tunnel) + "}";
}

std::string invented_token(std::string_view tunnel, const std::string& secret) {
  return base64_of("{\"a\":" + quoted(invented_account) + ",\"t\":" + quoted(tunnel) +
                   ",\"s\":" + quoted(base64_of(secret)) + "}");
}

std::string pem_block(std::string_view label, const std::string& body) {
  const std::string dashes(5, '-');
  std::string text = dashes + "BEGIN " + std::string{label} + dashes + "\n";
  const std::string encoded = base64_of(body);
  for (std::size_t i = 0; i < encoded.size(); i += 64) text += encoded.substr(i, 64) + "\n";
  return text + dashes + "END " + std::string{label} + dashes + "\n";
}

std::string invented_certificate(std::string_view of_account) {
  return pem_block("ARGO TUNNEL TOKEN", "{\"zoneID\":" + quoted(zone) +
                                            ",\"accountID\":" + quoted(of_account) +
                                            ",\"apiToken\":\"INVENTED-BY-CFWARDEN-DEMO-token-" +
                                            std::string{of_account.substr(0, 4)} + "\"}");
}

}  // namespace cfwarden
