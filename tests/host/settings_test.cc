#include "cfwarden/host/settings.h"

#include <doctest/doctest.h>

#include <sched.h>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cfwarden;

namespace {

using Lines = std::vector<std::string>;

class Directory {
 public:
  Directory() { REQUIRE(mkdtemp(path_.data()) != nullptr); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { (void)std::system(("rm -rf '" + path_ + "'").c_str()); }

  const std::string& path() const { return path_; }
  std::string file(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    const std::string path = path_ + "/" + name;
    std::ofstream{path} << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path;
  }

 private:
  std::string path_ = "/tmp/cfwarden-test-XXXXXX";
};

// What `tell` says in a process of its own that sees an empty /etc and may become somebody else.
// "" where this is not allowed.
std::string told_with_empty_etc(const std::function<std::string()>& tell) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool ready = unshare(CLONE_NEWNS) == 0 &&
                       mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       mount("tmpfs", "/etc", "tmpfs", 0, "mode=0755") == 0;
    const std::string told = ready ? tell() : "";
    (void)!write(ends[1], told.data(), told.size());
    _exit(0);
  }
  close(ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  if (told.empty()) MESSAGE("not run: no mount namespaces here");
  return told;
}

void write_file(const char* path, std::string_view text, mode_t mode) {
  std::ofstream{path} << text;
  (void)chmod(path, mode);
}

std::string told(const Result<Settings>& settings) {
  if (!settings) return "error: " + settings.error().what;
  std::string text = "file=" + settings->file + " fail_on=" + settings->fail_on;
  for (const std::string& place : settings->places) text += " place=" + place;
  return text;
}

std::string told(const Result<Secret>& key) {
  return key ? "key of " + std::to_string(key->size()) : "error: " + key.error().what;
}

}  // namespace

TEST_CASE("a file of settings gives places, excludes and words") {
  const Result<Settings> settings = parse_settings(
      "# comment\n"
      "places = [\"/srv/tunnels\", \"/opt/token\"]\n"
      "excludes = [\"/mnt/**\", \"**/.git/**\"]\n"
      "fail_on = \"high\"\n"
      "color = \"never\"\n",
      "f.toml");
  REQUIRE(settings);
  CHECK(settings->places == Lines{"/srv/tunnels", "/opt/token"});
  CHECK(settings->excludes == Lines{"/mnt/**", "**/.git/**"});
  CHECK(settings->fail_on == "high");
  CHECK(settings->color == "never");
  CHECK(settings->file == "f.toml");
  CHECK(parse_settings("", "f.toml"));
}

