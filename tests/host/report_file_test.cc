#include "cfwarden/host/report_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

using cfwarden::write_report_file;

namespace {

class Directory {
 public:
  Directory() { REQUIRE(mkdtemp(path_.data()) != nullptr); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { (void)std::system(("rm -rf '" + path_ + "'").c_str()); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  std::size_t entries() const {
    std::size_t count = 0;
    DIR* directory = opendir(path_.c_str());
    while (const dirent* entry = readdir(directory))
      count += entry->d_name[0] != '.' || entry->d_name[1] == 'c';
    closedir(directory);
    return count;
  }

 private:
  std::string path_ = "/tmp/cfwarden-test-XXXXXX";
};

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned mode_of(const std::string& path) {
  struct stat found {};
  REQUIRE(lstat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

}  // namespace

TEST_CASE("a report is written whole, for its owner only, and leaves nothing else behind") {
  const Directory here;
  const mode_t before = umask(0);
  const auto written = write_report_file(here / "report.json", "made up\n");
  umask(before);
  REQUIRE(written);
  CHECK(text_of(here / "report.json") == "made up\n");
  CHECK(mode_of(here / "report.json") == 0600);
  CHECK(here.entries() == 1);
}

TEST_CASE("a report that holds nothing that is not for everyone can be read by every account") {
  const Directory here;
  const mode_t before = umask(077);
  const auto written =
      write_report_file(here / "x.prom", "numbers\n", cfwarden::ReportReaders::everyone);
  umask(before);
  REQUIRE(written);
  CHECK(mode_of(here / "x.prom") == 0644);
}

TEST_CASE("an earlier report is replaced, and a hard link to it keeps the old text") {
  const Directory here;
  REQUIRE(write_report_file(here / "report", "old"));
  REQUIRE(link((here / "report").c_str(), (here / "other name").c_str()) == 0);
  REQUIRE(chmod((here / "report").c_str(), 0666) == 0);
  REQUIRE(write_report_file(here / "report", "new"));
  CHECK(text_of(here / "report") == "new");
  CHECK(mode_of(here / "report") == 0600);
  CHECK(text_of(here / "other name") == "old");
}

TEST_CASE("a symbolic link in the report's place or on the way to it is not followed") {
  const Directory here;
  REQUIRE(write_report_file(here / "victim", "precious"));
  REQUIRE(symlink("victim", (here / "link").c_str()) == 0);
  CHECK(write_report_file(here / "link", "x").error().what ==
        (here / "link") + ": is not a regular file, so it is not replaced");
  REQUIRE(symlink("nowhere", (here / "dangling").c_str()) == 0);
  CHECK_FALSE(write_report_file(here / "dangling", "x"));
  REQUIRE(mkdir((here / "real").c_str(), 0700) == 0);
  REQUIRE(symlink("real", (here / "way").c_str()) == 0);
  CHECK(write_report_file(here / "way/report", "x").error().what ==
        (here / "way") + ": is no directory, or a symbolic link to one; name it directly");
  CHECK(text_of(here / "victim") == "precious");
  CHECK(access((here / "real/report").c_str(), F_OK) != 0);
  CHECK(access((here / "nowhere").c_str(), F_OK) != 0);
  CHECK(here.entries() == 5);
}

TEST_CASE("devices, FIFOs and directories are not replaced") {
  const Directory here;
  REQUIRE(mkfifo((here / "fifo").c_str(), 0600) == 0);
  REQUIRE(mkdir((here / "directory").c_str(), 0700) == 0);
  for (const std::string& path : {here / "fifo", here / "directory", here / "directory/",
                                  here / ".", here / "..", std::string{"/dev/null"}}) {
    CAPTURE(path);
    CHECK_FALSE(write_report_file(path, "x"));
  }
  struct stat null {};
  REQUIRE(stat("/dev/null", &null) == 0);
  CHECK(S_ISCHR(null.st_mode));
  CHECK(here.entries() == 2);
}

TEST_CASE("what cannot be written is an error that names the file") {
  const Directory here;
  CHECK(write_report_file(here / "absent/report", "x").error().what ==
        (here / "absent/") + ": open: no such file or directory");
  CHECK(write_report_file(here / std::string(300, 'x'), "x").error().code == ENAMETOOLONG);
  CHECK_FALSE(write_report_file("", "x"));
}

TEST_CASE("that a report cannot be written is told before there is one, and nothing is written") {
  const Directory directory;
  CHECK(cfwarden::can_write_report_file(directory / "report.json"));
  CHECK(directory.entries() == 0);
  CHECK_FALSE(cfwarden::can_write_report_file(directory / "nowhere/report.json"));
  CHECK_FALSE(cfwarden::can_write_report_file("/dev/null"));
  CHECK_FALSE(cfwarden::can_write_report_file(directory.path() + "/"));
}

TEST_CASE("a report that does not fit leaves the earlier one, and no rest of the new") {
  const Directory here;
  REQUIRE(write_report_file(here / "report", "old"));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 4096, .rlim_max = 4096};
    if (setrlimit(RLIMIT_FSIZE, &small) != 0) _exit(2);
    _exit(write_report_file(here / "report", std::string(10'000, 'x')) ? 1 : 0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(text_of(here / "report") == "old");
  CHECK(here.entries() == 1);
}

TEST_CASE("a relative path is taken from the working directory") {
  const Directory here;
  const std::string before = [] {
    char* name = getcwd(nullptr, 0);
    std::string text = name;
    std::free(name);
    return text;
  }();
  REQUIRE(chdir(here.path().c_str()) == 0);
  const auto written = write_report_file("report", "made up");
  REQUIRE(chdir(before.c_str()) == 0);
  REQUIRE(written);
  CHECK(text_of(here / "report") == "made up");
}

TEST_CASE("what is not to be replaced is refused where there is something, and left as it is") {
  const Directory directory;
  const std::string path = directory / "one.json";
  using cfwarden::IfThere;
  using cfwarden::ReportReaders;
  REQUIRE(write_report_file(path, "first", ReportReaders::everyone, IfThere::refused));
  const auto again = write_report_file(path, "second", ReportReaders::everyone, IfThere::refused);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == EEXIST);
  CHECK(text_of(path) == "first");
  CHECK(mode_of(path) == 0644);
  CHECK(directory.entries() == 1);
}
