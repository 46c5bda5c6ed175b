// A shape and a secret chosen by the first bytes, any text around them: nothing of the secret is
// left where one belongs, the lines stay the same lines, and what was taken out once stays out.
#include "cfwarden/carriers/service_text.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/secret_runs.h"
#include "cfwarden/carriers/secret_values.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view removed = "CFWARDEN-REMOVED-SECRET";
constexpr std::string_view canary = "Xq7rB2mWk9TzLp4V";  // Invented, and in no seed.

void demand(bool holds) {
  if (!holds) std::abort();
}

// The secret stands in lines of its own between what the input has.
constexpr std::array<std::string_view, 20> places{
    "\nExecStart=cloudflared tunnel run --token ?\n",
    "\nEnvironment=\"TUNNEL_TOKEN=?\"\n",
    "\nTUNNEL_TOKEN=?\n",
    "\nexport TUNNEL_TOKEN='?'\n",
    "\n    environment:\n      TUNNEL_TOKEN: ?\n",
    "\n      - TUNNEL_TOKEN=?\n",
    "\n      - --token\n      - ?\n",
    "\n[\"--token\",\"?\"]\n",
    "\n{\"TunnelSecret\":\"?\"}\n",
    "\ntoken: |\n  ?\n",
    "\n        - name: TUNNEL_TOKEN\n          value: ?\n",
    "\n<string>--token</string>\n<string>?</string>\n",
    "\noption token '?'\n",
    "\ncommand=cloudflared tunnel run --token=?\n",
    "\nENV TUNNEL_TOKEN ?\n",
    "\ntunnel_secret = \"?\"\n",
    "\nExecStart=/bin/sh -c 'TUNNEL_TOKEN=\"$(echo ?)\" cloudflared tunnel run'\n",
    "\nexport TUNNEL_TOKEN=$(printf %s '?' | rev) x\n",
    "\nTUNNEL_TOKEN=`cat /etc/t`?\n",
    "\nTUNNEL_TOKEN=\"$(cat /etc/t) ?\"\n",
};

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

bool survives(std::string_view secret, std::string_view text) {
  for (std::size_t at = 0; at + 12 <= secret.size(); ++at) {
    if (text.find(secret.substr(at, 12)) != text.npos) return true;
  }
  return false;
}

enum class Overlap { allowed, refused };

template <class Spans>
void demand_order(const Spans& spans, std::string_view text, Overlap overlap) {
  std::size_t least = 0;
  for (const auto& span : spans) {
    demand(span.begin >= least && span.begin < span.end && span.end <= text.size());
    least = overlap == Overlap::allowed ? span.begin : span.end;
  }
}

std::string checked(std::string_view text) {
  demand_order(cfwarden::secret_values(text), text, Overlap::allowed);
  demand_order(cfwarden::secret_runs(text), text, Overlap::refused);
  demand_order(cfwarden::pem_bodies(text), text, Overlap::refused);
  (void)cfwarden::may_concern_cloudflared(text);
  std::string out = cfwarden::without_secrets(text, removed);
  demand(lines_of(out) == lines_of(text));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const std::string once = checked(text);
  (void)checked(once);

  std::string place{places[data[0] % places.size()]};
  const bool is_token = data[1] % 2 == 1;
  const std::string secret =
      is_token ? cfwarden::base64_of("{\"a\":\"0\",\"s\":\"" + std::string{canary} + "\"}")
               : std::string{canary};
  if (survives(secret, text)) return 0;  // The fuzzer has learnt it.
  place.replace(place.find('?'), 1, secret);
  // An open quote, bracket or block of what comes before may swallow a place, but never show it.
  demand(!survives(secret, checked(place + std::string{text})));
  demand(!survives(secret, checked(std::string{text} + place)));
  return 0;
}
