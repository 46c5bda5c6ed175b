#include "cfwarden/mend/token_move_site.h"

#include "../host/in_child.h"
#include "cfwarden/mend/unit_surroundings.h"
#include "token_tree.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <functional>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

using namespace cfwarden;

namespace {

MoveLook look(const Tree& tree, HalfMoved half_moved = HalfMoved::no) {
  const auto opener = Opener::at(tree.path());
  REQUIRE(opener);
  return look_at_move(*opener, unit_path, half_moved);
}

std::string refusal(const Tree& tree, HalfMoved half_moved = HalfMoved::no) {
  const MoveLook met = look(tree, half_moved);
  const auto* refused = std::get_if<MoveRefused>(&met);
  return refused != nullptr ? refused->why : "";
}

// One entry for alice, as the kernel keeps it: version 2; owner, user, group, mask, others.
std::string acl_for_alice() {
  std::string bytes{"\x02\0\0\0", 4};
  const auto add = [&](char tag, char permissions, std::uint32_t id) {
    bytes += std::string{tag, '\0', permissions, '\0'};
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>((id >> (8 * i)) & 0xFFU);
  };
  constexpr std::uint32_t nobody_in_particular = 0xFFFFFFFF;
  add(1, 6, nobody_in_particular);
  add(2, 4, alice);
  add(4, 4, nobody_in_particular);
  add(16, 4, nobody_in_particular);
  add(32, 4, nobody_in_particular);
  return bytes;
}

void set_attribute(const std::string& path, const char* name, const std::string& value) {
  REQUIRE(setxattr(path.c_str(), name, value.data(), value.size(), 0) == 0);
}

struct Case {
  const char* what;
  std::function<void(Tree&)> arrange;
  std::string why;  // A piece of it.
};

void check_refused(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CAPTURE(one.what);
    Tree tree;
    lay_out_unit(tree);
    one.arrange(tree);
    const std::string why = refusal(tree);
    CHECK_MESSAGE(why.find(one.why) != std::string::npos, why);
    CHECK_FALSE(why.empty());
    CHECK(why.find("eyJ") == std::string::npos);
  }
}

}  // namespace

TEST_CASE("the unit as it was installed is taken, and its token found") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  const MoveLook met = look(tree);
  const auto* site = std::get_if<TokenMoveSite>(&met);
  REQUIRE(site);
  CHECK(site->command.token == unit_token);
  CHECK(site->command.line == 9);
  REQUIRE(site->token);
  CHECK_FALSE(site->token->file);
  CHECK(site->unit.file->facts.size == unit_before.size());
}

TEST_CASE("a unit that names a token file is moved already, wherever that is") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  std::ofstream{tree.at(unit_path)} << unit_running("--token-file /etc/elsewhere");
  const MoveLook met = look(tree);
  const auto* already = std::get_if<AlreadyMoved>(&met);
  REQUIRE(already);
  CHECK(already->token_path == "/etc/elsewhere");
}

