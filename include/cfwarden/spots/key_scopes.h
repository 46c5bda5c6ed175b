// What belongs together in a document of whatever syntax: what stands in one pair of braces, or on
// lines of one indentation.
//
// Expects   take() for every byte in order, but for those of names behind their first; current()
//           and mark_tunnel() speak of the byte last taken.
// Promises  only scopes that were asked for are kept; linear in the text, and at most
//           most_open_scopes deep.
#pragma once

#include "cfwarden/spots/keyed_values.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cfwarden {

class ScopeReader {
 public:
  static constexpr std::size_t most_open_scopes = 128;

  explicit ScopeReader(std::string_view text);

  void take(std::size_t at);
  std::size_t current();
  void mark_tunnel();
  std::vector<KeyScope> all() &&;

 private:
  struct Open {
    bool is_brace = false;
    std::size_t indent = 0;
    std::size_t begin = 0;
    bool is_tunnel = false;
    std::optional<std::size_t> kept;  // Its index among the scopes.
  };

  void take_line(std::size_t at);
  void open_brace(std::size_t at);
  void close_brace(std::size_t at);
  void restart(std::size_t at);
  void push(const Open& scope);
  void pop(std::size_t at);

  std::string_view text_;
  std::vector<Open> open_;
  std::vector<KeyScope> scopes_;
  std::size_t braces_ = 0;
  std::size_t too_deep_ = 0;  // Braces that are open and not followed.
};

// Whether a type or the head of a block is that of a tunnel of Cloudflare's, as infrastructure as
// code names it.
bool names_tunnel(std::string_view type);

}  // namespace cfwarden
