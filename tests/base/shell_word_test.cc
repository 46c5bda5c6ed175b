#include "cfwarden/base/shell_word.h"

#include <doctest/doctest.h>
#include <utility>

using namespace cfwarden;

TEST_CASE("any text that a screen shows as it is becomes one word of a shell") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/etc/cloudflared/cert.pem", "/etc/cloudflared/cert.pem"},
      {"alice", "alice"},
      {"", "''"},
      {"/mnt/my disk", "'/mnt/my disk'"},
      {"it's", R"('it'\''s')"},
      {"$(reboot)`x`;#~", "'$(reboot)`x`;#~'"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.first);
    CHECK(shell_word(row.first) == std::string{row.second});
  }
}

TEST_CASE("what a screen shows differently, or a command takes for an option, is no word") {
  for (const char* text : {"-rf", "a\nb", "\x1b[2J", "a\\b", "\xFF", "\xE2\x80\xAEgnp"}) {
    CAPTURE(text);
    CHECK_FALSE(shell_word(text));
  }
}

TEST_CASE("a name that holds a credential is not copied into a command") {
  const std::string secret = "S3E3dlh3M1pwOVJ0QjJtWWM4TGRONWZIczFHalE2VHg=";
  CHECK(shell_word("/srv/" + secret) == std::nullopt);
  CHECK(shell_word("/srv/<secret:0123456789abcdef>") == std::nullopt);
}
