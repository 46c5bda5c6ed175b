#include "cfwarden/output/token_move.h"

#include "golden.h"
#include "repair_samples.h"
#include "samples.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace cfwarden;

namespace {

TokenMoveRun planned() {
  ReportedCredential token = samples::group_token();
  token.path = "/etc/systemd/system/cloudflared.service";
  token.line = 9;
  token.carrier = "systemd-unit";
  token.permissions = {.mode = 0644, .uid = 0, .gid = 0, .acl = {}};
  token.exposure.readers = {.audience = Audience::everyone,
                            .accounts = samples::fourteen_accounts(),
                            .because = {"mode 0644, and every directory above can be searched"}};
  Need need;
  need.who = "cloudflared.service";
  need.user = "root";
  need.uid = 0;
  need.can_read = true;
  token.needs = {need};
  return {.tool_version = "0.1.0",
          .hostname = "edge",
          .started = samples::started,
          .user = "root",
          .state = TokenMoveState::pending,
          .unit = "cloudflared.service",
          .unit_path = token.path,
          .token_path = "/etc/cloudflared/token",
          .program = "/usr/bin/cloudflared",
          .token = token,
          .commands = {"systemctl daemon-reload", "systemctl restart cloudflared.service"},
          .exit_code = 1};
}

TokenMoveRun moved() {
  TokenMoveRun run = planned();
  run.state = TokenMoveState::moved;
  run.is_applied = true;
  run.makes_directory = true;
  run.continues = true;
  run.removed = {"/etc/cloudflared/.cfwarden-0123456789abcdef"};
  run.run = "20261122T022050Z-4711";
  run.exit_code = 0;
  return run;
}

TokenMoveRun already() {
  TokenMoveRun run = planned();
  run.state = TokenMoveState::already_moved;
  run.token.reset();
  run.program.clear();
  run.commands.clear();
  run.exit_code = 0;
  return run;
}

TokenMoveRun refused() {
  TokenMoveRun run = already();
  run.state = TokenMoveState::refused;
  run.why = run.unit_path + ": line 8 is not as cloudflared service install writes it";
  run.remedy = TokenMoveRemedy::by_hand;
  run.exit_code = 4;
  return run;
}

TokenMoveRun failed() {
  TokenMoveRun run = moved();
  run.state = TokenMoveState::failed;
  run.why = "the token was moved, but the journal cannot say so: write: no space left on device";
  run.exit_code = 4;
  return run;
}

std::string text_of(const TokenMoveRun& run, const Terminal& terminal = {}) {
  std::ostringstream out;
  write_token_move(run, terminal, out);
  return out.str();
}

std::string json_of(const TokenMoveRun& run) {
  std::ostringstream out;
  write_token_move_json(run, out);
  return out.str();
}

TokenMoveRun on_another_root(TokenMoveRun run) {
  run.root = "/mnt/disk";
  run.user.clear();
  return run;
}

}  // namespace

TEST_CASE("the screens of a token's move") {
  const Terminal by_root{.program = "sudo cfwarden"};
  check_golden("move-token-plan.txt", text_of(planned(), by_root));
  check_golden("move-token-plan-60-ascii.txt",
               text_of(planned(), {.charset = Charset::ascii, .columns = 60}));
  check_golden("move-token-plan-quiet.txt", text_of(planned(), {.quiet = true}));
  check_golden("move-token-plan-color.txt", text_of(planned(), {.color = Color::on}));
  check_golden("move-token-plan-root.txt", text_of(on_another_root(planned())));
  check_golden("move-token-moved.txt", text_of(moved(), by_root));
  check_golden("move-token-already.txt", text_of(already()));
  check_golden("move-token-refused.txt", text_of(refused()));
  check_golden("move-token-failed.txt", text_of(failed()));
}

TEST_CASE("the objects of a token's move") {
  check_golden("move-token-plan.json", json_of(planned()));
  check_golden("move-token-moved.json", json_of(moved()));
  check_golden("move-token-already.json", json_of(already()));
  check_golden("move-token-refused.json", json_of(refused()));
  check_golden("move-token-failed.json", json_of(failed()));
}

