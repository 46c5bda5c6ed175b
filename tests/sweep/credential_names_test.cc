#include "cfwarden/sweep/credential_names.h"

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/kinds/kind.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("the names that cloudflared gives to credentials are told, and their backups") {
  for (const char* name :
       {"cert.pem", "cert.pem.org", "cert.pem~", ".cert.pem.swp", "#cert.pem#", "cert.pem.bak2",
        "cert.pem.2024-01-01", "0a448b5e-1111-4222-8333-444455556666.json",
        "0a448b5e-1111-4222-8333-444455556666.json.1", "token", "token.old",
        "app.example.com-token", "x-token.save", "ssh.example.com-cf_key", "cloudflared_priv.pem",
        "token.~3~"}) {
    CAPTURE(name);
    CHECK(is_credential_name(name));
  }
}

TEST_CASE("other names are not told, however near they are") {
  for (const char* name :
       {"", "cert", "mycert.pem", "cert.pem.d", "TOKEN", "tokens", "token.txt", "config.json",
        "0a448b5e-1111-4222-8333-44445555666.json", "0a448b5e_1111_4222_8333_444455556666.json",
        "cf_key", "_token", "0a448b5e-1111-4222-8333-444455556666.json.lock", "cert.pub"}) {
    CAPTURE(name);
    CHECK_FALSE(is_credential_name(name));
  }
}

TEST_CASE("what is looked at first never hides a name that would have been told") {
  const std::string letters = "abcdeftokenpemcrtfkyjsn0123-_.~#";
  const std::string names[] = {"cert.pem",
                               "token",
                               "a-token",
                               "h-cf_key",
                               "cloudflared_priv.pem",
                               "0a448b5e-1111-4222-8333-444455556666.json"};
  std::mt19937 random{7};
  for (int round = 0; round < 20'000; ++round) {
    std::string name = names[random() % std::size(names)];
    for (unsigned i = random() % 4; i > 0; --i) {
      const std::size_t at = random() % (name.size() + 1);
      const std::string letter(1, letters[random() % letters.size()]);
      if (random() % 3 == 0 && at < name.size()) {
        name.replace(at, 1, letter);
      } else {
        name.insert(at, letter);
      }
    }
    CAPTURE(name);
    REQUIRE(is_credential_name(name) == !kind_of_name(backup_name(name).original).empty());
  }
}

}  // namespace
}  // namespace cfwarden
