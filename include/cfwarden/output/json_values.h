// What JSON writers share, whatever library holds their objects.
#pragma once

#include "cfwarden/output/json_text.h"
#include "cfwarden/output/phrases.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

template <class Json>
Json json_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(json_text(text));
}

template <class Json>
Json json_or_null(const std::optional<std::size_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

template <class Json>
Json json_of_time(const std::optional<std::int64_t>& seconds) {
  return json_or_null<Json>(seconds ? utc_text(*seconds) : std::string{});
}

template <class Json>
Json json_of_texts(const std::vector<std::string>& lines) {
  Json array = Json::array();
  for (const std::string& line : lines) array.push_back(json_text(line));
  return array;
}

template <class Json, class Values, class ObjectOf>
Json json_of_all(const Values& values, ObjectOf object_of) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(object_of(value));
  return array;
}

// `path`, and beside one that is not UTF-8 its bytes.
template <class Json>
void put_path(Json& object, const std::string& path) {
  object["path"] = json_text(path);
  if (auto bytes = untold_bytes(path)) object["path_b64"] = std::move(*bytes);
}

}  // namespace cfwarden
