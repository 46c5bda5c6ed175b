// What whoever finds a damaged credential would try before giving up on it.
//
// Promises  work and results are linear in the input; secrets stay in Secret.
#pragma once

#include "cfwarden/base/secret.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

// The text with UTF-16, a byte order mark, NULs, percent encoding and backslash escapes undone. A
// copy only where there is something to undo, else a view of `bytes`, which must outlive it.
class PlainText {
 public:
  explicit PlainText(std::string_view bytes);
  PlainText(PlainText&&) = delete;
  std::string_view reveal() const { return text_; }
  std::size_t line_of(std::size_t offset) const;  // In `bytes`, 1-based. Linear in them.

 private:
  std::string_view bytes_;
  Secret undone_;
  std::string_view text_;
};

// Without blanks, quotes, brackets and separators at both ends.
std::string_view unquoted(std::string_view text);

enum class LineBreaks { end_a_run, ignored };

// Maximal runs of base64 letters of either alphabet, without their padding, of at least `least`
// bytes, that begin as base64 of a JSON object does (ey, ew) or of PEM (LS0t), or as base64 of such
// base64 (ZX, Wl, TFMw).
std::vector<std::string_view> promising_runs(std::string_view text, std::size_t least,
                                             LineBreaks breaks = LineBreaks::end_a_run);

// The offset of an ASCII word in whatever case; npos when it does not occur.
std::size_t find_folded(std::string_view text, std::string_view lower_case_word);

}  // namespace cfwarden
