#include "cfwarden/carriers/carrier.h"

#include <doctest/doctest.h>

#include <string_view>

using cfwarden::backup_name;

TEST_CASE("a backup's name gives the name of the file it is a copy of") {
  struct Case {
    std::string_view name, original;
  };
  for (const Case& row : {
           Case{"cert.pem~", "cert.pem"},
           Case{"cert.pem.~3~", "cert.pem"},
           Case{"#cert.pem#", "cert.pem"},
           Case{"cert.pem.bak", "cert.pem"},
           Case{"cert.pem.BAK", "cert.pem"},
           Case{"cert.pem.bak1", "cert.pem"},
           Case{"cert.pem.bak.2", "cert.pem"},
           Case{"cert.pem.backup", "cert.pem"},
           Case{"cert.pem_old", "cert.pem"},
           Case{"cert.pem-save", "cert.pem"},
           Case{"cert.pem.org", "cert.pem"},
           Case{"cert.pem.orig", "cert.pem"},
           Case{"cert.pem.old", "cert.pem"},
           Case{"cert.pem.tmp", "cert.pem"},
           Case{"cert.pem.dpkg-old", "cert.pem"},
           Case{"config.yml.dpkg-dist", "config.yml"},
           Case{"config.yml.rpmsave", "config.yml"},
           Case{"config.yml.rpmnew", "config.yml"},
           Case{".cert.pem.swp", "cert.pem"},
           Case{".cert.pem.swo", "cert.pem"},
           Case{"cert.pem.swp", "cert.pem"},
           Case{".env.swp", ".env"},
           Case{".env.production.swp", ".env.production"},
           Case{".env.bak", ".env"},
           Case{"token.1", "token"},
           Case{"token.20240101", "token"},
           Case{"token-20240101", "token"},
           Case{"token.20240101-1530", "token"},
           Case{"token_20240101153000", "token"},
           Case{"token.2024-01-01", "token"},
           Case{"token.2024-01-01_15:30", "token"},
           Case{"token.bak-20240101", "token"},
           Case{"token.20240101.bak~", "token"},
           Case{"app.example-0a1b-token.old", "app.example-0a1b-token"},
           Case{"11111111-2222-4333-8444-555555555555.json.bak",
                "11111111-2222-4333-8444-555555555555.json"},
       }) {
    CAPTURE(row.name);
    CHECK(backup_name(row.name).original == row.original);
    CHECK(backup_name(row.name).is_backup);
  }
}

TEST_CASE("an ordinary name is not a backup's and stays as it is") {
  for (const std::string_view name : {"",
                                      ".",
                                      "~",
                                      "##",
                                      "#a",
                                      ".bak",
                                      "bak",
                                      ".swp",
                                      "config.yml",
                                      "config.yaml",
                                      "cert.pem",
                                      "token",
                                      ".env",
                                      "prod.env",
                                      "11111111-2222-4333-8444-555555555555.json",
                                      "app.example-0a1b2c3d-token",
                                      "tunnel.example.org",
                                      "team.example-org-token",
                                      "app.example-cf_key.pub",
                                      "app.example-0a1b-token.lock",
                                      "team.example-jwks",
                                      "v1.2.3-rc",
                                      "release-2024",
                                      "key.1234",
                                      "cloudflared_priv.pem",
                                      "mybak",
                                      "cert.pemx~y"}) {
    CAPTURE(name);
    CHECK(backup_name(name).original == name);
    CHECK_FALSE(backup_name(name).is_backup);
  }
}
