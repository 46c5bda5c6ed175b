// What sort of file a credential was found in, when it was found by its bytes alone: where such a
// file hands it to, and what is to be done about it.
//
// Supplies  context_of(): the first row that takes the file; the last, "other", takes every one.
// Expects   a path of the host, and as much of the beginning of its bytes as there is.
//           Archives are told by their names only: by their bytes the floor archives knows them.
// Promises  where a carrier of all_carriers() is meant, it has that carrier's name.
//
// To add a context, add its row in src/carriers/context.cc.
#pragma once

#include "cfwarden/model/context_advice.h"
#include "cfwarden/model/placement.h"

#include <span>
#include <string_view>

namespace cfwarden {

struct CarrierContext {
  std::string_view name;     // Stable: printed in reports and written in rules.
  std::string_view summary;  // One line.
  Placement placement = Placement::other;
  ContextAdvice advice = ContextAdvice::close_file;
  // Globs, with blanks between them: of the file's name, a backup's suffix taken off; of its path.
  std::string_view names;
  std::string_view paths;
  bool (*takes)(std::string_view file_name, std::string_view beginning) = nullptr;
};

std::span<const CarrierContext> all_contexts();
const CarrierContext& context_of(std::string_view path, std::string_view beginning);
// By the file's name alone.
const CarrierContext& context_of_name(std::string_view file_name);

// Whether lines mean anything in it: not with a zero byte, unless it is UTF-16.
bool holds_lines(std::string_view beginning);

}  // namespace cfwarden
