#include "cfwarden/app/move_token.h"

#include "../host/in_child.h"
#include "../mend/private_state.h"
#include "../mend/token_tree.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/mend/token_return.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <cerrno>
#include <utility>

using namespace cfwarden;

namespace {

struct World {
  PrivateState state;
  Tree tree;
  World() { lay_out_unit(tree); }
  bool is_missing() const { return state.is_missing(); }
};

enum class Act { plan, apply };

Result<TokenMoveRun> asked(const Tree& tree, const std::string& unit, Act act,
                           const AfterStep& after_step = {}) {
  TokenMoveRequest request{.unit = unit, .apply = act == Act::apply, .after_step = after_step};
  request.audit.root = tree.path();
  return move_token(request);
}

TokenMoveRun run(const Tree& tree, Act act, const AfterStep& after_step = {}) {
  const auto result = asked(tree, "cloudflared", act, after_step);
  REQUIRE(result);
  return *result;
}

AfterStep dying_at(const std::string& step) {
  return [step](std::string_view now) {
    if (now == step) _exit(9);
  };
}

void take_all_back(const Tree& tree) {
  const auto state = StateDirectory::locked();
  REQUIRE(state);
  const auto all = read_journals(*state);
  REQUIRE(all);
  for (auto one = all->rbegin(); one != all->rend(); ++one) {
    for (const Recorded& recorded : one->records) {
      if (recorded.fate == Fate::undone) continue;
      const auto opener = Opener::at(tree.path());
      auto journal = Journal::open(*state, *one);
      REQUIRE(opener);
      REQUIRE(journal);
      const Applied applied = take_token_back({.opener = *opener,
                                               .move = std::get<TokenMove>(recorded.what),
                                               .fate = recorded.fate,
                                               .journal = *journal});
      CHECK_MESSAGE(applied.outcome == Outcome::done, applied.why);
    }
  }
}

}  // namespace

TEST_CASE("the plan says what would be moved and changes nothing") {
  World world;
  if (world.is_missing()) return;
  const TokenMoveRun plan = run(world.tree, Act::plan);
  CHECK_MESSAGE(plan.state == TokenMoveState::pending, plan.why);
  CHECK(plan.exit_code == 1);
  CHECK(plan.unit == "cloudflared.service");
  CHECK(plan.unit_path == unit_path);
  CHECK(plan.token_path == moved_path);
  CHECK(plan.program == "/usr/bin/cloudflared");
  CHECK(plan.root == world.tree.path());
  REQUIRE(plan.token);
  CHECK(plan.token->line == 9);
  CHECK(plan.token->credential.status == Status::usable);
  CHECK(plan.token->exposure.readers.audience == Audience::everyone);
  CHECK(plan.commands == std::vector<std::string>{"systemctl daemon-reload",
                                                  "systemctl restart cloudflared.service"});
  CHECK_FALSE(plan.makes_directory);
  CHECK_FALSE(plan.is_applied);
  CHECK(plan.run.empty());
  CHECK(content_of(world.tree.at(unit_path)) == unit_before);
  CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
  CHECK_FALSE(is_there("/var/lib/cfwarden"));
}

TEST_CASE("applied, it moves the token, finds it in its file, and can be taken back") {
  World world;
  if (world.is_missing()) return;
  const TokenMoveRun moved = run(world.tree, Act::apply);
  CHECK_MESSAGE(moved.state == TokenMoveState::moved, moved.why);
  CHECK(moved.exit_code == 0);
  CHECK(moved.is_applied);
  CHECK_FALSE(moved.run.empty());
  CHECK(moved.commands.size() == 2);
  CHECK(content_of(world.tree.at(unit_path)) == unit_after);
  CHECK(content_of(world.tree.at(moved_path)) == unit_token);
  CHECK(mode_of(world.tree.at(moved_path)) == 0600);

  take_all_back(world.tree);
  CHECK(content_of(world.tree.at(unit_path)) == unit_before);
  CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
}

TEST_CASE("a unit is found by its name, its full name and its path") {
  World world;
  if (world.is_missing()) return;
  for (const std::string unit :
       {"cloudflared", "cloudflared.service", "/etc/systemd/system/cloudflared.service",
        "/etc//systemd/./system/cloudflared.service"}) {
    CAPTURE(unit);
    const auto plan = asked(world.tree, unit, Act::plan);
    REQUIRE(plan);
    CHECK(plan->state == TokenMoveState::pending);
    CHECK(plan->unit_path == unit_path);
  }
}

