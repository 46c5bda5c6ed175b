#include "cfwarden/carriers/carrier.h"
#include "unwrapped_text.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

using namespace cfwarden;

TEST_CASE("every carrier has a name of its own and a summary") {
  std::set<std::string_view> names;
  for (const Carrier& carrier : all_carriers()) {
    CAPTURE(carrier.name);
    CHECK(names.insert(carrier.name).second);
    CHECK(carrier.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == carrier.name.npos);
    CHECK(carrier.summary.ends_with('.'));
  }
}

TEST_CASE("the last carrier takes everything") {
  CHECK(all_carriers().back().name == "whole-file");
  for (const std::string_view name : {"", "cert.pem", "config.yml", ".env"}) {
    CAPTURE(name);
    CHECK(all_carriers().back().takes(name, ""));
  }
}

TEST_CASE("every carrier names itself in its excerpts") {
  const std::string_view bytes = "token: eyMADEUP\nTUNNEL_TOKEN=eyMADEUP\n";
  for (const Carrier& carrier : all_carriers()) {
    CAPTURE(carrier.name);
    for (const Excerpt& excerpt : carrier.unwrap("x", bytes).excerpts) {
      CHECK(excerpt.carrier == carrier.name);
    }
  }
}

TEST_CASE("a carrier can be asked about a file that it does not take") {
  for (const Carrier& carrier : all_carriers()) {
    CAPTURE(carrier.name);
    for (const std::string_view bytes : {"", "b0VIM 9.0", "made up", "[", "=", "\n"}) {
      CAPTURE(bytes);
      for (const Excerpt& excerpt : carrier.unwrap("x", bytes).excerpts) {
        CHECK(excerpt.bytes.size() <= bytes.size());
      }
    }
  }
}

TEST_CASE("a file that no other carrier takes is one excerpt without a line") {
  CHECK(excerpts_of(unwrap("cert.pem", "made up")) == Lines{"whole-file whole_file made up"});
}

TEST_CASE("a secret that another carrier found is not excerpted again") {
  CHECK(excerpts_of(unwrap("config.yml", "token: madeup\n")) ==
        Lines{"cloudflared-config:1 token_value madeup"});
}

TEST_CASE("a file in which its carrier found no secret is looked at whole") {
  const std::string_view json = "{\"AccountTag\": \"made up\"}";
  const std::string whole = "whole-file whole_file " + std::string{json};
  for (const std::string_view name : {"config.yml", "x.env", "other.json"}) {
    CAPTURE(name);
    CHECK(excerpts_of(unwrap(name, json)) == Lines{whole});
  }
}

TEST_CASE("names of configurations are told from those of credentials") {
  for (const std::string_view name : {"config.yml", "config.yaml", "web.yml", ".env", "prod.env"}) {
    CAPTURE(name);
    CHECK(may_be_configuration(name));
  }
  for (const std::string_view name : {"cert.pem", "token", "x.json", "env", ""}) {
    CAPTURE(name);
    CHECK_FALSE(may_be_configuration(name));
  }
}