TEST_CASE("what is wrong in the settings is named with file and line, and not quoted") {
  struct Case {
    std::string_view text, what;
  };
  for (const Case& row : {
           Case{"\nplces = []\n",
                "f.toml:2: unknown key 'plces'; allowed are places, excludes, fail_on, color, "
                "profile"},
           Case{"[section]\nx = 1\n",
                "f.toml:1: unknown key 'section'; allowed are places, excludes, fail_on, color, "
                "profile"},
           Case{"\"\\u001b\" = 1\n",
                "f.toml:1: unknown key '\\x1b'; allowed are places, excludes, fail_on, color, "
                "profile"},
           Case{"places = \"/x\"\n", "f.toml:1: places must be a list of texts"},
           Case{"places = [\n  \"/x\",\n  3\n]\n", "f.toml:3: places must be a list of texts"},
           Case{"places = [\"x\"]\n", "f.toml:1: places must be absolute paths"},
           Case{"places = [\"~/x\"]\n", "f.toml:1: places must be absolute paths"},
           Case{"places = [\"/x\\u0000y\"]\n", "f.toml:1: places must not hold NUL"},
           Case{"excludes = [\"\"]\n", "f.toml:1: excludes must not be empty"},
           Case{"fail_on = \"info\"\n",
                "f.toml:1: fail_on must be one of low, medium, high, critical"},
           Case{"fail_on = 3\n", "f.toml:1: fail_on must be one of low, medium, high, critical"},
           Case{"color = \"CANARY\"\n", "f.toml:1: color must be one of auto, always, never"},
           Case{"profile = 3\n", "f.toml:1: profile must be a text"},
           Case{"profile = \"\"\n", "f.toml:1: profile must be a text"},
           Case{"x = \nCANARY", "f.toml:1: not valid TOML"},
           Case{"places = []\nplaces = [\"CANARY\"]\n", "f.toml:2: not valid TOML"},
           Case{"places = [\"\xff\xfe\"]\n", "f.toml:1: not valid TOML"},
       }) {
    CAPTURE(row.text);
    const Result<Settings> settings = parse_settings(row.text, "f.toml");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().what == row.what);
  }
  CHECK_FALSE(parse_settings("x = " + std::string(100'000, '['), "f.toml"));
}

TEST_CASE("a named file is read when it is the caller's and closed to other writers") {
  const Directory here;
  for (const mode_t mode : {mode_t{0400}, mode_t{0600}, mode_t{0644}, mode_t{0755}}) {
    CAPTURE(mode);
    const std::string file = here.file("a.toml", "fail_on = \"low\"\n", mode);
    CHECK(told(read_settings(file)) == "file=" + file + " fail_on=low");
  }
}

TEST_CASE("a named file that others can write, or that is none, is refused") {
  const Directory here;
  for (const mode_t mode : {mode_t{0620}, mode_t{0602}, mode_t{0666}}) {
    CAPTURE(mode);
    const std::string file = here.file("a.toml", "", mode);
    CHECK(read_settings(file).error().what.find("it may be at most 0") != std::string::npos);
  }
  const std::string good = here.file("good.toml", "");
  const std::string link = here.path() + "/link.toml";
  REQUIRE(symlink(good.c_str(), link.c_str()) == 0);
  CHECK(read_settings(link).error().what ==
        link + ": is a symbolic link, which is not followed here");
  CHECK(read_settings(here.path()).error().what == here.path() + ": is not a regular file");
  const std::string fifo = here.path() + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(read_settings(fifo).error().what == fifo + ": is not a regular file");
  const Result<Settings> absent = read_settings(here.path() + "/absent");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ENOENT);
  const std::string large = here.file("large.toml", std::string(256 * 1024 + 1, '#'));
  CHECK(read_settings(large).error().what == large + ": is larger than 262144 bytes");
}

TEST_CASE("a named file of another user is refused") {
  const Directory here;
  const std::string file = here.file("a.toml", "", 0644);
  if (chown(file.c_str(), 12345, 12345) != 0) {
    MESSAGE("not run: only root can give files away");
    return;
  }
  CHECK(read_settings(file).error().what ==
        file + ": belongs to uid 12345; it must be root's or the caller's");
}

TEST_CASE("the settings of /etc are read, and their absence is fine") {
  const std::string text = told_with_empty_etc([] {
    std::string lines = told(read_settings("")) + "\n";
    (void)mkdir("/etc/cfwarden", 0755);
    lines += told(read_settings("")) + "\n";
    write_file("/etc/cfwarden/cfwarden.toml", "fail_on = \"high\"\n", 0644);
    return lines + told(read_settings("")) + "\n";
  });
  if (text.empty()) return;
  CHECK(text ==
        "file= fail_on=\n"
        "file= fail_on=\n"
        "file=/etc/cfwarden/cfwarden.toml fail_on=high\n");
}

TEST_CASE("loose or linked directories above /etc's settings make them refused") {
  const std::string text = told_with_empty_etc([] {
    (void)mkdir("/etc/real", 0755);
    write_file("/etc/real/cfwarden.toml", "", 0644);
    (void)symlink("/etc/real", "/etc/cfwarden");
    std::string lines = told(read_settings("")) + "\n";
    (void)unlink("/etc/cfwarden");
    (void)rename("/etc/real", "/etc/cfwarden");
    (void)chmod("/etc/cfwarden", 0775);
    lines += told(read_settings("")) + "\n";
    (void)chmod("/etc/cfwarden", 0755);
    (void)chmod("/etc", 0777);
    lines += told(read_settings("")) + "\n";
    (void)chmod("/etc", 0755);
    (void)chown("/etc/cfwarden", 12345, 0);
    return lines + told(read_settings("")) + "\n";
  });
  if (text.empty()) return;
  CHECK(text ==
        "error: /etc/cfwarden: is no directory, or a symbolic link, which is not followed here\n"
        "error: /etc/cfwarden: is 0775; it may be at most 0755\n"
        "error: /etc: is 0777; it may be at most 0755\n"
        "error: /etc/cfwarden: belongs to uid 12345; it must be root's or the caller's\n");
}

TEST_CASE("an ordinary user's own settings are laid over those of /etc, never root's") {
  const std::string text = told_with_empty_etc([] {
    (void)mkdir("/etc/cfwarden", 0755);
    write_file("/etc/cfwarden/cfwarden.toml", "places = [\"/a\"]\nfail_on = \"high\"\n", 0644);
    (void)mkdir("/etc/home", 0755);
    (void)mkdir("/etc/home/.config", 0755);
    (void)mkdir("/etc/home/.config/cfwarden", 0755);
    write_file("/etc/home/.config/cfwarden/cfwarden.toml", "places = [\"/b\"]\n", 0644);
    (void)mkdir("/etc/xdg", 0755);
    (void)mkdir("/etc/xdg/cfwarden", 0755);
    write_file("/etc/xdg/cfwarden/cfwarden.toml", "fail_on = \"low\"\n", 0644);
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)setenv("HOME", "/etc/home", 1);
    std::string lines = told(read_settings("")) + "\n";
    if (setresuid(12345, 12345, 12345) != 0) return std::string{"no setresuid"};
    lines += told(read_settings("")) + "\n";
    (void)setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
    lines += told(read_settings("")) + "\n";
    (void)setenv("XDG_CONFIG_HOME", "relative", 1);
    (void)setenv("HOME", "/nonexistent", 1);
    return lines + told(read_settings("")) + "\n";
  });
  if (text.empty()) return;
  CHECK(text ==
        "file=/etc/cfwarden/cfwarden.toml fail_on=high place=/a\n"
        "file=/etc/home/.config/cfwarden/cfwarden.toml fail_on=high place=/a place=/b\n"
        "file=/etc/xdg/cfwarden/cfwarden.toml fail_on=low place=/a\n"
        "file=/etc/cfwarden/cfwarden.toml fail_on=high place=/a\n");
}

TEST_CASE("what only root may read in /etc is passed over for others and read by root") {
  const std::string text = told_with_empty_etc([] {
    (void)mkdir("/etc/cfwarden", 0700);
    write_file("/etc/cfwarden/cfwarden.toml", "fail_on = \"high\"\n", 0600);
    write_file("/etc/cfwarden/fingerprint.key", "made up, 16 long", 0600);
    std::string lines = told(read_settings("")) + "\n" + told(read_fingerprint_key()) + "\n";
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("HOME");
    if (setresuid(12345, 12345, 12345) != 0) return std::string{"no setresuid"};
    lines += told(read_settings("")) + "\n" + told(read_fingerprint_key()) + "\n";
    return lines + (read_rule_files("") ? "no rules\n" : "error\n");
  });
  if (text.empty()) return;
  CHECK(text ==
        "file=/etc/cfwarden/cfwarden.toml fail_on=high\nkey of 16\n"
        "file= fail_on=\nkey of 0\nno rules\n");
}

TEST_CASE("the fingerprint key must be long enough and closed to everybody else") {
  const std::string text = told_with_empty_etc([] {
    std::string lines = told(read_fingerprint_key()) + "\n";
    (void)mkdir("/etc/cfwarden", 0755);
    constexpr const char* key = "/etc/cfwarden/fingerprint.key";
    write_file(key, "made up, 16 long\n", 0600);
    lines += told(read_fingerprint_key()) + "\n";
    write_file(key, "made up, 16 long\n", 0640);
    lines += told(read_fingerprint_key()) + "\n";
    write_file(key, "made up too few", 0400);
    lines += told(read_fingerprint_key()) + "\n";
    write_file(key, std::string(4097, 'x'), 0400);
    return lines + told(read_fingerprint_key()) + "\n";
  });
  if (text.empty()) return;
  CHECK(text ==
        "key of 0\n"
        "key of 17\n"
        "error: /etc/cfwarden/fingerprint.key: is 0640; it may be at most 0600\n"
        "error: /etc/cfwarden/fingerprint.key: holds fewer than 16 bytes\n"
        "error: /etc/cfwarden/fingerprint.key: is larger than 4096 bytes\n");
}

TEST_CASE("rule files are the visible *.json of a directory, sorted by name") {
  const Directory here;
  here.file("b.json", "{\"b\": 1}");
  here.file("a.json", "{\"a\": 1}");
  here.file(".hidden.json", "{}");
  here.file("README.md", "text");
  here.file("a.json.bak", "{}");
  const auto files = read_rule_files(here.path());
  REQUIRE(files);
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].file == here.path() + "/a.json");
  CHECK((*files)[0].bytes == "{\"a\": 1}");
  CHECK((*files)[1].file == here.path() + "/b.json");
}

