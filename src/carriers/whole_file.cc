#include "cfwarden/carriers/all_carriers.h"

namespace cfwarden {

bool takes_whole_file(std::string_view, std::string_view) {
  return true;
}

Unwrapped unwrap_whole_file(std::string_view, std::string_view bytes) {
  Unwrapped unwrapped;
  unwrapped.excerpts.push_back({.carrier = "whole-file",
                                .line = {},
                                .form = ExcerptForm::whole_file,
                                .placement = Placement::whole_file,
                                .bytes = Secret::copy_of(bytes)});
  return unwrapped;
}

}  // namespace cfwarden
