// An audit and a sweep judge files by different ways: examine(), by name and carriers first, and
// decode_file(), by bytes alone. Of the same bytes they have to say the same.
#include "../host/tree.h"
#include "../spots/corpus.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/examine.h"
#include "cfwarden/model/words.h"
#include "cfwarden/sweep/decode_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cfwarden {
namespace {

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

std::string told(const Credential& credential) {
  return credential.kind + " " + std::string{name_of(credential.status)} + " " +
         credential.fingerprint;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<std::string> audited(const std::string& name, const std::string& bytes) {
  std::vector<std::string> all;
  for (const Recognised& one : examine(name, bytes, {}).recognised) {
    const auto* credential = std::get_if<Credential>(&one.decoded);
    if (credential != nullptr) all.push_back(told(*credential));
  }
  return sorted(std::move(all));
}

std::vector<std::string> swept(const std::string& name, const std::string& bytes) {
  Tree tree;
  const std::string path = tree.file("/" + name, 0, 0600, bytes);
  TextStream stream{finder()};
  const Descriptor descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(descriptor.is_open());
  std::vector<std::string> all;
  for (const FoundCredential& one : decode_file(stream, descriptor.get(), {.path = path},
                                                {.keep_going = [] { return true; }, .unpacks = {}})
                                        .found) {
    all.push_back(told(one.credential));
  }
  return sorted(std::move(all));
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += one + "\n";
  return text;
}

std::string indented(const std::string& text, std::size_t columns) {
  std::string lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines += std::string(columns, ' ') + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("an audit and a sweep say the same of each shape that they know") {
  for (const corpus::Shape& shape : corpus::shapes()) {
    CAPTURE(shape.file);
    const std::string name{file_name_of(shape.path)};
    CHECK(joined(audited(name, shape.text)) == joined(swept(name, shape.text)));
  }
}

// An audit tells of such a file what it lacks, too, where nothing in it decodes.
TEST_CASE("in a file with the name of a credential an audit says all that a sweep says of it") {
  for (const char* name : {"token", "cert.pem", "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.json"}) {
    CAPTURE(name);
    for (const corpus::Shape& shape : corpus::shapes()) {
      CAPTURE(shape.file);
      const auto known = audited(name, shape.text);
      for (const std::string& one : swept(name, shape.text)) {
        CAPTURE(one);
        CHECK(std::ranges::count(known, one) == 1);
      }
    }
  }
}

TEST_CASE("a quoted token in a file of that name is damaged to both, and in any other is whole") {
  const std::string text = "\"" + corpus::names().at("TOKEN") + "\"\n";
  const std::array<std::pair<std::string, Status>, 3> files{
      {{"token", Status::damaged}, {"token.bak", Status::damaged}, {"notes.txt", Status::usable}}};
  for (const auto& file : files) {
    const std::string& name = file.first;
    CAPTURE(name);
    REQUIRE(audited(name, text).size() == 1);
    CHECK(audited(name, text) == swept(name, text));
    CHECK(audited(name, text).front().find(" " + std::string{name_of(file.second)} + " ") !=
          std::string::npos);
  }
}

// A PEM block in a text is a credential in two ways: as it stands, and as a line of base64.
TEST_CASE("a certificate in a script or a Compose file is one, and sound, to both") {
  const std::string& certificate = corpus::names().at("CERTIFICATE");
  const std::string script = "#!/bin/sh\ncat <<E\n" + certificate + "\nE\n";
  const std::string compose =
      "services:\n  a:\n    image: cloudflare/cloudflared\nconfigs:\n  cert:\n    content: |\n" +
      indented(certificate, 6);
  const std::array<std::pair<std::string, std::string>, 6> files{{{"cert.pem", script},
                                                                  {"cert.pem~", script},
                                                                  {"token", script},
                                                                  {"run.sh", script},
                                                                  {"notes.txt", script},
                                                                  {"docker-compose.yml", compose}}};
  for (const auto& file : files) {
    const std::string& name = file.first;
    const std::string& bytes = file.second;
    CAPTURE(name);
    CAPTURE(bytes);
    CHECK(examine(name, bytes, {}).recognised.size() == 1);
    CHECK(joined(audited(name, bytes)) == joined(swept(name, bytes)));
    CHECK(joined(swept(name, bytes)).find(" usable ") != std::string::npos);
  }
}

TEST_CASE("what somebody means to hand to cloudflared is damaged to it whatever it is called") {
  const std::string text = "\"" + corpus::names().at("TOKEN") + "\"\n";
  for (const char* name : {"", "token", "notes.txt"}) {
    CAPTURE(name);
    const Examination examination = examine_as_credential(name, text, {});
    REQUIRE(examination.recognised.size() == 1);
    const auto* const credential = std::get_if<Credential>(&examination.recognised[0].decoded);
    REQUIRE(credential != nullptr);
    CHECK(credential->status == Status::damaged);
  }
}

}  // namespace cfwarden
