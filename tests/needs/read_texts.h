// Definitions as one source is given them, for the tests of sources.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using Source = void (*)(const cfwarden::ServiceHost& host, cfwarden::Starts& starts);

cfwarden::Starts read_by(Source source, std::vector<cfwarden::ServiceText> texts) {
  std::ranges::sort(texts, {}, &cfwarden::ServiceText::path);
  cfwarden::Starts starts;
  source({.texts = texts}, starts);
  return starts;
}

[[maybe_unused]] cfwarden::ServiceText symbolic_link(const std::string& path,
                                                     const std::string& target) {
  return {.path = path, .text = {}, .link_target = target};
}

}  // namespace