TEST_CASE("loose permissions, links and an absent directory are refused for rules") {
  const Directory here;
  const std::string file = here.file("a.json", "{}", 0664);
  CHECK(read_rule_files(here.path()).error().what == file + ": is 0664; it may be at most 0644");
  REQUIRE(chmod(file.c_str(), 0644) == 0);
  CHECK(read_rule_files(here.path()));
  REQUIRE(chmod(here.path().c_str(), 0777) == 0);
  CHECK(read_rule_files(here.path()).error().what ==
        here.path() + ": is 0777; it may be at most 0755");
  REQUIRE(chmod(here.path().c_str(), 0700) == 0);
  REQUIRE(rename(file.c_str(), (here.path() + "/target").c_str()) == 0);
  REQUIRE(symlink("target", file.c_str()) == 0);
  CHECK(read_rule_files(here.path()).error().what ==
        file + ": is a symbolic link, which is not followed here");
  CHECK(read_rule_files(here.path() + "/absent").error().code == ENOENT);
  CHECK(read_rule_files(here.path() + "/target").error().what ==
        here.path() + "/target: is not a directory");
}

TEST_CASE("rules.d of /etc may be absent, and a link in its place is refused") {
  const std::string text = told_with_empty_etc([] {
    std::string lines = read_rule_files("") ? "none\n" : "error\n";
    (void)mkdir("/etc/cfwarden", 0755);
    (void)mkdir("/etc/cfwarden/rules.d", 0755);
    write_file("/etc/cfwarden/rules.d/x.json", "{}", 0644);
    const auto files = read_rule_files("");
    lines += (files && files->size() == 1 ? (*files)[0].file : "error") + "\n";
    (void)rename("/etc/cfwarden/rules.d", "/etc/cfwarden/elsewhere");
    (void)symlink("elsewhere", "/etc/cfwarden/rules.d");
    const auto linked = read_rule_files("");
    return lines + (linked ? "read" : linked.error().what) + "\n";
  });
  if (text.empty()) return;
  CHECK(text ==
        "none\n"
        "/etc/cfwarden/rules.d/x.json\n"
        "/etc/cfwarden/rules.d: is a symbolic link, which is not followed here\n");
}
