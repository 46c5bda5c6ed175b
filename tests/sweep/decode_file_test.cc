#include "cfwarden/sweep/decode_file.h"

#include "../host/tree.h"
#include "../spots/corpus.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace cfwarden {
namespace {

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

const std::string token = corpus::names().at("TOKEN");

FileFindings decoded(const HandOver& file, const DecodingEvents& events = {
                                               .keep_going = [] { return true; }, .unpacks = {}}) {
  TextStream stream{finder()};
  const Descriptor descriptor{open(file.path.c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(descriptor.is_open());
  return decode_file(stream, descriptor.get(), file, events);
}

using Strings = std::vector<std::string>;

// "member:line carrier" of each, in order.
Strings told(const FileFindings& findings) {
  Strings all;
  for (const FoundCredential& found : findings.found) {
    std::string words = found.member + ":";
    words += found.line ? std::to_string(*found.line) : "-";
    words += ' ';
    words += found.carrier;
    all.push_back(words);
  }
  return all;
}

Strings fingerprints(const FileFindings& findings) {
  Strings all;
  for (const FoundCredential& found : findings.found) all.push_back(found.credential.fingerprint);
  return all;
}

Strings misses(const FileFindings& findings) {
  Strings all;
  for (const FileFindings::Miss& miss : findings.misses)
    all.push_back(miss.member + ": " + miss.why);
  return all;
}

void run(const std::string& command) {
  REQUIRE(std::system(command.c_str()) == 0);
}

TEST_CASE("a plain file tells its credentials with line and carrier") {
  Tree tree;
  const std::string path = tree.file("/.bash_history", 0, 0600, "ls\ncloudflared --token " + token);
  const FileFindings findings = decoded({.path = path});
  CHECK(told(findings) == Strings{":2 shell-history"});
  CHECK(misses(findings).empty());
}

TEST_CASE("an empty file, and one that only looks as if it held something, tell nothing") {
  Tree tree;
  CHECK(told(decoded({.path = tree.file("/empty", 0, 0600, "")})).empty());
  CHECK(told(decoded({.path = tree.file("/cut", 0, 0600, token.substr(0, 60))})).empty());
}

TEST_CASE("text behind a gigabyte of holes is found at once, and what is before it, too") {
  Tree tree;
  const std::string path = tree.file("/sparse", 0, 0600, "TUNNEL_TOKEN=" + token + "\n");
  const Descriptor file{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  const std::string other = corpus::names().at("CREDENTIALS");
  constexpr off_t far = off_t{1} << 30;
  REQUIRE(pwrite(file.get(), other.data(), other.size(), far) ==
          static_cast<ssize_t>(other.size()));
  REQUIRE(ftruncate(file.get(), 4 * far) == 0);
  const auto begin = std::chrono::steady_clock::now();
  const FileFindings findings = decoded({.path = path});
  CHECK(told(findings).size() == 2);
  CHECK(misses(findings).empty());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}

TEST_CASE("each shape of the corpus is found behind a gigabyte of holes") {
  Tree tree;
  constexpr off_t far = off_t{1} << 30;
  for (const corpus::Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const FileFindings alone = decoded({.path = tree.file("/alone", 0, 0600, shape.text)});
    const std::string path = tree.file("/sparse", 0, 0600, "");
    const Descriptor file{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    REQUIRE(pwrite(file.get(), shape.text.data(), shape.text.size(), far) ==
            static_cast<ssize_t>(shape.text.size()));
    const FileFindings behind = decoded({.path = path});
    CHECK_FALSE(alone.found.empty());
    CHECK(fingerprints(behind) == fingerprints(alone));
    CHECK(misses(behind).empty());
  }
}

TEST_CASE("arguments of a process are read to their end, whatever their size is said to be") {
  Tree tree;
  const std::string zero(1, '\0');
  const std::string path = tree.file("/cmdline", 0, 0600, "--token" + zero + token + zero);
  const FileFindings findings = decoded({.path = path, .size = 0, .is_process = true});
  CHECK(told(findings).size() == 1);
  CHECK_FALSE(findings.found.at(0).line);
}

TEST_CASE("the arguments of a real process are found") {
  const std::string path = "/proc/self/cmdline";
  CHECK(misses(decoded({.path = path, .is_process = true})).empty());
}

TEST_CASE("a file that runs out of time tells what it found so far, and that there is more") {
  Tree tree;
  const std::string text = token + "\n" + std::string(1 << 20, '.');
  const std::string path = tree.file("/slow", 0, 0600, text);
  int asked = 0;
  const FileFindings findings =
      decoded({.path = path}, {.keep_going = [&asked] { return ++asked < 3; }, .unpacks = {}});
  CHECK(told(findings).size() == 1);
  CHECK(misses(findings) == Strings{": takes too long to search: not all was looked at"});
}

TEST_CASE("what cannot be read is a miss") {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  const Descriptor reading{ends[0]};
  const Descriptor writing{ends[1]};
  TextStream stream{finder()};
  const HandOver file{.path = "/srv/x"};
  const FileFindings findings =
      decode_file(stream, reading.get(), file, {.keep_going = [] { return true; }, .unpacks = {}});
  CHECK(misses(findings) == Strings{": cannot be read: illegal seek"});
}

TEST_CASE("a compressed log is told as one member, by the log's own name and place") {
  Tree tree;
  run("mkdir " + tree.at("/logs"));
  const std::string log = tree.file("/logs/app.2", 0, 0600, "one\ntwo " + token + "\n");
  run("gzip " + log);
  CHECK(told(decoded({.path = log + ".gz"})) == Strings{"app.2:2 log"});
}

TEST_CASE("a tar tells its members only, though their bytes stand in it as they are") {
  Tree tree;
  tree.directory("/etc");
  tree.directory("/etc/default");
  tree.file("/etc/default/cloudflared", 0, 0644, "A=1\nB=" + token + "\n");
  tree.file("/etc/other", 0, 0644, "x\n");
  run("tar -C " + tree.path() + " -cf " + tree.at("/backup.tar") + " ./etc");
  run("tar -C " + tree.path() + " -czf " + tree.at("/backup.tar.gz") + " ./etc");
  for (const char* name : {"/backup.tar", "/backup.tar.gz"}) {
    CAPTURE(name);
    const FileFindings findings = decoded({.path = tree.at(name)});
    CHECK(told(findings) == Strings{"./etc/default/cloudflared:2 env-file"});
    CHECK(misses(findings).empty());
  }
}

TEST_CASE("what stands beside the content of an archive is told of the file, without a line") {
  Tree tree;
  const std::string zeros(8, '\0');
  const std::string zero(1, '\0');
  const std::string token_line = "TUNNEL_TOKEN=" + token + "\n";
  const std::string comment =
      "\x1f\x8b\x08\x10" + zeros.substr(2) + token_line + zero + "\x03" + zero + zeros;
  tree.file("/comment.gz", 0, 0600, comment);
  tree.file("/text", 0, 0600, token_line);
  tree.file("/nothing", 0, 0600, "nothing\n");
  const std::string here = "cd " + tree.path() + " && ";
  for (const char* tool : {"gzip", "bzip2"}) {
    const std::string name = std::string{" behind."} + tool;
    run(here + "(" + tool + " -c < /dev/null; cat text) >" + name);
    run(here + "(" + tool + " -c < nothing; cat text) > full." + tool);
  }
  run(here + "(tar -cf - nothing; cat text) > behind.tar");
  run(here + "tar --format=pax --pax-option=comment:=$(cat text) -cf header.tar nothing");
  for (const char* name : {"/comment.gz", "/behind.gzip", "/full.gzip", "/behind.bzip2",
                           "/full.bzip2", "/behind.tar", "/header.tar"}) {
    CAPTURE(name);
    const FileFindings findings = decoded({.path = tree.at(name)});
    REQUIRE(findings.found.size() == 1);
    CHECK(findings.found[0].member.empty());
    if (std::string_view{name} != "/behind.bzip2") CHECK_FALSE(findings.found[0].line);
  }
}

TEST_CASE("a file that only begins like an archive is searched as it is") {
  Tree tree;
  const std::string zip = "PK\x03\x04 and no more of a zip, but\nTUNNEL_TOKEN=" + token + "\n";
  CHECK(told(decoded({.path = tree.file("/x.zip", 0, 0600, zip)})).size() == 1);
  const std::string gzip = "\x1f\x8b and no more of gzip, but\nTUNNEL_TOKEN=" + token + "\n";
  CHECK(told(decoded({.path = tree.file("/x.gz", 0, 0600, gzip)})).size() == 1);
}

TEST_CASE("a compressed file that breaks off tells what came out before, and that it breaks off") {
  Tree tree;
  std::string text = token + "\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
  const std::string path = tree.file("/app.log", 0, 0600, text);
  run("gzip " + path);
  REQUIRE(truncate((path + ".gz").c_str(), 100'000) == 0);
  const FileFindings findings = decoded({.path = path + ".gz"});
  CHECK(told(findings) == Strings{"app.log:1 log"});
  CHECK(misses(findings).size() == 1);
}

TEST_CASE("more credentials than a file may tell are left out once, and said to be") {
  Tree tree;
  tree.directory("/d");
  for (int file = 0; file < 3; ++file) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      const std::string secret = "INVENTED-" + std::to_string(file) + "-" + std::to_string(i);
      text += base64_of(corpus::token_json(secret)) + "\n";
    }
    tree.file("/d/" + std::to_string(file), 0, 0600, text);
  }
  run("tar -C " + tree.path() + " -cf " + tree.at("/many.tar") + " d");
  const FileFindings findings = decoded({.path = tree.at("/many.tar")});
  CHECK(findings.found.size() == most_found_in_file);
  CHECK(misses(findings) == Strings{": holds 344 more credentials than are told"});
}

}  // namespace
}  // namespace cfwarden
