#include "cfwarden/output/explanation.h"

#include "golden.h"
#include "samples.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace cfwarden;

namespace {

template <class Explanation>
std::string screen(const Explanation& explanation, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_explanation(explanation, terminal, out);
  return out.str();
}

RuleExplanation rule() {
  return {
      .id = "account-certificate-readable-by-everyone",
      .severity = Severity::critical,
      .title = "Account certificate readable by every local user",
      .rationale =
          "Whoever reads an account certificate can create, delete and re-route every "
          "tunnel of the account, from any machine, and nothing on this host shows it.",
      .fires_when = {"kind is account-certificate", "readers is everyone"},
      .fires_here = {samples::findings()[0]},
      .looked_here = true,
      .steps = {"Close the file. This stops new readers only:\nsudo chmod 0600 "
                "/root/.cloudflared/cert.pem",
                "Revoke it, since copies stay valid: in the dashboard, My Profile > API Tokens, "
                "delete \"Cloudflare Tunnel API Token\" or \"Argo Tunnel API Token\"",
                "Log in again, only where it is needed:\ncloudflared tunnel login\ncloudflared "
                "tunnel list"},
      .exception = {"Turn it off: put a file into /etc/cfwarden/rules.d"},
      .references = {"CWE-732", "https://developers.cloudflare.com/tunnel/advanced/"},
      .file = "built in: rules/account-certificate-readable-by-everyone.json"};
}

KindExplanation kind() {
  return {.kind = "tunnel-token",
          .title = "Tunnel token",
          .rows = {{"Purpose", "runs one remotely-managed tunnel"},
                   {"Scope",
                    "one tunnel: whoever holds the token can run it from any machine, "
                    "and there is no way to tell their connectors from yours by it"},
                   {"Valid for", "until it is refreshed"}},
          .rules = {"readable-by-everyone", "token-in-unit"}};
}

}  // namespace

TEST_CASE("explanations read as they were agreed") {
  check_golden("explain-rule.txt", screen(rule()));
  check_golden("explain-rule-80.txt", screen(rule(), {.columns = 80}));
  check_golden("explain-kind-80.txt", screen(kind(), {.columns = 80}));
}

TEST_CASE("a command stands whole on its own line, however long") {
  RuleExplanation explained = rule();
  const std::string command =
      "curl -X PATCH https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/cfd_tunnel/TUNNEL_ID "
      "--data '{\"tunnel_secret\":\"NEW\"}' \\";
  explained.steps = {"Refresh the token:\n" + command + "\n  --header X"};
  const std::string text = screen(explained, {.columns = 80});
  CHECK(text.find("\n         " + command + "\n           --header X\n") != std::string::npos);
}

TEST_CASE("an address stands whole on one line, however long") {
  RuleExplanation explained = rule();
  const std::string address = "https://developers.example/" + std::string(120, 'x');
  explained.references = {"Cloudflare, Tunnel permissions: " + address};
  CHECK(screen(explained, {.columns = 80})
            .find("\n  - Cloudflare, Tunnel permissions:\n    " + address + "\n") !=
        std::string::npos);
}

TEST_CASE("prose is wrapped to the terminal") {
  std::istringstream lines{screen(rule(), {.columns = 80})};
  for (std::string line; std::getline(lines, line);) CHECK(columns_of(line) <= 80);
}

TEST_CASE("it says whether the rule fires here, and when that could not be seen") {
  RuleExplanation explained = rule();
  CHECK(screen(explained).find("It fires 1 time:\n    /root/.cloudflared/cert.pem\n") !=
        std::string::npos);
  explained.fires_here.clear();
  CHECK(screen(explained).find("It does not fire in the places that an audit looks at; a sweep "
                               "may have found it elsewhere.\n") != std::string::npos);
  explained.here_note = "1 could not be read";
  CHECK(screen(explained).find("an audit looks at (1 could not be read); a sweep") !=
        std::string::npos);
  explained.looked_here = false;
  CHECK(screen(explained).find("Not looked: 1 could not be read\n") != std::string::npos);
}

TEST_CASE("beneath a credential stands who needs it") {
  RuleExplanation explained = rule();
  explained.credentials = {samples::exposed_certificate()};
  CHECK(screen(explained).find("needed") == screen(rule()).find("needed"));
  explained.credentials[0].needs = {
      samples::need_of("cloudflared.service", "root", 0),
      samples::in_vain(samples::need_of("web", "www-data", 33), "cannot search /root")};
  CHECK(screen(explained).find("        needed by web (www-data): cannot search /root\n"
                               "        needed by cloudflared.service (root)\n") !=
        std::string::npos);
}

TEST_CASE("many findings are counted, and all shown with -v") {
  RuleExplanation explained = rule();
  explained.fires_here.assign(25, samples::findings()[0]);
  CHECK(screen(explained).find("and 5 more: -v names them all") != std::string::npos);
  CHECK(screen(explained, {.verbose = true}).find("more: -v") == std::string::npos);
}

TEST_CASE("a name in a finding or a step forges nothing") {
  for (const std::string& name : samples::hostile_names()) {
    RuleExplanation explained = rule();
    explained.fires_here[0].path = "/home/eve/" + name;
    explained.fires_here[0].message = "is " + name;
    explained.credentials = {samples::exposed_certificate()};
    explained.credentials[0].needs = {samples::in_vain(samples::need_of(name, name, 7), name)};
    explained.here_note = name;
    explained.rationale = name;
    explained.file = name;
    explained.steps = {"Close it:\nchmod 0600 \x1b[2J\u202E\x7f"};
    for (const char byte : screen(explained)) {
      const auto code = static_cast<unsigned char>(byte);
      CHECK((code == '\n' || (code >= 0x20 && code != 0x7f)));
    }
    CHECK(screen(explained).find("\u202E") == std::string::npos);
    CHECK(screen(explained).find("\nOK        Tunnel") == std::string::npos);
  }
}
