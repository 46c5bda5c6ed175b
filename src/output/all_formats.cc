#include "cfwarden/output/all_formats.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::array formats{
    Format{"text", "for people: worst first, at most 100 columns", write_text},
    Format{"json", "for programs: one object, schema cfwarden.report/1", write_json},
};

}  // namespace

std::span<const Format> all_formats() {
  return formats;
}

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(formats, name, &Format::name);
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace cfwarden
