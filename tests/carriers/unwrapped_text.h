// Shows what a carrier found as lines of text, so that tests can compare it at a glance.
#pragma once

#include "cfwarden/carriers/carrier.h"

#include <string>
#include <vector>

namespace cfwarden {

inline std::string form_text(ExcerptForm form) {
  switch (form) {
    case ExcerptForm::whole_file:
      return "whole_file";
    case ExcerptForm::token_value:
      return "token_value";
    case ExcerptForm::credentials_contents:
      return "credentials_contents";
    case ExcerptForm::service_token:
      return "service_token";
    case ExcerptForm::secret_value:
      return "secret_value";
    case ExcerptForm::any_value:
      return "any_value";
  }
  return "";
}

// "carrier:line form bytes", without ":line" for a whole file.
inline std::vector<std::string> excerpts_of(const Unwrapped& unwrapped) {
  std::vector<std::string> lines;
  for (const Excerpt& excerpt : unwrapped.excerpts) {
    std::string line{excerpt.carrier};
    if (excerpt.line) line += ":" + std::to_string(*excerpt.line);
    lines.push_back(line + " " + form_text(excerpt.form) + " " +
                    std::string{excerpt.bytes.reveal()});
  }
  return lines;
}

// "key=value@line".
inline std::vector<std::string> pointers_of(const Unwrapped& unwrapped) {
  std::vector<std::string> lines;
  for (const Pointer& pointer : unwrapped.pointers) {
    lines.push_back(pointer.key + "=" + pointer.value + "@" + std::to_string(pointer.line));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace cfwarden