TEST_CASE("what is not there, or no service, is an error that does not repeat it") {
  World world;
  if (world.is_missing()) return;
  for (const std::string& unit :
       {std::string{"tunnel"}, std::string{"tunnel.service"}, std::string{"/etc/x.service"},
        std::string{"cloudflared.timer"}, std::string{""}, std::string{"a/b"}, std::string{"/"},
        std::string{"cloudflared@x"}, std::string{"../cloudflared"}, std::string{"-x"}, unit_token,
        std::string{"a\nb"}}) {
    CAPTURE(unit);
    const auto plan = asked(world.tree, unit, Act::plan);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().what.starts_with("UNIT"));
    CHECK(plan.error().what.find("eyJ") == std::string::npos);
  }
}

TEST_CASE("a unit of a package is refused, by its name and by its path") {
  World world;
  if (world.is_missing()) return;
  const std::string packaged = "/usr/lib/systemd/system/packaged.service";
  std::filesystem::create_directories(world.tree.at("/usr/lib/systemd/system"));
  std::ofstream{world.tree.at(packaged)} << unit_before;
  for (const std::string& unit : {std::string{"packaged"}, packaged}) {
    CAPTURE(unit);
    const auto refused = asked(world.tree, unit, Act::apply);
    REQUIRE(refused);
    CHECK(refused->state == TokenMoveState::refused);
    CHECK(refused->exit_code == 4);
    CHECK(refused->why.find("the package's to change") != std::string::npos);
    CHECK(content_of(world.tree.at(packaged)) == unit_before);
  }
}

TEST_CASE("a second run has nothing to do") {
  World world;
  if (world.is_missing()) return;
  CHECK(run(world.tree, Act::apply).state == TokenMoveState::moved);
  for (const Act act : {Act::plan, Act::apply}) {
    const TokenMoveRun again = run(world.tree, act);
    CHECK(again.state == TokenMoveState::already_moved);
    CHECK(again.exit_code == 0);
    CHECK(again.token_path == moved_path);
    CHECK(again.run.empty());
    CHECK(again.commands.empty());
  }
}

TEST_CASE("a unit that cloudflared did not write so is refused and stays as it is") {
  World world;
  if (world.is_missing()) return;
  std::string text = unit_before;
  text.insert(text.find("Type=notify"), "User=cloudflared\n");
  std::ofstream{world.tree.at(unit_path)} << text;
  const TokenMoveRun refused = run(world.tree, Act::apply);
  CHECK(refused.state == TokenMoveState::refused);
  CHECK(refused.exit_code == 4);
  CHECK(refused.why == unit_path + ": line 8 is not as cloudflared service install writes it");
  CHECK(refused.remedy == TokenMoveRemedy::by_hand);
  CHECK(refused.commands.empty());
  CHECK(refused.run.empty());
  CHECK(content_of(world.tree.at(unit_path)) == text);
  CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
}

TEST_CASE("a token that cloudflared could not use stays where it is") {
  // No base64, no JSON, an empty secret, no tunnel, not a token.
  for (const std::string bad :
       {"eyJhIjoi", "aW52ZW50ZWQ=",
        "eyJhIjoiOWYzYzAwMDBhYWFhMTExMWJiYmIyMjIyY2NjY2UxYjAiLCJ0IjoiNmYxYjJj"
        "M2QtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDBjMGRlIiwicyI6IiJ9",
        "eyJhIjoiaW52ZW50ZWQifQ==", "TOKEN"}) {
    CAPTURE(bad);
    World world;
    if (world.is_missing()) return;
    std::ofstream{world.tree.at(unit_path)} << unit_running("--token " + bad);
    const TokenMoveRun refused = run(world.tree, Act::apply);
    CHECK(refused.state == TokenMoveState::refused);
    CHECK(refused.why.starts_with(unit_path + ":9 holds "));
    CHECK(refused.why.find(bad) == std::string::npos);
    CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
  }
}

