#include "cfwarden/mend/token_move.h"

#include "../host/in_child.h"
#include "cfwarden/mend/token_return.h"
#include "private_state.h"
#include "token_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/xattr.h>
#include <utime.h>

using namespace cfwarden;

namespace {

const std::vector<std::string> steps_out{"intent",         "token created", "token written",
                                         "token in place", "unit created",  "unit written",
                                         "unit opened",    "unit in place", "recorded"};
const std::vector<std::string> steps_back{"undoing",     "unit created",  "unit written",
                                          "unit opened", "unit in place", "token removed",
                                          "undone"};

struct World {
  PrivateState state;
  Tree tree;
  World() { lay_out_unit(tree); }
};

MoveLook look(const Tree& tree, HalfMoved half_moved = HalfMoved::no) {
  const auto opener = Opener::at(tree.path());
  REQUIRE(opener);
  return look_at_move(*opener, unit_path, half_moved);
}

JournalRun run_on(const Tree& tree) {
  struct stat root {};
  REQUIRE(stat(tree.path().c_str(), &root) == 0);
  return {.tool_version = "0.0.0",
          .user = "root",
          .euid = 0,
          .root = tree.path(),
          .root_id = {root.st_dev, root.st_ino},
          .started = 1'795'314'050};
}

Applied move_out(const Tree& tree, const AfterStep& after_step = {},
                 HalfMoved half_moved = HalfMoved::no) {
  const auto state = StateDirectory::locked();
  REQUIRE(state);
  const MoveLook met = look(tree, half_moved);
  REQUIRE(std::holds_alternative<TokenMoveSite>(met));
  Journal journal{*state, run_on(tree)};
  const Applied applied = move_token_out({.root = tree.path(),
                                          .site = std::get<TokenMoveSite>(met),
                                          .journal = journal,
                                          .after_step = after_step});
  if (!journal.name().empty()) CHECK(journal.end());
  return applied;
}

std::vector<ReadJournal> journals() {
  const auto state = StateDirectory::existing();
  REQUIRE(state);
  if (!*state) return {};
  auto all = read_journals(**state);
  REQUIRE(all);
  return *all;
}

// Every move that is not undone, newest first, as undo would.
std::vector<Applied> take_back(const Tree& tree, const AfterStep& after_step = {}) {
  const auto state = StateDirectory::locked();
  REQUIRE(state);
  std::vector<ReadJournal> all = journals();
  std::reverse(all.begin(), all.end());
  std::vector<Applied> applied;
  for (const ReadJournal& one : all) {
    for (const Recorded& recorded : one.records) {
      if (recorded.fate == Fate::undone) continue;
      auto journal = Journal::open(*state, one);
      REQUIRE(journal);
      const auto opener = Opener::at(tree.path());
      REQUIRE(opener);
      applied.push_back(take_token_back({.opener = *opener,
                                         .move = std::get<TokenMove>(recorded.what),
                                         .fate = recorded.fate,
                                         .journal = *journal,
                                         .after_step = after_step}));
    }
  }
  return applied;
}

MoveStanding standing(const Tree& tree) {
  const auto all = journals();
  REQUIRE_FALSE(all.empty());
  const Recorded& recorded = all.back().records.at(0);
  const auto opener = Opener::at(tree.path());
  REQUIRE(opener);
  return standing_of(*opener, std::get<TokenMove>(recorded.what), recorded.fate);
}

AfterStep die_at(const std::string& step) {
  return [step](std::string_view now) {
    if (now == step) _exit(9);
  };
}

void check_moved(const Tree& tree) {
  CHECK(content_of(tree.at(unit_path)) == unit_after);
  CHECK(content_of(tree.at(moved_path)) == unit_token);
  CHECK(mode_of(tree.at(moved_path)) == 0600);
  CHECK(mode_of(tree.at(unit_path)) == 0644);
  CHECK(files_with_token(tree) == std::vector<std::string>{moved_path});
}

void check_as_before(const Tree& tree) {
  CHECK(content_of(tree.at(unit_path)) == unit_before);
  CHECK(mode_of(tree.at(unit_path)) == 0644);
  CHECK(names_in(tree.at("/etc/cloudflared")).empty());
  CHECK(names_in(tree.at("/etc/systemd/system")) ==
        std::vector<std::string>{"cloudflared.service", "multi-user.target.wants"});
}

// Of the memory over /var/lib.
void fill_up() {
  const int fd = open("/var/lib/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  while (write(fd, page.data(), page.size()) > 0) {
  }
  close(fd);
}

bool all_done(const std::vector<Applied>& applied) {
  return !applied.empty() && std::all_of(applied.begin(), applied.end(), [](const Applied& one) {
    return one.outcome == Outcome::done;
  });
}

}  // namespace

TEST_CASE("a token moves into its file and back into the very bytes of its unit") {
  World world;
  if (world.state.is_missing()) return;
  std::vector<std::string> steps;
  const Applied out =
      move_out(world.tree, [&](std::string_view step) { steps.emplace_back(step); });
  CHECK_MESSAGE(out.outcome == Outcome::done, out.why);
  CHECK(steps == steps_out);
  check_moved(world.tree);
  CHECK(names_in(world.tree.at("/etc/cloudflared")) == std::vector<std::string>{"token"});
  CHECK(standing(world.tree).state == MoveStanding::State::moved);

  steps.clear();
  CHECK(all_done(take_back(world.tree, [&](std::string_view step) { steps.emplace_back(step); })));
  CHECK(steps == steps_back);
  check_as_before(world.tree);
  CHECK(take_back(world.tree).empty());
}

TEST_CASE("the unit keeps its mode, owner and label on both ways") {
  for (const unsigned mode : {0644U, 0600U, 0640U, 0400U, 0755U}) {
    CAPTURE(mode);
    World world;
    if (world.state.is_missing()) return;
    const std::string unit = world.tree.at(unit_path);
    REQUIRE(chown(unit.c_str(), 0, alice) == 0);
    REQUIRE(chmod(unit.c_str(), mode) == 0);
    const bool has_label =
        setxattr(unit.c_str(), "security.selinux", "invented_t", 10, XATTR_CREATE) == 0;
    const auto check = [&] {
      struct stat now {};
      REQUIRE(stat(unit.c_str(), &now) == 0);
      CHECK((now.st_mode & 07777U) == mode);
      CHECK(now.st_uid == 0);
      CHECK(now.st_gid == alice);
      std::string label(64, '\0');
      const ssize_t size = getxattr(unit.c_str(), "security.selinux", label.data(), label.size());
      CHECK((size == 10) == has_label);
    };
    CHECK(move_out(world.tree).outcome == Outcome::done);
    CHECK(content_of(unit) == unit_after);
    check();
    CHECK(all_done(take_back(world.tree)));
    CHECK(content_of(unit) == unit_before);
    check();
  }
}

TEST_CASE("a missing /etc/cloudflared is made as cloudflared makes it, whatever the umask") {
  World world;
  if (world.state.is_missing()) return;
  REQUIRE(rmdir(world.tree.at("/etc/cloudflared").c_str()) == 0);
  const mode_t before = umask(077);
  const Applied out = move_out(world.tree);
  umask(before);
  CHECK_MESSAGE(out.outcome == Outcome::done, out.why);
  CHECK(mode_of(world.tree.at("/etc/cloudflared")) == 0755);
  check_moved(world.tree);
  CHECK(all_done(take_back(world.tree)));
  check_as_before(world.tree);
}

TEST_CASE("a group that the directory gives its files does not get the token") {
  World world;
  if (world.state.is_missing()) return;
  REQUIRE(chown(world.tree.at("/etc/cloudflared").c_str(), 0, alice) == 0);
  REQUIRE(chmod(world.tree.at("/etc/cloudflared").c_str(), 02755) == 0);
  CHECK(move_out(world.tree).outcome == Outcome::done);
  struct stat token {};
  REQUIRE(stat(world.tree.at(moved_path).c_str(), &token) == 0);
  CHECK(token.st_gid == 0);
  CHECK((token.st_mode & 07777U) == 0600);
}

TEST_CASE("at no step is the token open to others but in the unit itself") {
  World world;
  if (world.state.is_missing()) return;
  std::size_t looks = 0;
  const auto check_closed = [&](std::string_view step) {
    CAPTURE(std::string{step});
    for (const std::string& path : files_with_token(world.tree)) {
      ++looks;
      CAPTURE(path);
      // On the way back the whole unit gets the mode that it will have a moment later.
      const bool is_unit = path == unit_path || step == "unit opened";
      if (!is_unit) CHECK((mode_of(world.tree.at(path)) & 0077U) == 0);
    }
  };
  CHECK(move_out(world.tree, check_closed).outcome == Outcome::done);
  CHECK(all_done(take_back(world.tree, check_closed)));
  CHECK(looks > 10);
}

TEST_CASE("no line of the journal holds a piece of the token") {
  World world;
  if (world.state.is_missing()) return;
  CHECK(move_out(world.tree).outcome == Outcome::done);
  CHECK(all_done(take_back(world.tree)));
  const std::string directory = "/var/lib/cfwarden/journal";
  std::string text;
  for (const std::string& name : names_in(directory)) text += content_of(directory + "/" + name);
  REQUIRE(text.find("\"moved\"") != std::string::npos);
  const std::string hidden = unit_token + " invented-secret-of-a-test-unit-move";
  for (std::size_t at = 0; at + 8 <= hidden.size(); ++at) {
    CHECK(text.find(hidden.substr(at, 8)) == std::string::npos);
  }
}

TEST_CASE("after a crash at any step undo leads back to where it began") {
  for (const std::string& step : steps_out) {
    CAPTURE(step);
    World world;
    if (world.state.is_missing()) return;
    CHECK(in_child([&] { return move_out(world.tree, die_at(step)), 0; }).exit_code == 9);
    CHECK(all_done(take_back(world.tree)));
    check_as_before(world.tree);
    for (const ReadJournal& one : journals()) CHECK(one.is_undone());
  }
}

TEST_CASE("after a crash at any step the next run removes what is left and completes the move") {
  for (const std::string& step : steps_out) {
    CAPTURE(step);
    World world;
    if (world.state.is_missing()) return;
    CHECK(in_child([&] { return move_out(world.tree, die_at(step)), 0; }).exit_code == 9);
    const Recorded recorded = journals().at(0).records.at(0);
    const auto move = std::get<TokenMove>(recorded.what);
    const bool is_moved = step == "unit in place" || step == "recorded";
    CHECK(is_unfinished(recorded) == (step != "recorded"));
    {
      const auto opener = Opener::at(world.tree.path());
      REQUIRE(opener);
      const auto removed = remove_leftovers(*opener, {move});
      const bool leaves_one = step == "token created" || step == "token written" ||
                              step == "unit created" || step == "unit written" ||
                              step == "unit opened";
      CHECK(removed.size() == (leaves_one ? 1 : 0));
      CHECK(completed_move(*opener, move, Fate::intended).has_value() == is_moved);
    }
    if (!is_moved) CHECK(move_out(world.tree, {}, HalfMoved::yes).outcome == Outcome::done);
    check_moved(world.tree);
    CHECK(all_done(take_back(world.tree)));
    check_as_before(world.tree);
  }
}

TEST_CASE("a crash at any step of the way back leaves a way back") {
  for (const std::string& step : steps_back) {
    CAPTURE(step);
    World world;
    if (world.state.is_missing()) return;
    CHECK(move_out(world.tree).outcome == Outcome::done);
    CHECK(in_child([&] { return take_back(world.tree, die_at(step)), 0; }).exit_code == 9);
    if (step == "undone") {
      CHECK(take_back(world.tree).empty());
    } else {
      CHECK(all_done(take_back(world.tree)));
    }
    check_as_before(world.tree);
  }
}

TEST_CASE("after a crash on the way back the token can be moved again") {
  for (const std::string& step : steps_back) {
    CAPTURE(step);
    World world;
    if (world.state.is_missing()) return;
    CHECK(move_out(world.tree).outcome == Outcome::done);
    CHECK(in_child([&] { return take_back(world.tree, die_at(step)), 0; }).exit_code == 9);
    {
      const auto opener = Opener::at(world.tree.path());
      REQUIRE(opener);
      (void)remove_leftovers(*opener, {std::get<TokenMove>(journals().at(0).records.at(0).what)});
    }
    const MoveLook met = look(world.tree, HalfMoved::yes);
    if (std::holds_alternative<TokenMoveSite>(met)) {
      CHECK(move_out(world.tree, {}, HalfMoved::yes).outcome == Outcome::done);
    }
    check_moved(world.tree);
    CHECK(all_done(take_back(world.tree)));
    check_as_before(world.tree);
  }
}

TEST_CASE("what was changed since is left alone") {
  struct Case {
    const char* what;
    std::function<void(const Tree&)> change;
    const char* why;
  };
  const std::vector<Case> cases{
      {"the unit's bytes",
       [](const Tree& tree) {
         std::ofstream{tree.at(unit_path), std::ios::app} << "# edited\n";
       },
       "line 15"},
      {"the unit's description",
       [](const Tree& tree) {
         std::string text = unit_after;
         std::ofstream{tree.at(unit_path)}
             << text.replace(text.find("=cloudflared"), 12, "=tunnel");
       },
       "cloudflared.service is not the file"},
      {"the unit's time",
       [](const Tree& tree) { REQUIRE(utime(tree.at(unit_path).c_str(), nullptr) == 0); },
       "cloudflared.service is not the file"},
      {"the unit's mode",
       [](const Tree& tree) { REQUIRE(chmod(tree.at(unit_path).c_str(), 0600) == 0); },
       "cloudflared.service is not the file"},
      {"the unit's inode",
       [](const Tree& tree) {
         std::filesystem::copy_file(tree.at(unit_path), tree.at("/copy"));
         std::filesystem::rename(tree.at("/copy"), tree.at(unit_path));
       },
       "cloudflared.service is not the file"},
      {"the unit is gone",
       [](const Tree& tree) { REQUIRE(unlink(tree.at(unit_path).c_str()) == 0); },
       "cloudflared.service is gone"},
      {"the token's bytes",
       [](const Tree& tree) { std::ofstream{tree.at(moved_path)} << "eyJpbnZlbnRlZCI6MX0="; },
       "token is not the file"},
      {"the token's mode",
       [](const Tree& tree) { REQUIRE(chmod(tree.at(moved_path).c_str(), 0400) == 0); },
       "token is not the file"},
      {"the token has two names",
       [](const Tree& tree) {
         REQUIRE(link(tree.at(moved_path).c_str(), tree.at("/second").c_str()) == 0);
       },
       "token has 2 names"},
      {"the token is gone",
       [](const Tree& tree) { REQUIRE(unlink(tree.at(moved_path).c_str()) == 0); },
       "token is gone"},
      {"the unit holds a token again",
       [](const Tree& tree) { std::ofstream{tree.at(unit_path)} << unit_before; },
       "holds a token again"},
      {"the directory is open",
       [](const Tree& tree) { REQUIRE(chmod(tree.at("/etc/cloudflared").c_str(), 0777) == 0); },
       "/etc/cloudflared can be written"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    World world;
    if (world.state.is_missing()) return;
    CHECK(move_out(world.tree).outcome == Outcome::done);
    one.change(world.tree);
    const std::string unit = content_of(world.tree.at(unit_path));
    const std::string token = content_of(world.tree.at(moved_path));

    CHECK(standing(world.tree).state == MoveStanding::State::changed);
    const auto applied = take_back(world.tree);
    REQUIRE(applied.size() == 1);
    CHECK(applied[0].outcome == Outcome::refused);
    CHECK_MESSAGE(applied[0].why.find(one.why) != std::string::npos, applied[0].why);
    CHECK(applied[0].why.starts_with("changed since: "));
    CHECK(applied[0].why.find("eyJ") == std::string::npos);
    CHECK(content_of(world.tree.at(unit_path)) == unit);
    CHECK(content_of(world.tree.at(moved_path)) == token);
    CHECK(journals().at(0).records.at(0).fate == Fate::left);
  }
}

TEST_CASE("a unit that changes while its token moves keeps it, and the token file goes again") {
  for (const std::string step : {"intent", "token in place", "unit opened"}) {
    CAPTURE(step);
    World world;
    if (world.state.is_missing()) return;
    const std::string edited = unit_before + "# edited\n";
    const Applied out = move_out(world.tree, [&](std::string_view now) {
      if (now == step) std::ofstream{world.tree.at(unit_path)} << edited;
    });
    CHECK(out.outcome == Outcome::refused);
    CHECK(out.why == unit_path + " changed since it was looked at");
    CHECK(content_of(world.tree.at(unit_path)) == edited);
    CHECK(names_in(world.tree.at("/etc/cloudflared")).empty());
    CHECK(names_in(world.tree.at("/etc/systemd/system")).size() == 2);
    CHECK(journals().at(0).records.at(0).fate == Fate::failed);
  }
}

TEST_CASE("a token file that appears while the token moves is not replaced") {
  World world;
  if (world.state.is_missing()) return;
  const Applied out = move_out(world.tree, [&](std::string_view now) {
    if (now == "token written") world.tree.file(moved_path, 0, 0640, "somebody else's");
  });
  CHECK(out.outcome == Outcome::refused);
  CHECK(content_of(world.tree.at(moved_path)) == "somebody else's");
  CHECK(content_of(world.tree.at(unit_path)) == unit_before);
  CHECK(names_in(world.tree.at("/etc/cloudflared")) == std::vector<std::string>{"token"});
}

TEST_CASE("without room for its journal nothing is changed") {
  World world;
  if (world.state.is_missing()) return;
  const auto state = StateDirectory::locked();
  REQUIRE(state);
  const MoveLook met = look(world.tree);
  REQUIRE(std::holds_alternative<TokenMoveSite>(met));
  fill_up();
  Journal journal{*state, run_on(world.tree)};
  const Applied out = move_token_out(
      {.root = world.tree.path(), .site = std::get<TokenMoveSite>(met), .journal = journal});
  CHECK(out.outcome == Outcome::refused);
  CHECK(out.why.starts_with("the journal cannot be written: "));
  check_as_before(world.tree);
}

TEST_CASE("an undo whose record has no room changes nothing") {
  World world;
  if (world.state.is_missing()) return;
  CHECK(move_out(world.tree).outcome == Outcome::done);
  const auto all = journals();
  const auto state = StateDirectory::locked();
  REQUIRE(state);
  auto journal = Journal::open(*state, all.at(0));
  REQUIRE(journal);
  fill_up();
  while (journal->undoing(1)) {  // Until the page that the file has is full, too.
  }
  const auto opener = Opener::at(world.tree.path());
  REQUIRE(opener);
  const Applied back = take_token_back({.opener = *opener,
                                        .move = std::get<TokenMove>(all.at(0).records.at(0).what),
                                        .fate = Fate::done,
                                        .journal = *journal});
  CHECK(back.outcome == Outcome::refused);
  CHECK(back.why.starts_with("the journal cannot be written: "));
  check_moved(world.tree);
}
