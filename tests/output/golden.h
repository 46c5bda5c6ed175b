// Golden files: what a writer wrote, kept beside its test. CFWARDEN_UPDATE_GOLDEN=1 rewrites them.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

inline void check_golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string{CFWARDEN_TEST_DIR} + "/output/golden/" + name;
  const char* update = std::getenv("CFWARDEN_UPDATE_GOLDEN");
  if (update != nullptr && std::string{update} == "1") {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << actual;
    REQUIRE_MESSAGE(file.good(), "cannot write " << path);
    return;
  }
  std::ifstream file{path, std::ios::binary};
  REQUIRE_MESSAGE(file.good(), "cannot read " << path);
  std::ostringstream expected;
  expected << file.rdbuf();
  CHECK_MESSAGE(actual == expected.str(), "differs from " << name);
}