TEST_CASE("a service that a drop-in for all services runs as another user is refused") {
  World world;
  if (world.is_missing()) return;
  std::filesystem::create_directories(world.tree.at("/etc/systemd/system/service.d"));
  std::ofstream{world.tree.at("/etc/systemd/system/service.d/x.conf")} << "[Service]\nUser=4711\n";
  const TokenMoveRun refused = run(world.tree, Act::apply);
  CHECK(refused.state == TokenMoveState::refused);
  CHECK(refused.why ==
        "cloudflared.service runs as 4711, who could not read /etc/cloudflared/token");
}

TEST_CASE("another run that holds the lock, and a journal that is damaged, stop the move") {
  World world;
  if (world.is_missing()) return;
  {
    const auto lock = StateDirectory::locked();
    REQUIRE(lock);
    const auto barred = asked(world.tree, "cloudflared", Act::apply);
    REQUIRE_FALSE(barred);
    CHECK(barred.error().code == ENOTRECOVERABLE);
    CHECK(barred.error().what.find("another run of fix or undo") != std::string::npos);
  }
  CHECK(run(world.tree, Act::plan).state == TokenMoveState::pending);
  std::ofstream{"/var/lib/cfwarden/journal/20261122T084325Z-1.jsonl"} << "damaged\n{}\n";
  for (const Act act : {Act::plan, Act::apply}) {
    const auto barred = asked(world.tree, "cloudflared", act);
    REQUIRE_FALSE(barred);
    CHECK(barred.error().code == ENOTRECOVERABLE);
    CHECK(barred.error().what.find("20261122T084325Z-1") != std::string::npos);
  }
  CHECK(content_of(world.tree.at(unit_path)) == unit_before);
}

TEST_CASE("a run after an interrupted one completes it, and undo leads back") {
  for (const std::string step :
       {"intent", "token created", "token written", "token in place", "unit created",
        "unit written", "unit opened", "unit in place", "recorded"}) {
    CAPTURE(step);
    World world;
    if (world.is_missing()) return;
    const auto ending = in_child([&] { return run(world.tree, Act::apply, dying_at(step)), 0; });
    CHECK(ending.exit_code == 9);
    const bool is_moved = step == "unit in place" || step == "recorded";
    CHECK(run(world.tree, Act::plan).state ==
          (is_moved ? TokenMoveState::already_moved : TokenMoveState::pending));

    const TokenMoveRun next = run(world.tree, Act::apply);
    CHECK_MESSAGE(next.exit_code == 0, next.why);
    CHECK(next.continues == (step != "recorded"));
    CHECK(content_of(world.tree.at(unit_path)) == unit_after);
    CHECK(files_with_token(world.tree) == std::vector<std::string>{moved_path});
    CHECK(names_in(world.tree.at("/etc/cloudflared")).size() == 1);
    CHECK(names_in(world.tree.at("/etc/systemd/system")).size() == 2);

    take_all_back(world.tree);
    CHECK(content_of(world.tree.at(unit_path)) == unit_before);
    CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
    CHECK(names_in(world.tree.at("/etc/systemd/system")).size() == 2);
  }
}

TEST_CASE("a move that was interrupted on one root says nothing of another one") {
  World world;
  if (world.is_missing()) return;
  const auto ending =
      in_child([&] { return run(world.tree, Act::apply, dying_at("token in place")), 0; });
  CHECK(ending.exit_code == 9);
  Tree other;
  lay_out_unit(other);
  other.file(moved_path, 0, 0600, unit_token);
  const TokenMoveRun refused = run(other, Act::apply);
  CHECK(refused.state == TokenMoveState::refused);
  CHECK(refused.why == moved_path + " is there already");
  CHECK(refused.remedy == TokenMoveRemedy::compare_token_file);
}

TEST_CASE("an ordinary user is told that only root can") {
  Tree tree;
  const auto ending = in_child([&] {
    if (geteuid() == 0 && setresuid(alice, alice, alice) != 0) return 2;
    const auto refused = asked(tree, "cloudflared", Act::apply);
    return refused && refused->exit_code == 4 && refused->why.find("only root") == 0 &&
                   refused->why.ends_with("run it with sudo")
               ? 0
               : 1;
  });
  CHECK(ending.exit_code == 0);
}