TEST_CASE("the plan and what became of it name both commands and say to rotate") {
  for (const TokenMoveRun& run : {planned(), moved(), failed()}) {
    const std::string text = text_of(run);
    CHECK(text.find("systemctl daemon-reload\n") != std::string::npos);
    CHECK(text.find("systemctl restart cloudflared.service\n") != std::string::npos);
    CHECK(text.find("Rotate the token") != std::string::npos);
    CHECK(nlohmann::json::parse(json_of(run))["rotate"] == true);
  }
  for (const TokenMoveRun& run : {already(), refused()}) {
    CHECK(text_of(run).find("systemctl") == std::string::npos);
    CHECK(nlohmann::json::parse(json_of(run))["rotate"] == false);
  }
}

TEST_CASE("the version is asked for first, and before any restart") {
  const std::string check = "         /usr/bin/cloudflared --version\n";
  const std::string plan = text_of(planned());
  CHECK(plan.starts_with("First, for you\n"));
  CHECK(plan.find(check) < plan.find("cloudflared.service:9"));
  for (const TokenMoveRun& run : {moved(), failed()}) {
    const std::string text = text_of(run);
    const auto older = text.find("Older than 2025.4.0: before any restart");
    CHECK(text.find(check) < older);
    CHECK(text.find("cfwarden undo 20261122T022050Z-4711", older) < text.find("systemctl restart"));
  }
}

TEST_CASE("a refusal ends with what can be done by hand") {
  TokenMoveRun run = refused();
  CHECK(text_of(run).find("By hand: cfwarden explain token-in-unit\n") != std::string::npos);
  run.remedy = TokenMoveRemedy::none;
  CHECK(text_of(run).find("By hand") == std::string::npos);
}

TEST_CASE("of a token file that is there already it is said how to compare and to remove it") {
  TokenMoveRun run = refused();
  run.why = run.token_path + " is there already";
  run.remedy = TokenMoveRemedy::compare_token_file;
  CHECK(text_of(run).find("sudo grep -cFf /etc/cloudflared/token "
                          "/etc/systemd/system/cloudflared.service\n") != std::string::npos);
  CHECK(text_of(run).find("cfwarden audit /etc/cloudflared/token\n") != std::string::npos);
  CHECK(text_of(run).find("sudo rm -i /etc/cloudflared/token\n") != std::string::npos);
  CHECK(text_of(run).find("By hand: ") != std::string::npos);
  const std::string text = text_of(on_another_root(run));
  CHECK(text.find("Next, for you\n") != std::string::npos);
  CHECK(text.find("rm -i /mnt/disk/etc/cloudflared/token\n") != std::string::npos);
  CHECK(text.find("audit --root /mnt/disk /etc/cloudflared/token\n") != std::string::npos);
}

TEST_CASE("every object of a token's move has the same keys") {
  const auto keys_of = [](const TokenMoveRun& run) {
    std::vector<std::string> keys;
    const auto object = nlohmann::json::parse(json_of(run));
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
  };
  for (const TokenMoveRun& run : {moved(), already(), refused(), failed(), TokenMoveRun{}}) {
    CHECK(keys_of(run) == keys_of(planned()));
  }
}

TEST_CASE("no name of a token's move forges a line or leaves the screen") {
  for (const std::string& name : samples::hostile_names()) {
    CAPTURE(name);
    for (TokenMoveRun run : {planned(), moved(), refused(), failed()}) {
      const std::size_t lines =
          static_cast<std::size_t>(std::ranges::count(text_of(run, {.columns = 100}), '\n'));
      run.hostname = name;
      run.user = name;
      run.why = run.why.empty() ? "" : name;
      run.removed = {"/etc/cloudflared/" + name};
      if (run.token) run.token->needs[0].who = name;
      const std::string text = text_of(run);
      for (const char byte : text) {
        const bool is_control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
        CHECK((byte == '\n' || !is_control));
      }
      CHECK(static_cast<std::size_t>(std::ranges::count(text, '\n')) <= lines + 60);
      const std::string json = json_of(run);
      CHECK(std::ranges::all_of(
          json, [](unsigned char byte) { return byte == '\n' || (byte >= 0x20 && byte < 0x7f); }));
      CHECK(nlohmann::json::accept(json));
    }
  }
}