TEST_CASE("a unit that others could have made, or that is not all there is, is refused") {
  if (needs_root()) return;
  const std::string unit_directory = "/etc/systemd/system";
  check_refused({
      {"another line",
       [](Tree& tree) {
         std::string text = unit_before;
         std::ofstream{tree.at(unit_path)}
             << text.replace(text.find("Type=notify"), 0, "User=cloudflared\n");
       },
       "cloudflared.service: line 8 is not as cloudflared service install writes it"},
      {"a symbolic link",
       [](Tree& tree) {
         std::filesystem::rename(tree.at(unit_path), tree.at("/etc/real.service"));
         tree.link("/etc/real.service", unit_path);
       },
       "is reached through a symbolic link: /etc/real.service"},
      {"a user's symbolic link",
       [](Tree& tree) {
         std::filesystem::rename(tree.at(unit_path), tree.at("/etc/real.service"));
         tree.link("/etc/real.service", unit_path, alice);
       },
       "is not followed"},
      {"two names",
       [](Tree& tree) {
         REQUIRE(link(tree.at(unit_path).c_str(), tree.at("/etc/second").c_str()) == 0);
       },
       "has 2 names"},
      {"of another owner",
       [](Tree& tree) { REQUIRE(chown(tree.at(unit_path).c_str(), alice, 0) == 0); },
       "belongs to uid 54321, not to root"},
      {"writable by its group",
       [](Tree& tree) { REQUIRE(chmod(tree.at(unit_path).c_str(), 0664) == 0); },
       "can be written by others than root"},
      {"writable by others",
       [](Tree& tree) { REQUIRE(chmod(tree.at(unit_path).c_str(), 0646) == 0); },
       "can be written by others than root"},
      {"special bits", [](Tree& tree) { REQUIRE(chmod(tree.at(unit_path).c_str(), 04644) == 0); },
       "has special mode bits"},
      {"an ACL",
       [](Tree& tree) {
         set_attribute(tree.at(unit_path), "system.posix_acl_access", acl_for_alice());
       },
       "cloudflared.service has an ACL"},
      {"too large",
       [](Tree& tree) {
         std::ofstream{tree.at(unit_path)} << unit_before << std::string(70'000, '\n');
       },
       "is larger than 64 KiB"},
      {"no regular file",
       [](Tree& tree) {
         REQUIRE(unlink(tree.at(unit_path).c_str()) == 0);
         REQUIRE(mkfifo(tree.at(unit_path).c_str(), 0644) == 0);
       },
       "is not a regular file"},
      {"its directory writable",
       [&](Tree& tree) { REQUIRE(chmod(tree.at(unit_directory).c_str(), 0775) == 0); },
       "/etc/systemd/system can be written by others than root"},
      {"its directory of another owner",
       [&](Tree& tree) { REQUIRE(chown(tree.at(unit_directory).c_str(), alice, 0) == 0); },
       "/etc/systemd/system belongs to uid 54321"},
      {"its directory gives files an ACL",
       [&](Tree& tree) {
         set_attribute(tree.at(unit_directory), "system.posix_acl_default", acl_for_alice());
       },
       "gives new files an ACL"},
      {"a directory above writable",
       [](Tree& tree) { REQUIRE(chmod(tree.at("/etc/systemd").c_str(), 0777) == 0); },
       "others than root can write"},
      {"a directory above is a link",
       [](Tree& tree) {
         std::filesystem::rename(tree.at("/etc/systemd"), tree.at("/etc/real"));
         tree.link("real", "/etc/systemd");
       },
       "is reached through a symbolic link: /etc/real/system"},
  });
}

TEST_CASE("extended attributes are refused, since a new file has none") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  const std::string unit = tree.at(unit_path);
  const bool is_set = setxattr(unit.c_str(), "trusted.invented", "1", 1, 0) == 0;
  if (!is_set) {
    MESSAGE("skipped: no extended attributes here");
    return;
  }
  CHECK(refusal(tree) == unit_path + " has extended attributes");
}

TEST_CASE("what else says something of the unit is refused and named") {
  if (needs_root()) return;
  const auto mkdirs = [](Tree& tree, const std::string& path) {
    std::filesystem::create_directories(tree.at(path));
  };
  std::vector<Case> cases;
  for (const std::string place :
       {"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system", "/usr/local/lib/systemd/system", "/etc/systemd/system.control",
        "/run/systemd/transient", "/run/systemd/generator.late"}) {
    const std::string drop_ins = place + "/cloudflared.service.d";
    cases.push_back({"drop-ins",
                     [=](Tree& tree) {
                       mkdirs(tree, drop_ins);
                       std::ofstream{tree.at(drop_ins + "/x.conf")} << "[Service]\nUser=a\n";
                     },
                     "it has drop-ins in " + drop_ins});
  }
  for (const std::string place :
       {"/etc/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early"}) {
    cases.push_back({"a unit that comes first",
                     [=](Tree& tree) {
                       mkdirs(tree, place);
                       std::ofstream{tree.at(place + "/cloudflared.service")} << unit_before;
                     },
                     place + "/cloudflared.service takes its place"});
  }
  cases.push_back(
      {"another name",
       [](Tree& tree) { tree.link("cloudflared.service", "/etc/systemd/system/tunnel.service"); },
       "/etc/systemd/system/tunnel.service is a symbolic link to it"});
  cases.push_back({"a link of its name to another one",
                   [=](Tree& tree) {
                     mkdirs(tree, "/etc/systemd/system/x.target.requires");
                     tree.link("/etc/systemd/system/other.service",
                               "/etc/systemd/system/x.target.requires/cloudflared.service");
                   },
                   "x.target.requires/cloudflared.service is a symbolic link to another unit"});
  check_refused(cases);
}

TEST_CASE("what says nothing of the unit is no obstacle") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  std::filesystem::create_directories(tree.at("/usr/lib/systemd/system/service.d"));
  std::filesystem::create_directories(tree.at("/usr/lib/systemd/system/other.service.d"));
  std::ofstream{tree.at("/usr/lib/systemd/system/cloudflared.service")} << "[Service]\n";
  tree.link("/usr/lib/systemd/system/other.service", "/etc/systemd/system/dbus.service");
  CHECK(refusal(tree) == "");
}

