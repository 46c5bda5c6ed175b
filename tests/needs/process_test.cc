#include "cfwarden/needs/all_sources.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

// Words as the kernel has them: a NUL behind each.
std::string words(const std::vector<std::string_view>& all) {
  std::string text;
  for (const std::string_view word : all) text.append(word).push_back('\0');
  return text;
}

ServiceText text(const std::string& path, const std::vector<std::string_view>& all) {
  return {.path = path, .text = words(all)};
}

std::vector<Start> starts_from(const std::vector<ServiceText>& texts) {
  Starts starts;
  read_processes({.texts = texts}, starts);
  return starts.all;
}

TEST_CASE("a running cloudflared is a start that is named by its number") {
  const auto starts =
      starts_from({text("/proc/812/cmdline", {"/usr/bin/cloudflared", "tunnel", "run",
                                              "--token-file", "/etc/cloudflared/token"})});
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].source == StartSource::process);
  CHECK(starts[0].who == "process:812");
  CHECK(starts[0].file == "/proc/812/cmdline");
  CHECK(starts[0].files == std::vector<std::string>{"/proc/812/cmdline"});
  CHECK(starts[0].invocation.mode == Invocation::Mode::run);
  CHECK(starts[0].invocation.token_file == "/etc/cloudflared/token");
  CHECK_FALSE(starts[0].invocation.has_token());
}

TEST_CASE("the environment of a process counts, its home and its variables") {
  const auto starts =
      starts_from({text("/proc/812/cmdline", {"cloudflared", "tunnel", "run"}),
                   text("/proc/812/environ", {"PATH=/bin", "HOME=/srv/tunnel", "no variable",
                                              "TUNNEL_TOKEN_FILE=/srv/tunnel/token"}),
                   text("/proc/813/environ", {"HOME=/home/other"})});
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].home == "/srv/tunnel");
  CHECK(starts[0].invocation.token_file == "/srv/tunnel/token");
  CHECK(starts[0].files == std::vector<std::string>{"/proc/812/cmdline", "/proc/812/environ"});
}

TEST_CASE("of a variable that is there twice the first counts, as for Go") {
  const auto starts =
      starts_from({text("/proc/9/cmdline", {"cloudflared", "tunnel", "run"}),
                   text("/proc/9/environ", {"HOME=/first", "TUNNEL_TOKEN_FILE=/first/token",
                                            "HOME=/second", "TUNNEL_TOKEN_FILE=/second/token"})});
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].home == "/first");
  CHECK(starts[0].invocation.token_file == "/first/token");
}

TEST_CASE("of a token in the arguments or the environment its presence is known") {
  const std::string removed{secret_placeholder};
  const auto shown =
      starts_from({text("/proc/9/cmdline", {"cloudflared", "tunnel", "run", "--token", removed})});
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].invocation.token_in_arguments);
  const auto hidden = starts_from({text("/proc/9/cmdline", {"cloudflared", "tunnel", "run"}),
                                   text("/proc/9/environ", {"TUNNEL_TOKEN=" + removed})});
  REQUIRE(hidden.size() == 1);
  CHECK_FALSE(hidden[0].invocation.token_in_arguments);
  CHECK(hidden[0].invocation.token_in_environment);
}

TEST_CASE("an empty argument is an argument") {
  const auto starts = starts_from(
      {text("/proc/9/cmdline", {"cloudflared", "--config", "", "tunnel", "run", "blog"})});
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].invocation.config.empty());
  CHECK(starts[0].invocation.tunnel == "blog");
}

TEST_CASE("whoever waits for cloudflared is no start of its own") {
  for (const std::string_view runner : {"sudo", "/usr/bin/timeout", "tini"}) {
    CAPTURE(runner);
    CHECK(starts_from({text("/proc/9/cmdline", {runner, "cloudflared", "tunnel", "run",
                                                "--token-file", "/etc/cloudflared/token"})})
              .empty());
  }
  CHECK(starts_from({text("/proc/9/cmdline", {"-bash", "-c", "cloudflared tunnel run blog"})})
            .empty());
}

TEST_CASE("whoever waits for cloudflared shows the token that it was given") {
  const std::string script = "cloudflared tunnel run --token " + std::string{secret_placeholder};
  const auto starts = starts_from({text("/proc/9/cmdline", {"sh", "-c", script})});
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].invocation.token_in_arguments);
}

TEST_CASE("what does not run cloudflared, or is no process, adds nothing") {
  for (const std::string path : {"/proc/self/cmdline", "/proc/1/2/cmdline", "/proc//cmdline",
                                 "/proc/cmdline", "/proc/12345678901/cmdline",
                                 "/srv/proc/9/cmdline", "/proc/9/environ", "/proc/9/cmdline/"}) {
    CAPTURE(path);
    CHECK(starts_from({text(path, {"cloudflared", "tunnel", "run", "blog"})}).empty());
  }
  CHECK(starts_from({text("/proc/9/cmdline", {})}).empty());
  CHECK(starts_from({text("/proc/9/cmdline", {""})}).empty());
  CHECK(
      starts_from({text("/proc/9/cmdline", {"vim", "/etc/systemd/cloudflared.service"})}).empty());
  CHECK(starts_from({{.path = "/proc/9/cmdline", .text = "cloudflared", .link_target = "/x"}})
            .empty());
}

}  // namespace
}  // namespace cfwarden
