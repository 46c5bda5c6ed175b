#include "cfwarden/kinds/kind.h"

#include "invented.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace cfwarden {
namespace {

TEST_CASE("every kind has a name of its own, a title, a summary and a decoder") {
  std::set<std::string_view> names;
  for (const Kind& kind : all_kinds()) {
    CAPTURE(kind.name);
    CHECK(names.insert(kind.name).second);
    CHECK_FALSE(kind.title.empty());
    CHECK_FALSE(kind.summary.empty());
    CHECK(static_cast<bool>(kind.decode));
    CHECK(find_kind(kind.name) == &kind);
  }
  CHECK(names.size() == 9);
  CHECK(find_kind("no-such-kind") == nullptr);
}

TEST_CASE("no kind takes nothing, nor a file of another program") {
  for (const std::string_view bytes :
       {"", " ", "hello", "{}", "[]", "<xml/>", "a: b\n", "#!/bin/sh\necho eyJ\n"}) {
    CAPTURE(bytes);
    for (const Kind& kind : all_kinds()) {
      CAPTURE(kind.name);
      for (const std::string_view name : {"", "cert.pem", "token", "x-token", "x-cf_key"}) {
        CHECK(std::holds_alternative<NotThisKind>(kind.decode({bytes, name, {}})));
      }
    }
  }
}

TEST_CASE("a name tells what cloudflared would put there") {
  const std::string_view cases[][2] = {
      {"cert.pem", "account-certificate"},
      {"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.json", "tunnel-credentials"},
      {"6F1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D.json", "tunnel-credentials"},
      {"token", "tunnel-token"},
      {"app.example.com-abcdef-token", "access-token"},
      {"acme.cloudflareaccess.com-org-token", "access-token"},
      {"ssh.example.com-cf_key", "ssh-key"},
      {"cloudflared_priv.pem", "planted-key-pair"},
      {"", ""},
      {"other.pem", ""},
      {"package.json", ""},
      {"6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d.json", ""},
      {"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.jsonx", ""},
      {"cloudflared_pub.pem", ""},
      {"app-token.lock", ""},
      {"ssh.example.com-cf_key.pub", ""},
      {"config.yml", ""},
  };
  for (const auto& row : cases) {
    const std::string_view name = row[0];
    const std::string_view kind = row[1];
    CAPTURE(name);
    CHECK(kind_of_name(name) == kind);
  }
}

TEST_CASE("over the cap a file is rejected by its name, and the reason names the cap") {
  const std::string over(max_credential_bytes + 1, ' ');
  const Decoded named = recognise({over, "cert.pem", {}});
  CHECK(std::get<Malformed>(named).kind == "account-certificate");
  CHECK(std::get<Malformed>(named).why.find("65,536 bytes") != std::string::npos);
  CHECK(std::get<Malformed>(recognise({over, "video.bin", {}})).kind.empty());
  CHECK(std::holds_alternative<NotThisKind>(recognise({over.substr(1), "cert.pem", {}})));
}

TEST_CASE("the pages describe the kinds that run or manage tunnels, completely") {
  std::set<std::string_view> kinds;
  for (const KindPage& page : kind_pages()) {
    CAPTURE(page.kind);
    kinds.insert(page.kind);
    CHECK(find_kind(page.kind) != nullptr);
    for (const std::string_view text :
         {page.purpose, page.scope, page.file_name, page.file_type, page.stored_in, page.issued_by,
          page.valid_for, page.needed_to, page.can_also}) {
      CHECK_FALSE(text.empty());
    }
  }
  CHECK(kinds == std::set<std::string_view>{"account-certificate", "tunnel-credentials",
                                            "tunnel-token", "tunnel-secret"});
}

// Decoders that are not linear in their input hang here.
TEST_CASE("every decoder answers to what is made to take long, up to the cap") {
  for (const std::string_view part :
       {"[", "{\"a\":", "eyJ", "ey\n", "LS0t", "ZX", "\\u0041", "%41", "-BEGIN ", "TunnelSecret{",
        "-----BEGIN ARGO TUNNEL TOKEN-----\nAAAA\n-----END ARGO TUNNEL TOKEN-----\n",
        "{\"TunnelSecret\":\"AQID\",", "123 ", "\xe2\x80\x83", "a.", "0123456789abcdef.access "}) {
    CAPTURE(part);
    std::string bytes;
    while (bytes.size() + part.size() <= max_credential_bytes) bytes += part;
    (void)recognise({bytes, "a-cf_key", {}});
    const std::string text = base64_of(bytes).substr(0, max_credential_bytes);
    for (const Decoded& decoded :
         {decode_token({text, {}, {}}, Handover::file), decode_tunnel_credentials({bytes, {}, {}}),
          decode_account_certificate({bytes, {}, {}})}) {
      CHECK_FALSE(std::holds_alternative<NotThisKind>(decoded));
    }
  }
}

}  // namespace
}  // namespace cfwarden