TEST_CASE("drop-ins of a dashed prefix count for a dashed name") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  tree.directory("/etc/systemd/system/cloudflared-.service.d");
  const auto opener = Opener::at(tree.path());
  REQUIRE(opener);
  CHECK(what_bears_on(*opener, "cloudflared.service") == "");
  CHECK(what_bears_on(*opener, "cloudflared-web.service") ==
        "it has drop-ins in /etc/systemd/system/cloudflared-.service.d");
}

TEST_CASE("a place for the token that others could write, or that is taken, is refused") {
  if (needs_root()) return;
  const std::string directory = "/etc/cloudflared";
  check_refused({
      {"writable", [&](Tree& tree) { REQUIRE(chmod(tree.at(directory).c_str(), 0777) == 0); },
       "/etc/cloudflared can be written by others than root"},
      {"writable by its group",
       [&](Tree& tree) { REQUIRE(chmod(tree.at(directory).c_str(), 0775) == 0); },
       "/etc/cloudflared can be written by others than root"},
      {"of another owner",
       [&](Tree& tree) { REQUIRE(chown(tree.at(directory).c_str(), alice, alice) == 0); },
       "/etc/cloudflared belongs to uid 54321"},
      {"a link",
       [&](Tree& tree) {
         std::filesystem::rename(tree.at(directory), tree.at("/etc/real"));
         tree.link("real", directory);
       },
       "/etc/cloudflared is reached through a symbolic link: /etc/real"},
      {"a user's link",
       [&](Tree& tree) {
         std::filesystem::rename(tree.at(directory), tree.at("/etc/real"));
         tree.link("real", directory, alice);
       },
       "is not followed"},
      {"a file",
       [&](Tree& tree) {
         std::filesystem::remove(tree.at(directory));
         tree.file(directory);
       },
       "/etc/cloudflared"},
      {"an ACL for new files",
       [&](Tree& tree) {
         set_attribute(tree.at(directory), "system.posix_acl_default", acl_for_alice());
       },
       "/etc/cloudflared gives new files an ACL"},
      {"another token", [](Tree& tree) { tree.file(moved_path, 0, 0600, "eyJpbnZlbnRlZCI6MX0="); },
       "/etc/cloudflared/token is there already"},
      {"the same token, that no move put there",
       [](Tree& tree) { tree.file(moved_path, 0, 0600, unit_token); },
       "/etc/cloudflared/token is there already"},
      {"a directory", [](Tree& tree) { tree.directory(moved_path); },
       "/etc/cloudflared/token is not a regular file"},
      {"a link in the token's place",
       [](Tree& tree) {
         tree.file("/etc/elsewhere", 0, 0600, unit_token);
         tree.link("/etc/elsewhere", moved_path);
       },
       "/etc/cloudflared/token is reached through a symbolic link"},
  });
}

TEST_CASE("after an interrupted move only this very token, root's alone, is taken for its own") {
  if (needs_root()) return;
  const auto with = [](const std::string& content, mode_t mode, std::uint32_t uid) {
    Tree tree;
    lay_out_unit(tree);
    tree.file(moved_path, uid, mode, content);
    return refusal(tree, HalfMoved::yes);
  };
  CHECK(with(unit_token, 0600, 0) == "");
  CHECK(with(unit_token + "\n", 0600, 0) != "");
  CHECK(with("eyJpbnZlbnRlZCI6MX0=", 0600, 0) != "");
  CHECK(with("", 0600, 0) != "");
  CHECK(with(unit_token, 0640, 0) != "");
  CHECK(with(unit_token, 0644, 0) != "");
  CHECK(with(unit_token, 0400, 0) != "");
  CHECK(with(unit_token, 0600, alice) != "");
}

TEST_CASE("what chattr or a mount keeps from being changed is refused") {
  if (needs_root()) return;
  Tree tree;
  lay_out_unit(tree);
  const std::string unit = tree.at(unit_path);
  const auto set_flags = [&](int flags) {
    const int fd = open(unit.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_set = ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
    close(fd);
    return is_set;
  };
  if (!set_flags(FS_IMMUTABLE_FL)) {
    MESSAGE("skipped: no immutable files here");
    return;
  }
  const std::string immutable = refusal(tree);
  CHECK(set_flags(FS_APPEND_FL));
  const std::string append_only = refusal(tree);
  CHECK(set_flags(0));
  CHECK(immutable == unit_path + " is immutable (chattr +i)");
  CHECK(append_only == unit_path + " is append-only (chattr +a)");
}
