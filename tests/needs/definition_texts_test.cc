#include "cfwarden/needs/definition_texts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cfwarden;

TEST_CASE("a definition of an ordinary user is not shown what another owns") {
  const std::vector<ServiceText> texts{
      {.path = "/home/alice/.env", .text = "A=1", .owner = 1000},
      {.path = "/home/alice/compose.yml", .text = "services:", .owner = 1000},
      {.path = "/home/alice/link", .text = "", .link_target = "/root/.env", .owner = 1000},
      {.path = "/root/.env", .text = "B=2", .owner = 0},
      {.path = "/srv/compose.yml", .text = "services:", .owner = 0},
  };
  const ServiceHost host{.texts = texts};
  Starts starts;
  const ServiceText& of_alice = texts[1];
  CHECK(named_text(host, of_alice, "/home/alice/.env", starts) == texts.data());
  CHECK(named_text(host, of_alice, "/root/.env", starts) == nullptr);
  CHECK(named_text(host, texts[4], "/root/.env", starts) == &texts[3]);
  CHECK(named_text(host, texts[4], "/home/alice/.env", starts) == texts.data());
  CHECK(starts.wanted.empty());
  CHECK(named_text(host, of_alice, "/home/alice/other.env", starts) == nullptr);
  CHECK(named_text(host, of_alice, "/home/alice/link", starts) == nullptr);
  CHECK(starts.wanted == std::vector<std::string>{"/home/alice/other.env"});
}

TEST_CASE("only what can be a path is wanted, and not without end") {
  Starts starts;
  for (const std::string& path : {std::string{""}, std::string{"relative"},
                                  std::string{"/nul\0byte", 9}, std::string(5000, '/')}) {
    want(path, starts);
  }
  CHECK(starts.wanted.empty());
  for (std::size_t i = 0; i < max_service_texts + 9; ++i) want("/" + std::to_string(i), starts);
  CHECK(starts.wanted.size() == max_service_texts);
}

TEST_CASE("a path belongs to the account whose home is nearest") {
  Accounts accounts;
  accounts.users = {{.name = "daemon", .uid = 1, .home = "/"},
                    {.name = "alice", .uid = 1000, .home = "/home/alice"},
                    {.name = "app", .uid = 1001, .home = "/home/alice/app"},
                    {.name = "odd", .uid = 1002, .home = ""}};
  const ServiceHost host{.accounts = &accounts};
  REQUIRE(account_at(host, "/home/alice/x") != nullptr);
  CHECK(account_at(host, "/home/alice/x")->name == "alice");
  CHECK(account_at(host, "/home/alice/app/x")->name == "app");
  CHECK(account_at(host, "/home/alicex") == nullptr);
  CHECK(account_at(ServiceHost{}, "/home/alice") == nullptr);
}
