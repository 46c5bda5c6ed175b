#include "cfwarden/app/environment.h"

#include "cfwarden/carriers/carrier.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("every variable stands on a line of its own, whatever is in it") {
  const std::vector<Variable> variables{{"TUNNEL_A", "one\ntwo"}, {"TUNNEL_B", "\"$x`\\ #'"}};
  CHECK(environment_text(variables) == "TUNNEL_A=\"one\\ntwo\"\nTUNNEL_B=\"\\\"\\$x\\`\\\\ #'\"\n");
}

TEST_CASE("what the carrier reads back is what the variables held") {
  for (const std::string value :
       {R"({"AccountTag":"a","TunnelSecret":"c2VjcmV0LXNlY3JldA=="})",
        R"({"AccountTag":"back\\slash \"quotes\" $HOME `id`","TunnelSecret":"c2VjcmV0"})",
        "{\"AccountTag\":\"on two\",\n\"TunnelSecret\":\"c2VjcmV0LXNlY3JldA==\"}"}) {
    CAPTURE(value);
    const Unwrapped unwrapped = unwrap(".env", environment_text({{"TUNNEL_CRED_CONTENTS", value}}));
    REQUIRE(unwrapped.excerpts.size() == 1);
    CHECK(unwrapped.excerpts[0].bytes.reveal() == value);
    CHECK(unwrapped.excerpts[0].line == 1);
  }
}
