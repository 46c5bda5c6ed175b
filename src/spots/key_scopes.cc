#include "cfwarden/spots/key_scopes.h"

#include <algorithm>
#include <utility>

namespace cfwarden {
namespace {

constexpr auto npos = std::string_view::npos;

char folded(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool holds_folded(std::string_view text, std::string_view lower_case_word) {
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                     [](char a, char b) { return folded(a) == b; }) != text.end();
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

}  // namespace

bool names_tunnel(std::string_view type) {
  return holds_folded(type, "tunnel") &&
         (holds_folded(type, "cloudflare") || holds_folded(type, "argo"));
}

ScopeReader::ScopeReader(std::string_view text) : text_{text} {
  scopes_.push_back({.begin = 0, .end = text.size()});
  open_.push_back({.is_brace = false, .kept = 0});
}

void ScopeReader::take(std::size_t at) {
  if (at == 0 || text_[at - 1] == '\n') take_line(at);
  if (text_[at] == '{') open_brace(at);
  if (text_[at] == '}') close_brace(at);
}

std::size_t ScopeReader::current() {
  std::size_t outer = 0;
  for (Open& open : open_) {
    if (!open.kept) {
      open.kept = scopes_.size();
      scopes_.push_back({.begin = open.begin, .end = text_.size(), .outer = outer});
    }
    scopes_[*open.kept].is_tunnel = open.is_tunnel;
    outer = *open.kept;
  }
  return outer;
}

void ScopeReader::mark_tunnel() {
  open_.back().is_tunnel = true;
  if (open_.back().kept) scopes_[*open_.back().kept].is_tunnel = true;
}

std::vector<KeyScope> ScopeReader::all() && {
  return std::move(scopes_);
}

// Between braces the indentation says nothing.
void ScopeReader::take_line(std::size_t at) {
  if (open_.back().is_brace) return;
  const std::string_view line = text_.substr(at);
  if (line.starts_with("---") && (line.size() == 3 || line.find_first_of(" \r\n") == 3)) {
    return restart(at);
  }
  const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
  if (indent == line.size() || line[indent] == '\n' || line[indent] == '\r' ||
      line[indent] == '#') {
    return;
  }
  if (indent == 0 && line[0] == '[') return restart(at);  // A section of an INI file, or TOML.
  const bool is_item =
      line[indent] == '-' && indent + 1 < line.size() && is_blank(line[indent + 1]);
  const std::size_t key = is_item ? line.find_first_not_of("- \t", indent) : indent;
  while (open_.size() > 1 && !open_.back().is_brace && open_.back().indent > indent) pop(at);
  if (!open_.back().is_brace && open_.back().indent < key) push({.indent = key, .begin = at});
}

// A document of its own begins.
void ScopeReader::restart(std::size_t at) {
  while (open_.size() > 1) pop(at);
  push({.indent = 0, .begin = at});
}

void ScopeReader::open_brace(std::size_t at) {
  if (open_.size() == most_open_scopes) {
    ++too_deep_;
    return;
  }
  constexpr std::size_t longest_head = 160;
  const std::size_t least = at - std::min(at, longest_head);
  const std::string_view before = text_.substr(least, at - least);
  const std::size_t feed = before.find_last_of("\n{}");
  const bool is_tunnel = names_tunnel(before.substr(feed == npos ? 0 : feed + 1));
  push({.is_brace = true, .begin = at, .is_tunnel = is_tunnel});
}

void ScopeReader::close_brace(std::size_t at) {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  if (braces_ == 0) return;
  while (!open_.back().is_brace) pop(at);
  pop(at);
}

void ScopeReader::push(const Open& scope) {
  if (open_.size() == most_open_scopes) return;
  open_.push_back(scope);
  if (scope.is_brace) ++braces_;
}

void ScopeReader::pop(std::size_t at) {
  if (open_.back().kept) scopes_[*open_.back().kept].end = at;
  if (open_.back().is_brace) --braces_;
  open_.pop_back();
}

}  // namespace cfwarden
