// The starts of a few files that a test shows.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace cfwarden {

using DefinitionReader = void (*)(const ServiceHost& host, Starts& starts);

inline Starts starts_from(std::vector<ServiceText> texts,
                          const std::vector<DefinitionReader>& readers,
                          const Accounts& accounts = {}) {
  std::ranges::sort(texts, std::less{}, &ServiceText::path);
  Starts starts;
  for (const DefinitionReader read : readers) {
    read({.texts = texts, .accounts = &accounts}, starts);
  }
  return starts;
}

inline bool wants(const Starts& starts, const std::string& path) {
  return std::ranges::find(starts.wanted, path) != starts.wanted.end();
}

// What lies at `inside`: the path outside, "elsewhere", or "" for the image.
inline std::string mounted_at(const Start& start, const std::string& inside) {
  if (std::ranges::find(start.elsewhere, inside) != start.elsewhere.end()) return "elsewhere";
  const auto found = std::ranges::find(start.mounts, inside, &Mount::inside);
  return found == start.mounts.end() ? "" : found->outside;
}

}  // namespace cfwarden
